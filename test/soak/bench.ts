import { once } from 'node:events';
import { setTimeout as after, setImmediate as turn } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { type Bench, openBench } from '../../electron/station/bench.ts';
import { systemClock } from '../../electron/station/storage/clock.ts';
import { makeFolder, openFolder } from '../../electron/station/storage/folder.ts';
import { keyFileProtector } from '../../electron/station/storage/key-file.ts';
import { hasKeyRing } from '../../electron/station/storage/keyring.ts';
import { type BenchError, toBenchError } from '../../shared/errors/index.ts';
import { dice } from './dice.ts';
import { openLedger } from './ledger.ts';
import { type BenchArgument, type Order, type Progress, places, type Told } from './messages.ts';
import { makeWork } from './work.ts';

/*
 * One bench in a process of its own, which may be killed at any moment: it opens its data folder as a station does,
 * works, exchanges with its hub, and writes down what it was promised.
 */
const argument = JSON.parse(process.argv[2] ?? '{}') as BenchArgument;
const root = new URL('../../', import.meta.url);
const { data, keys, ledger: ledgerPath } = places(argument.folder);
/** So much is done in one go; then the bench waits until it has sent it, and read what the others did, as at night. */
const BURST = { least: 20, most: 4_000 };
const BEHIND = 1_000;
/** While its hub is away it works on before long, as a lab does. */
const PATIENCE_MS = { least: 2_000, most: 30_000 };
/** Entries in one transaction. */
const BULK = { least: 1, most: 200 };
const PAUSE_MS = 40;
const PROGRESS_MS = 250;

const options = {
  dataDir: data,
  protector: keyFileProtector(keys),
  migrationsDir: new URL('electron/station/storage/migrations', root).pathname,
  resourcesDir: new URL('resources', root).pathname,
  workerUrl: new URL('electron/station/evidence/worker.ts', root),
  version: 'soak',
  clock: systemClock,
};
const tell = (told: Told) => void process.send?.(told);

/** Opened by hand, one floor below `openStation`: bulk work shares one transaction, for which the database is needed. */
async function open(): Promise<{ bench: Bench; db: Database }> {
  if (!hasKeyRing(data)) {
    const { filled } = await makeFolder(options, 'live', async (folder) => {
      const bench = await openBench({ ...options, folder });
      const settings = { stationName: `Bench ${argument.prefix}`, benchPrefix: argument.prefix };
      await bench.firstStart({ admin: { name: 'Ada', pin: '2468' }, settings });
      return { bench, db: folder.db };
    });
    return filled;
  }
  const folder = await openFolder(options);
  if (!folder) throw new Error('the key is not here');
  return { bench: await openBench({ ...options, folder }), db: folder.db };
}

const { bench, db } = await open();
const actor = bench.people.list()[0];
if (!actor) throw new Error('a bench without people');
const ledger = openLedger(ledgerPath);
const written = db.prepare('SELECT seq, id FROM ops WHERE seq > ? ORDER BY seq');
const readN = db.prepare('SELECT read_n FROM hub').pluck();
// Each start goes on with other choices, or it would do the same again and again.
const chance = dice(argument.seed + bench.entries());
const work = makeWork(bench, db, actor, chance);
let mood: 'working' | 'tired' | 'resting' = 'resting';
let settleAt: number | null = null;

/** What is committed is promised. */
const promise = () => ledger.add(written.all(ledger.last) as { seq: number; id: string }[]);

function progress(): Progress {
  const acknowledged = bench.sync.view()?.acknowledged ?? 0;
  return {
    entries: bench.entries(),
    acknowledged,
    readN: (readN.get() as number | undefined) ?? 0,
    refused: work.refused(),
  };
}

async function workOn(): Promise<void> {
  for (;;) {
    const end = bench.entries() + chance.spread(BURST.least, BURST.most);
    while (mood === 'working' && bench.entries() < Math.min(end, argument.enough)) {
      if (chance.chance(0.01)) await work.photo();
      else work.some(chance.spread(BULK.least, BULK.most));
      promise();
      // Timers and answers come in between.
      await turn();
    }
    if (mood === 'tired') {
      mood = 'resting';
      tell({ is: 'resting' });
    }
    await catchUp(chance.spread(PATIENCE_MS.least, PATIENCE_MS.most));
  }
}

/** Waits until what there is to send and to read is little, or it has not become less for so long. */
async function catchUp(patienceMs: number): Promise<void> {
  let before = '';
  let since = performance.now();
  for (;;) {
    await after(PAUSE_MS);
    const { acknowledged, pending, read, unread } = bench.sync.view() ?? NOT_JOINED;
    if (mood === 'tired' || (pending < BEHIND && unread < BEHIND)) return;
    const now = `${acknowledged} ${read}`;
    if (now !== before) since = performance.now();
    before = now;
    if (performance.now() - since > patienceMs) return;
  }
}
const NOT_JOINED = { acknowledged: 0, pending: 0, read: 0, unread: 0 };

/** What cut connections, killed hubs and a database that is starting come to; a hub that is caught lying is none of it. */
function isWeather({ code, params }: BenchError): boolean {
  if (code === 'sync.unreachable' || code === 'sync.database-away') return true;
  return code === 'sync.not-a-hub' && !/history|operation|restore/.test(String(params.detail));
}

async function exchange(): Promise<void> {
  for (;;) {
    try {
      await bench.sync.once();
    } catch (error) {
      const problem = toBenchError(error);
      const { code, message } = problem;
      if (!isWeather(problem)) tell({ is: 'trouble', code, message: `${message} ${(error as Error).stack}` });
    }
    if (settleAt !== null) await settle(settleAt);
    await after(PAUSE_MS);
  }
}

async function settle(n: number): Promise<void> {
  promise();
  const now = progress();
  if (now.entries > now.acknowledged || now.readN < n) return;
  if ((bench.blobs.view()?.pending ?? 0) > 0) {
    // At once, however long it would wait after the failures before.
    bench.blobs.start();
    return;
  }
  settleAt = null;
  const log = await bench.verifyLog();
  tell({
    is: 'settled',
    ...now,
    siteHash: bench.siteHash(),
    logTrouble: log.ok ? null : log.summary,
  });
}

process.on('message', (order: Order) => {
  if (order.do === 'work') mood = 'working';
  else if (order.do === 'rest') mood = 'tired';
  else settleAt = order.n;
});
// A conductor that is gone needs no benches.
process.once('disconnect', () => process.exit(0));
if (!bench.sync.view()) await bench.sync.enrol(actor, argument.join.url, argument.join.code);
promise();
setInterval(() => tell({ is: 'progress', ...progress() }), PROGRESS_MS);
tell({ is: 'ready' });
await Promise.all([workOn(), exchange(), once(process, 'disconnect')]);
