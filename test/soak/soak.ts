import { setTimeout as after } from 'node:timers/promises';
import { type Checked, check } from './check.ts';
import { startConductor } from './conductor.ts';
import { dice } from './dice.ts';
import { figures } from './figures.ts';
import { type Plant, plant } from './plant.ts';
import { startSite } from './site.ts';

export interface SoakOptions {
  readonly folder: string;
  readonly benches: number;
  /** Entries of all benches together after which no more work is made. */
  readonly operations: number;
  /** Longest time of work and mischief, in minutes. */
  readonly minutes: number;
  readonly seed: number;
  /** Damage to be found, to prove that the checker finds any. */
  readonly plant: Plant | null;
  /** Told how things stand, once a minute. */
  report(line: object): void;
}

export interface Soaked extends Checked {
  /** How things stood when the mischief ended. */
  readonly last: object;
  /** From the end of the mischief until everybody had sent and read everything, in seconds. */
  readonly settledAfterS: number;
}

const REPORT_MS = 60_000;
/** By how much more than its share a bench may make: nobody is waited for that was killed more often. */
const UNEVEN = 1.25;

/**
 * Real benches, a real hub and its PostgreSQL work and exchange over a bad network while each of them is killed again
 * and again; then all is healed, and every operation of every side is checked. Rejects when something happens that no
 * kill and no cut explains.
 */
export async function soak(options: SoakOptions): Promise<Soaked> {
  const { folder, benches, operations, minutes, seed, report } = options;
  const enough = Math.ceil((operations / benches) * UNEVEN);
  const site = await startSite({ folder, benches, seed, enough });
  let reporting: NodeJS.Timeout | undefined;
  try {
    const startedAt = performance.now();
    const conductor = startConductor(site, dice(seed + 1));
    for (const bench of site.benches) bench.work();
    reporting = setInterval(() => report(figures(site, conductor, startedAt)), REPORT_MS);
    const over = new AbortController();
    try {
      const late = after(minutes * 60_000, undefined, { signal: over.signal });
      await Promise.race([site.reach(operations), late, conductor.failed]);
    } finally {
      over.abort();
      await conductor.stop();
    }
    const last = figures(site, conductor, startedAt);
    report({ healed: 'from here on', ...last });
    const healedAt = performance.now();
    const ended = await site.settle();
    const settledAfterS = (performance.now() - healedAt) / 1000;
    const database = site.hub.openDatabase();
    try {
      if (options.plant) await plant(database, options.plant);
      return { ...(await check(database, site.hub.data, ended)), last, settledAfterS };
    } finally {
      await database.end();
    }
  } finally {
    clearInterval(reporting);
    await site.close();
  }
}
