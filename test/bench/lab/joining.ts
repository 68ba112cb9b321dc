import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { Site } from '../../soak/site.ts';
import { makeBench } from '../../support/bench.ts';
import { BareStation } from '../../support/hub.ts';
import { fillLog } from './history.ts';
import { watch } from './processes.ts';

/** Entries of a case: it is opened, moved, edited, and has a note. */
const OF_CASE = 4;
/** Benches that made the history. */
const AUTHORS = 8;
const LOOK_MS = 50;

export interface Joining {
  readonly cases: number;
  readonly entries: number;
  /** From the hub's start until its snapshot of the site lay there. */
  readonly 'snapshot made, s': number;
  /** From joining until the bench shows every case. */
  readonly seconds: number;
  /** What came over the wire for it. */
  readonly megabytes: number;
  readonly use: Readonly<Record<string, { readonly cpuS: number; readonly peakMiB: number }>>;
}

/** A bench joins a site that has a history, and takes it over by the hub's snapshot. */
export async function joinHistory(site: Site, cases: number): Promise<Joining> {
  const url = `http://127.0.0.1:${site.hub.port}`;
  for (let author = 1; author <= AUTHORS; author++) {
    const station = new BareStation(url, `H${author}`);
    await station.enrol(await site.code());
    fillLog(station, (cases / AUTHORS) * OF_CASE, OF_CASE);
    await station.push(0);
  }
  const database = site.hub.openDatabase();
  const { rows } = await database.query<{ n: number }>('SELECT n FROM sites');
  await database.end();
  const n = rows[0]?.n ?? 0;
  const made = await snapshotAfterStart(site);
  const bench = await makeBench('live');
  try {
    await bench.client.station.setSettings({ benchPrefix: 'NEW' });
    const before = site.proxy.answered;
    const use = watch({
      hub: { pid: site.hub.pid ?? 0, below: false },
      PostgreSQL: { pid: site.hub.databasePid() ?? 0, below: true },
      'the new bench': { pid: process.pid, below: false },
    });
    const start = performance.now();
    await bench.client.hub.enrol({ url: `http://127.0.0.1:${site.proxy.port}`, code: await site.code() });
    while (((await bench.client.hub.state())?.read ?? 0) < n) await after(LOOK_MS);
    const { total } = await bench.client.cases.list({ filter: {}, sort: 'changed', offset: 0, limit: 50 });
    const seconds = (performance.now() - start) / 1000;
    if (total < cases) throw new Error(`the new bench shows ${total} of ${cases} cases`);
    const megabytes = (site.proxy.answered - before) / 1e6;
    return { cases, entries: n, 'snapshot made, s': made, seconds, megabytes, use: use.stop() };
  } finally {
    await bench.close();
  }
}

/** A hub looks for what has grown when it starts. */
async function snapshotAfterStart(site: Site): Promise<number> {
  const folder = join(site.hub.data, 'snapshots');
  await site.hub.stop();
  const start = performance.now();
  await site.hub.start();
  const isThere = () =>
    existsSync(folder) && readdirSync(folder).some((name) => existsSync(join(folder, name, 'newest.json')));
  while (!isThere()) await after(LOOK_MS);
  return (performance.now() - start) / 1000;
}
