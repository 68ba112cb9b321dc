import { setTimeout as after } from 'node:timers/promises';
import type { Dice } from './dice.ts';
import type { Site } from './site.ts';

/** What was killed, how often. */
export interface Kills {
  benches: number;
  hub: number;
  database: number;
  /** Times when nothing got through between benches and hub. */
  outages: number;
}

export interface Conductor {
  readonly kills: Readonly<Kills>;
  /** Rejects when something that was killed does not come up again. */
  readonly failed: Promise<never>;
  /** Ends the mischief; everything it killed is started again. */
  stop(): Promise<void>;
}

/** How long each kind of mischief waits for the next, in milliseconds. */
const EVERY = {
  bench: { least: 600, most: 6_000 },
  hub: { least: 5_000, most: 45_000 },
  database: { least: 5_000, most: 45_000 },
  outage: { least: 8_000, most: 60_000 },
};
/** Benches are switched off for this long now and then. */
const OFF_MS = { least: 5_000, most: 30_000 };

/** Kills benches, hub and database at moments that nobody chose, and starts them again. */
export function startConductor(site: Site, dice: Dice): Conductor {
  const kills: Kills = { benches: 0, hub: 0, database: 0, outages: 0 };
  const stopping = new AbortController();
  const { hub, proxy, benches } = site;
  const wait = (least: number, most: number) =>
    after(dice.spread(least, most), undefined, { signal: stopping.signal }).catch(() => {});

  async function again(every: { least: number; most: number }, mischief: () => Promise<void>): Promise<void> {
    for (;;) {
      await wait(every.least, every.most);
      if (stopping.signal.aborted) return;
      await mischief();
    }
  }

  async function killBench(): Promise<void> {
    const bench = dice.pick(benches);
    await bench.kill();
    kills.benches += 1;
    if (dice.chance(0.1)) {
      // While it opens.
      const starting = bench.start();
      await wait(50, 1_500);
      await bench.kill();
      await starting;
      kills.benches += 1;
    }
    if (dice.chance(0.05)) await wait(OFF_MS.least, OFF_MS.most);
    await bench.start();
  }

  async function killHub(): Promise<void> {
    await hub.kill();
    kills.hub += 1;
    if (dice.chance(0.3) && hub.killDatabase()) kills.database += 1;
    await wait(1, 3_000);
    if (dice.chance(0.15)) {
      const starting = hub.start().catch(() => {});
      await wait(50, 2_000);
      await hub.kill();
      await starting;
      kills.hub += 1;
    }
    await startHub();
  }

  /** A hub whose database is killed while it starts ends; whoever watches over it starts it again. */
  async function startHub(): Promise<void> {
    for (;;) {
      const before = kills.database;
      try {
        return await hub.start();
      } catch (error) {
        if (kills.database === before) throw error;
      }
    }
  }

  async function killDatabase(): Promise<void> {
    if (hub.killDatabase()) kills.database += 1;
  }

  async function outage(): Promise<void> {
    proxy.outage();
    kills.outages += 1;
    await wait(200, 6_000);
    proxy.mischief();
  }

  proxy.mischief();
  const all = Promise.all([
    again(EVERY.bench, killBench),
    again(EVERY.hub, killHub),
    again(EVERY.database, killDatabase),
    again(EVERY.outage, outage),
  ]);
  const failed = new Promise<never>((_, reject) => void all.catch(reject));
  // Whoever waits for something else meanwhile hears of it later.
  failed.catch(() => {});
  return {
    kills,
    failed,
    async stop() {
      stopping.abort();
      await all;
    },
  };
}
