/** A time limit that may change while it runs. */
export interface Limit {
  readonly signal: AbortSignal;
  /** How long it is, in milliseconds from its start. */
  readonly length: number;
  /** Makes it that long, from its start. */
  set(milliseconds: number): void;
  end(): void;
}

/** Starts a time limit: its signal aborts when it is over. */
export function startLimit(milliseconds: number): Limit {
  const controller = new AbortController();
  const began = performance.now();
  let length = milliseconds;
  let timer: NodeJS.Timeout | undefined;
  const arm = () => {
    clearTimeout(timer);
    timer = setTimeout(() => controller.abort(), Math.max(0, began + length - performance.now()));
  };
  arm();
  return {
    signal: controller.signal,
    get length() {
      return length;
    },
    set(changed) {
      length = changed;
      arm();
    },
    end: () => clearTimeout(timer),
  };
}
