import { BenchError } from '../../shared/errors/index.ts';
import { type Entry, type EntryColumns, metaOf } from '../../shared/sync/entry.ts';
import { feedGenesis, feedHash, genesis, hashOf, publicKey, signed } from '../feed/chain.ts';
import { keysAt, keysOf } from '../stations/keys.ts';
import type { Progress } from './backup.ts';
import type { Sql } from './database.ts';

interface Row extends EntryColumns {
  readonly station_id: string;
  readonly site_id: string;
  readonly n: number | null;
  readonly body: string | null;
  readonly salt: Buffer | null;
  readonly commitment: Buffer;
  readonly previous: Buffer;
  readonly hash: Buffer;
  readonly feed_hash: Buffer | null;
}

const ROWS = 250;

/**
 * Computes the hub's whole history anew: that every entry is what its station committed to and follows the one before
 * it, that every feed is dense and chained to its end, and that stations signed where theirs end. Inside the caller's
 * transaction; gives how many entries there are. Throws `hub.damaged`.
 */
export async function verifyHistory(sql: Sql, progress: Progress): Promise<number> {
  const sites = await sql.query<{ id: string; n: number; hash: Buffer }>('SELECT id, n, hash FROM sites');
  const ends = new Map(sites.rows.map(({ id }) => [id, { n: 0, hash: feedGenesis(id) }]));
  let count = 0;
  for await (const row of entries(sql)) {
    checkEntry(row);
    if (row.n !== null) follow(row, ends);
    count += 1;
    if (count % 10_000 === 0) progress('verified', count);
  }
  for (const { id, n, hash } of sites.rows) {
    const end = ends.get(id);
    if (end?.n !== n || !end.hash.equals(hash))
      damaged(`the feed of the site ${id} does not end where it says`);
  }
  await checkLinks(sql);
  await checkStations(sql);
  progress('verified', count);
  return count;
}

function damaged(detail: string): never {
  throw new BenchError('hub.damaged', { detail });
}

async function* entries(sql: Sql): AsyncGenerator<Row> {
  await sql.query(
    `DECLARE history CURSOR FOR
     SELECT station_id, site_id, seq, n, id, incarnation, kind, entity, entity_id, version, base_version, case_id,
       actor_id, actor_name, at, hlc, base, epoch, body, salt, commitment, previous, hash, feed_hash
     FROM entries ORDER BY site_id, n`,
  );
  for (;;) {
    const { rows } = await sql.query<Row>(`FETCH ${ROWS} FROM history`);
    yield* rows;
    if (rows.length < ROWS) break;
  }
  await sql.query('CLOSE history');
}

function checkEntry(row: Row): void {
  const entry: Entry = {
    ...metaOf(row, row.n !== null),
    body: row.body,
    salt: row.salt?.toString('base64') ?? null,
    commitment: row.commitment.toString('base64'),
  };
  const hash = hashOf(row.station_id, entry, row.previous);
  if (!hash?.equals(row.hash))
    damaged(`entry ${row.seq} of the station ${row.station_id} is not what was signed`);
  if (row.seq === 1 && !row.previous.equals(genesis(row.station_id))) {
    damaged(`the log of the station ${row.station_id} does not begin with its first entry`);
  }
}

/** The next place in its feed. */
function follow(row: Row, ends: Map<string, { n: number; hash: Buffer }>): void {
  const end = ends.get(row.site_id);
  const n = (end?.n ?? 0) + 1;
  if (!end || row.n !== n) damaged(`the feed of the site ${row.site_id} has no number ${n}`);
  const hash = feedHash(row.site_id, n, row.hash, end.hash);
  if (!row.feed_hash?.equals(hash)) damaged(`the feed of the site ${row.site_id} breaks at ${n}`);
  ends.set(row.site_id, { n, hash });
}

/** Every entry follows one of its own station; which one, its hash says. */
async function checkLinks(sql: Sql): Promise<void> {
  const { rows } = await sql.query<{ station_id: string; seq: number }>(
    `SELECT e.station_id, e.seq FROM entries e
     LEFT JOIN entries p ON p.station_id = e.station_id AND p.seq = e.seq - 1 AND p.hash = e.previous
     WHERE e.seq > 1 AND p.seq IS NULL LIMIT 1`,
  );
  for (const { station_id, seq } of rows)
    damaged(`what comes before entry ${seq} of the station ${station_id} is missing`);
}

async function checkStations(sql: Sql): Promise<void> {
  const { rows } = await sql.query<{
    id: string;
    last_seq: number;
    last_hash: Buffer;
    last_signature: Buffer | null;
    is_there: boolean;
  }>(
    `SELECT id, last_seq, last_hash, last_signature, EXISTS (
       SELECT 1 FROM entries e WHERE e.station_id = s.id AND e.seq = s.last_seq AND e.hash = s.last_hash
     ) AS is_there FROM stations s`,
  );
  for (const station of rows) {
    const { id, last_seq, last_hash, last_signature } = station;
    const isThere = last_seq === 0 ? last_hash.equals(genesis(id)) : station.is_there;
    if (!isThere) damaged(`the log of the station ${id} does not end where it says`);
    if (!last_signature) continue;
    const signature = last_signature.toString('base64');
    const keys = keysAt(await keysOf(sql, id), last_seq);
    if (!keys.some((key) => signed(last_hash, signature, publicKey(key)))) {
      damaged(`the end of the log of the station ${id} is not signed by its key`);
    }
  }
}
