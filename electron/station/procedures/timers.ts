/** Delays, injected so that tests can fire them by hand. */
export interface Timers {
  /** Calls `act` once after so many milliseconds; returns how to call it off. */
  after(milliseconds: number, act: () => void): () => void;
}

export const systemTimers: Timers = {
  after(milliseconds, act) {
    const timer = setTimeout(act, milliseconds);
    return () => clearTimeout(timer);
  },
};
