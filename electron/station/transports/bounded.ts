import type { CallOptions } from './transport.ts';

/** The longest delay that `setTimeout` takes; a longer one would fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** How a bounded wait ends; calls after the first do nothing. */
export interface Settle<T> {
  resolve(value: T): void;
  reject(reason: unknown): void;
  readonly settled: boolean;
}

/**
 * A promise that always settles: by `start`'s outcome, by the deadline, or by the signal (with its reason).
 * What `start` finishes synchronously costs no timer.
 * @param onTimeout the error to reject with at the deadline
 * @param onEnd called once however it ended, to let go of whatever `start` set up
 */
export function bounded<T>(
  options: CallOptions,
  onTimeout: () => Error,
  start: (settle: Settle<T>) => void,
  onEnd?: () => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const { signal } = options;
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    let timer: NodeJS.Timeout | undefined;
    let settled = false;
    const end = (finish: () => void) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      onEnd?.();
      finish();
    };
    const onAbort = () => end(() => reject(signal?.reason));
    start({
      resolve: (value) => end(() => resolve(value)),
      reject: (reason) => end(() => reject(reason)),
      get settled() {
        return settled;
      },
    });
    if (settled) return;
    timer = setTimeout(() => end(() => reject(onTimeout())), Math.min(options.timeoutMs, MAX_DELAY_MS));
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** Seconds for people: whole ones from ten on, else one decimal. */
export const seconds = (milliseconds: number): number =>
  milliseconds >= 10_000 ? Math.round(milliseconds / 1000) : Math.round(milliseconds / 100) / 10;
