import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Site } from '../../soak/site.ts';
import { watch } from './processes.ts';

const WORKER = fileURLToPath(new URL('./returning-worker.ts', import.meta.url));
/** Few: the hub and its database are to have most of the machine. */
const WORKERS = 2;

/** What a process of simulated benches is started with, as JSON in its one argument. */
export interface Benches {
  readonly url: string;
  /** One for each bench, with its prefix. */
  readonly codes: readonly { readonly prefix: string; readonly code: string }[];
  /** Entries that each has made meanwhile. */
  readonly work: number;
  /** Entries of the feed when all have sent theirs. */
  readonly feedEnd: number;
}

export interface Converged {
  readonly seconds: number;
  /** Until the last bench had sent everything. */
  readonly sentAfterS: number;
  readonly use: Readonly<Record<string, { readonly cpuS: number; readonly peakMiB: number }>>;
  /** As they travelled, compressed; without the benches that check every link. */
  readonly megabytesRead: number;
  /** Requests that failed and were made again after a pause. */
  readonly triedAgain: number;
}

/**
 * Benches that were all offline come back at the same moment: each sends what it made and reads what the others did,
 * until all have everything.
 */
export async function backFromOffline(site: Site, benches: number, work: number): Promise<Converged> {
  const url = `http://127.0.0.1:${site.hub.port}`;
  const workers: ChildProcess[] = [];
  try {
    const database = site.hub.openDatabase();
    const { rows } = await database.query<{ n: number }>('SELECT n FROM sites');
    await database.end();
    const feedEnd = (rows[0]?.n ?? 0) + benches * work;
    for (let worker = 0; worker < WORKERS; worker++) {
      const codes: { prefix: string; code: string }[] = [];
      for (let n = worker; n < benches; n += WORKERS)
        codes.push({ prefix: `Q${n}`, code: await site.code() });
      const argument: Benches = { url, codes, work, feedEnd };
      workers.push(fork(WORKER, [JSON.stringify(argument)]));
    }
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    const followed = { pid: site.hub.pid ?? 0, below: false };
    const use = watch({
      hub: followed,
      PostgreSQL: { pid: site.hub.databasePid() ?? 0, below: true },
      ...Object.fromEntries(
        workers.map(({ pid }, n) => [`benches ${n + 1}`, { pid: pid ?? 0, below: false }]),
      ),
    });
    const start = performance.now();
    const sinceStart = () => (performance.now() - start) / 1000;
    const done = workers.map(async (worker) => {
      worker.send('go');
      await once(worker, 'message');
      const sentAfterS = sinceStart();
      const [told] = (await once(worker, 'message')) as [{ bytes: number; failures: number }];
      return { sentAfterS, ...told };
    });
    const all = await Promise.all(done);
    return {
      seconds: sinceStart(),
      sentAfterS: Math.max(...all.map(({ sentAfterS }) => sentAfterS)),
      use: use.stop(),
      megabytesRead: all.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6,
      triedAgain: all.reduce((sum, { failures }) => sum + failures, 0),
    };
  } finally {
    for (const worker of workers) worker.kill();
  }
}
