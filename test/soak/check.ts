import type pg from 'pg';
import { systemClock } from '../../electron/station/storage/clock.ts';
import { openFolder } from '../../electron/station/storage/folder.ts';
import { keyFileProtector } from '../../electron/station/storage/key-file.ts';
import { checkBlobs } from './check-blobs.ts';
import { checkFeed } from './check-feed.ts';
import { readLedger } from './ledger.ts';
import { places } from './messages.ts';
import type { Ended } from './site.ts';

export interface Checked {
  /** What is wrong, one sentence each; none: all that was promised holds. */
  readonly findings: readonly string[];
  readonly promised: number;
  readonly entries: number;
  readonly n: number;
  /** Artifacts whose content the hub was looked through for. */
  readonly artifacts: number;
  readonly outcomes: Readonly<Record<string, number>>;
}

const migrationsDir = new URL('../../electron/station/storage/migrations', import.meta.url).pathname;

/** Compares what benches were promised, what they have, and what the hub has: every entry of all of them. */
export async function check(database: pg.Pool, hubData: string, benches: readonly Ended[]): Promise<Checked> {
  const findings: string[] = [];
  let promised = 0;
  let entries = 0;
  for (const bench of benches) {
    const own = await ownLog(bench.folder);
    const ledger = readLedger(places(bench.folder).ledger);
    promised += ledger.size;
    entries += own.rows.length;
    const say = (what: string) => findings.push(`${bench.prefix}: ${what}`);
    checkPromises(own.rows, ledger, say);
    checkArrived(own.rows, await arrivedOf(database, own.stationId), say);
    if (bench.settled.logTrouble !== null) say(bench.settled.logTrouble);
  }
  const { rows: twice } = await database.query<{ id: string; count: number }>(
    'SELECT id, count(*) FROM entries GROUP BY id HAVING count(*) > 1 LIMIT 10',
  );
  for (const { id, count } of twice) findings.push(`operation ${id} is on the hub ${count} times`);
  const { rows: all } = await database.query<{ count: number }>('SELECT count(*) FROM entries');
  if (all[0]?.count !== entries) {
    findings.push(`the hub has ${all[0]?.count} entries, the benches ${entries}`);
  }
  const feed = await checkFeed(database);
  const blobs = await checkBlobs(database, hubData);
  findings.push(...feed.findings, ...blobs.findings, ...checkReplicas(benches, feed.n));
  const { n, outcomes } = feed;
  return { findings, promised, entries, n, outcomes, artifacts: blobs.artifacts };
}

interface Row {
  readonly seq: number;
  readonly id: string;
  readonly hash: Buffer;
}
type Say = (what: string) => void;

/** What a bench has in its own log. */
async function ownLog(folder: string): Promise<{ stationId: string; rows: Row[] }> {
  const { data, keys } = places(folder);
  const options = { dataDir: data, protector: keyFileProtector(keys), migrationsDir, clock: systemClock };
  const opened = await openFolder(options);
  if (!opened) throw new Error(`the key of ${folder} is gone`);
  const { db } = opened;
  const stationId = db.prepare('SELECT id FROM station').pluck().get() as string;
  const rows = db.prepare('SELECT seq, id, hash FROM ops ORDER BY seq').all() as Row[];
  db.close();
  return { stationId, rows };
}

const arrivedOf = async (database: pg.Pool, stationId: string): Promise<Row[]> =>
  (
    await database.query<Row>('SELECT seq, id, hash FROM entries WHERE station_id = $1 ORDER BY seq', [
      stationId,
    ])
  ).rows;

function checkPromises(own: readonly Row[], ledger: ReadonlyMap<number, string>, say: Say): void {
  const gap = own.findIndex(({ seq }, index) => seq !== index + 1);
  if (gap !== -1) say(`its log has no entry ${gap + 1}`);
  const broken = [...ledger].find(([seq, id]) => own[seq - 1]?.id !== id);
  if (broken) say(`entry ${broken[0]} was promised as ${broken[1]} and is not in its log`);
}

function checkArrived(own: readonly Row[], arrived: readonly Row[], say: Say): void {
  if (arrived.length !== own.length) say(`the hub has ${arrived.length} of its ${own.length} entries`);
  const wrong = own.find(({ seq, id, hash }, index) => {
    const there = arrived[index];
    return there && (there.seq !== seq || there.id !== id || !there.hash.equals(hash));
  });
  if (wrong) say(`entry ${wrong.seq} is not what the hub has in its place`);
}

/** Every bench shows the same site. */
function checkReplicas(benches: readonly Ended[], n: number): string[] {
  const first = benches[0]?.settled.siteHash;
  return benches.flatMap(({ prefix, settled }) => [
    ...(settled.readN === n ? [] : [`${prefix}: has read the feed to ${settled.readN}, it goes to ${n}`]),
    ...(settled.siteHash === first ? [] : [`${prefix}: shows another site than ${benches[0]?.prefix}`]),
  ]);
}
