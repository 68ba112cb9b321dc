import type { Progress } from '../../../shared/model/ports.ts';
import type { Timers } from './timers.ts';

/** Samples older than this say nothing about the rate now. */
const WINDOW_MS = 5000;
/** A rate over less than this is noise. */
const SHORTEST_MS = 500;
/** Shortest time between two events of one run. */
export const EVENT_INTERVAL_MS = 100;

interface Sample {
  readonly at: number;
  readonly done: number;
}

/**
 * Turns reports of one phase into progress with a rate and the time left, from a moving window over a
 * monotonic clock. At most one sample is kept for each event interval, so that memory stays flat.
 */
export function progressMeter(label: string, now: () => number) {
  let samples: Sample[] = [];

  return (report: { done: number; total: number | null; unit: Progress['unit'] }): Progress => {
    const at = now();
    const done = amount(report.done) ?? 0;
    const total = amount(report.total);
    const last = samples.at(-1);
    // Work that begins anew (a second pass) starts a new window.
    if (last && done < last.done) samples = [];
    samples = samples.filter((sample, index) => at - sample.at <= WINDOW_MS || index === samples.length - 1);
    if (!last || at - last.at >= EVENT_INTERVAL_MS || samples.length === 0) samples.push({ at, done });
    const first = samples[0];
    const span = first ? at - first.at : 0;
    const rate = first && span >= SHORTEST_MS ? ((done - first.done) * 1000) / span : null;
    const left = total === null || rate === null || rate <= 0 ? null : Math.max(0, total - done) / rate;
    return { label, done, total, unit: report.unit, rate, secondsLeft: left };
  };
}

/** A count that can be shown: drivers report what devices tell them. */
const amount = (value: number | null): number | null =>
  value !== null && Number.isFinite(value) && value >= 0 ? value : null;

/**
 * Lets at most one event through in each interval; the newest one that was held back follows at its end, so
 * that what is shown is never older than the interval.
 */
export function throttle(timers: Timers, now: () => number, send: () => void) {
  let lastAt = Number.NEGATIVE_INFINITY;
  let cancel: (() => void) | null = null;
  const fire = () => {
    cancel = null;
    lastAt = now();
    send();
  };
  return {
    touch(): void {
      if (cancel) return;
      const wait = lastAt + EVENT_INTERVAL_MS - now();
      if (wait <= 0) fire();
      else cancel = timers.after(wait, fire);
    },
    /** Sends now what matters at once (a question), and nothing that was held back after it. */
    flush(): void {
      cancel?.();
      fire();
    },
    stop(): void {
      cancel?.();
      cancel = null;
    },
  };
}
