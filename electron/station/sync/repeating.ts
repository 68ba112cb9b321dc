/** Pause after a failure: doubling from one second to five minutes. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 300_000;

export interface RepeatingOptions {
  /** Whoever must know of a failure has been told when it rejects. */
  work(): Promise<unknown>;
  /** Pause after it went well. */
  readonly everyMs: number;
  monotonic(): number;
  /** Whether there is anything to do at all; otherwise it rests until `soon`. */
  isWanted(): boolean;
}

/** Work done again and again, one at a time; after failures with longer and longer pauses in between. */
export function repeating({ work, everyMs, monotonic, isWanted }: RepeatingOptions) {
  let timer: NodeJS.Timeout | null = null;
  let due = Number.POSITIVE_INFINITY;
  let pause = FIRST_PAUSE_MS;
  let turn: Promise<void> = Promise.resolve();
  let closed = false;

  /** `ms` from now or earlier: what comes in between does not put it off. */
  function schedule(ms: number): void {
    const at = monotonic() + ms;
    if (closed || !isWanted() || (timer && due <= at)) return;
    if (timer) clearTimeout(timer);
    due = at;
    timer = setTimeout(() => {
      timer = null;
      turn = turn.then(once);
    }, ms);
    timer.unref();
  }

  async function once(): Promise<void> {
    if (closed || !isWanted()) return;
    try {
      await work();
      pause = FIRST_PAUSE_MS;
      schedule(everyMs);
    } catch {
      schedule(pause * (0.8 + Math.random() * 0.4));
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }

  return {
    /** There is something to do. What fails is not tried more often because much is going on, unless it is at once. */
    soon(ms: number): void {
      if (ms === 0 || pause === FIRST_PAUSE_MS) schedule(ms);
    },
    /** It gets on, whatever fails next. */
    progressed(): void {
      pause = FIRST_PAUSE_MS;
    },
    /** No more of it; resolves when what is under way has ended. */
    async close(): Promise<void> {
      closed = true;
      if (timer) clearTimeout(timer);
      await turn;
    },
  };
}
