import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { v7 } from 'uuid';
import type { Clock } from './store.ts';

/** The machine's clock and randomness. */
export const systemClock: Clock = {
  now: () => new Date().toISOString(),
  monotonic: () => performance.now(),
  id: () => v7(),
  random: (bytes) => new Uint8Array(randomBytes(bytes)),
};
