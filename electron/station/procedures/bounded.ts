import type { BenchError } from '../../../shared/errors/index.ts';
import type { Timers } from './timers.ts';

export interface Bounds {
  readonly timers: Timers;
  /** Milliseconds; null: no limit of its own. */
  readonly timeoutMs: number | null;
  /** The error that says that it took too long. */
  readonly onTimeout: () => BenchError;
  /** Told to stop from outside: the run was aborted, say. */
  readonly parent: AbortSignal;
  /** How long work may take to stop once it was told to. */
  readonly graceMs: number;
}

/** How bounded work ended; `stopReason` is why it was told to stop, if it was. */
export type Ended<T> =
  | { readonly state: 'resolved'; readonly value: T; readonly stopReason: BenchError | null }
  | { readonly state: 'rejected'; readonly error: unknown; readonly stopReason: BenchError | null }
  /** It was told to stop and did not: whoever held something for it must let go. */
  | { readonly state: 'stuck'; readonly stopReason: BenchError };

/**
 * Lets work run until its deadline or until the parent says stop, then tells it to stop by its signal and waits
 * a little: work stops at its next safe point, nothing is torn out of its hands. Never rejects.
 */
export function runBounded<T>(work: (signal: AbortSignal) => Promise<T>, bounds: Bounds): Promise<Ended<T>> {
  const { timers, parent } = bounds;
  return new Promise((resolve) => {
    const controller = new AbortController();
    let stopReason: BenchError | null = null;
    let cancelGrace = () => {};
    const stop = (reason: BenchError) => {
      if (stopReason !== null) return;
      stopReason = reason;
      cancelGrace = timers.after(bounds.graceMs, () => end({ state: 'stuck', stopReason: reason }));
      controller.abort(reason);
    };
    const onParent = () => stop(parent.reason as BenchError);
    const cancelDeadline =
      bounds.timeoutMs === null ? () => {} : timers.after(bounds.timeoutMs, () => stop(bounds.onTimeout()));
    const end = (ended: Ended<T>) => {
      cancelDeadline();
      cancelGrace();
      parent.removeEventListener('abort', onParent);
      resolve(ended);
    };
    parent.addEventListener('abort', onParent, { once: true });
    if (parent.aborted) onParent();
    // Work that would only start after being told to stop is not started: it could be destructive.
    if (stopReason !== null) end({ state: 'rejected', error: stopReason, stopReason });
    else {
      (async () => work(controller.signal))().then(
        (value) => end({ state: 'resolved', value, stopReason }),
        (error: unknown) => end({ state: 'rejected', error, stopReason }),
      );
    }
  });
}
