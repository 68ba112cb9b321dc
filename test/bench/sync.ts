/**
 * What a bench sends to its hub and reads back, over loopback, in turns with a multi-row INSERT of the same rows over
 * `pg` into the same PostgreSQL, and with PouchDB replicating the same entries as documents to express-pouchdb:
 * `node test/bench/sync.ts [OPERATIONS [ROUNDS]]`. Ours checks every link of the chain and what the operations come to,
 * and is acknowledged only from the disk; ours and INSERT write with fsync on, PouchDB’s leveldb does not. Every server
 * is a process of its own; figures are medians of the rounds.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { BATCH } from '../../shared/sync/protocol.ts';
import { startSite } from '../soak/site.ts';
import { startHelper } from '../support/helper.ts';
import { BareStation } from '../support/hub.ts';
import { fillLog } from './lab/history.ts';
import { loadPouch, obtainPouch } from './pouch/obtain.ts';

const COUNT = Number(process.argv[2] ?? 20_000);
const ROUNDS = Number(process.argv[3] ?? 3);
const COLUMNS = [
  ...['station_id', 'site_id', 'seq', 'n', 'id', 'incarnation', 'kind', 'entity', 'entity_id', 'version'],
  ...[
    'case_id',
    'actor_id',
    'actor_name',
    'at',
    'hlc',
    'base',
    'body',
    'salt',
    'commitment',
    'previous',
    'hash',
  ],
  'feed_hash',
];
type Step = 'push' | 'pull' | 'INSERT' | 'PouchDB push' | 'PouchDB pull';

const folder = mkdtempSync(join(tmpdir(), 'repairbench-bench-'));
chmodSync(folder, 0o711);
const took: Record<Step, number[]> = {
  push: [],
  pull: [],
  INSERT: [],
  'PouchDB push': [],
  'PouchDB pull': [],
};
const site = await startSite({ folder, benches: 0, seed: 1, enough: 0 });
const database = site.hub.openDatabase();
const packages = obtainPouch();
const pouch = 'folder' in packages ? await startPouch(packages.folder) : null;
try {
  for (let round = 1; round <= ROUNDS; round++) {
    const bench = await stationOf(`B${round}`);
    fillLog(bench, COUNT);
    const reader = await stationOf(`R${round}`);
    await timed('push', () => bench.push(0));
    await pouch?.push(bench, round);
    await insertAll(bench, round);
    await timed('pull', () => reader.pull(), round);
    await pouch?.pull(round);
  }
  report();
} finally {
  await pouch?.end();
  await database.end();
  await site.close();
  rmSync(folder, { recursive: true, force: true });
}

async function stationOf(prefix: string): Promise<BareStation> {
  const station = new BareStation(`http://127.0.0.1:${site.hub.port}`, prefix);
  await station.enrol(await site.code());
  return station;
}

/** Measures seconds; `times` is by how much more than `COUNT` was moved. */
async function timed(step: Step, work: () => Promise<unknown>, times = 1): Promise<void> {
  const start = performance.now();
  await work();
  took[step].push((performance.now() - start) / 1000 / times);
}

function report(): void {
  const rate = (step: Step): number => {
    const sorted = took[step].toSorted((a, b) => a - b);
    return COUNT / (sorted[Math.floor(sorted.length / 2)] ?? Number.NaN);
  };
  const line = (step: string, ours: number, others: Readonly<Record<string, number>>) => ({
    step,
    'ours, operations/s': Math.round(ours),
    ...Object.fromEntries(
      Object.entries(others).flatMap(([name, theirs]) => [
        [`${name}/s`, Math.round(theirs)],
        [`ours to ${name}`, (ours / theirs).toFixed(2)],
      ]),
    ),
  });
  const push = rate('push');
  const pull = rate('pull');
  const documents = pouch ? [{ PouchDB: rate('PouchDB push') }, { PouchDB: rate('PouchDB pull') }] : [];
  console.table([
    line('push', push, { INSERT: rate('INSERT'), ...documents[0] }),
    line('pull, every link checked', pull, { ...documents[1] }),
  ]);
  console.log(`${ROUNDS} rounds of ${COUNT}, load average ${loadavg()[0]?.toFixed(1)}`);
  if ('missing' in packages) console.log(`not run: PouchDB: ${packages.missing}`);
}

/** What somebody would write who wants the rows in a table and nothing else; one statement is one transaction. */
async function insertAll(bench: BareStation, round: number): Promise<void> {
  const table = `bare${round}`;
  await database.query(`CREATE TABLE ${table} (LIKE entries INCLUDING INDEXES)`);
  await timed('INSERT', async () => {
    for (let from = 0; from < COUNT; from += BATCH) {
      await insert(
        database,
        table,
        bench.log.slice(from, from + BATCH).map((row) => columnsOf(bench, row)),
      );
    }
  });
}

async function insert(pool: pg.Pool, table: string, rows: readonly unknown[][]): Promise<void> {
  const places = rows.map((row, y) => `(${row.map((_, x) => `$${y * row.length + x + 1}`).join(', ')})`);
  await pool.query(`INSERT INTO ${table} (${COLUMNS.join(', ')}) VALUES ${places.join(', ')}`, rows.flat());
}

function columnsOf(bench: BareStation, { entry, hash }: BareStation['log'][number]): unknown[] {
  const { seq, id, incarnation, kind, entity, entityId, version, caseId, actorId, actorName, at, hlc, base } =
    entry;
  const bytes = [
    Buffer.from(entry.salt ?? '', 'base64'),
    Buffer.from(entry.commitment, 'base64'),
    hash,
    hash,
    hash,
  ];
  return [
    ...[bench.id, bench.siteId, seq, seq, id, incarnation, kind, entity, entityId, version, caseId, actorId],
    ...[actorName, at, hlc, base, entry.body, ...bytes],
  ];
}

/** PouchDB on leveldb here, express-pouchdb on leveldb in a process of its own. */
async function startPouch(from: string) {
  const { PouchDB } = loadPouch(from);
  const own = join(folder, 'pouch');
  mkdirSync(own);
  const server = await startHelper(new URL('./pouch/server.ts', import.meta.url), [from, own]);
  const options = { batch_size: BATCH };
  const remote = (round: number) => `${server.line}/round${round}`;
  return {
    async push(bench: BareStation, round: number): Promise<void> {
      const local = new PouchDB(join(own, `from${round}`));
      await local.bulkDocs(bench.log.map(({ entry }) => ({ _id: entry.id, ...entry })));
      await timed('PouchDB push', () => local.replicate.to(remote(round), options));
      await local.close();
    },
    async pull(round: number): Promise<void> {
      const local = new PouchDB(join(own, `to${round}`));
      await timed('PouchDB pull', () => local.replicate.from(remote(round), options));
      await local.close();
    },
    end: () => server.end(),
  };
}
