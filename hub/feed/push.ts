import type pg from 'pg';
import type { Entry } from '../../shared/sync/entry.ts';
import type { Outcome, Placed } from '../../shared/sync/merge.ts';
import type { PushRequest } from '../../shared/sync/protocol.ts';
import { RefusedError } from '../refusal.ts';
import { inTransaction, type Sql } from '../storage/database.ts';
import { feedHash, genesis, hashOf, publicKey, signed } from './chain.ts';
import { contentOf, judgeAll } from './judge.ts';

/** A row of `stations`, as far as pushing needs it. */
interface StationRow {
  id: string;
  site_id: string;
  public_key: Buffer;
  incarnation: string;
  last_seq: number;
  last_hash: Buffer;
  backed_up: number;
  state: 'active' | 'revoked' | 'quarantined';
}

export interface Pushed {
  readonly siteId: string;
  readonly acknowledged: number;
  readonly backedUp: number;
  /** End of the site's feed after it. */
  readonly n: number;
  readonly hash: Buffer;
  /** Entries that got a place in the feed by it. */
  readonly placed: number;
}

/**
 * Takes contiguous entries of a station: exactly once, whatever is repeated, lost or cut off on the way. One
 * transaction locks the station, leaves out what is there already, refuses holes and broken chains, locks the site,
 * gives numbers, judges, and writes; what it returned is on disk.
 * Throws `RefusedError`.
 */
export async function push(pool: pg.Pool, stationId: string, request: PushRequest): Promise<Pushed> {
  const result = await inTransaction(pool, async (sql) => {
    const station = await lockStation(sql, stationId);
    if ((await branch(sql, station, request)) === 'clone') return quarantine(sql, station);
    const fresh = await leaveOutKnown(sql, station, request);
    if (fresh === 'clone') return quarantine(sql, station);
    const chained = follow(station, fresh);
    const hash = chained.at(-1)?.hash ?? station.last_hash;
    const { end } = request;
    const lastSeq = station.last_seq + chained.length;
    if (end.seq === lastSeq && !Buffer.from(end.hash, 'base64').equals(hash)) return quarantine(sql, station);
    if (end.seq === lastSeq && !signed(hash, end.signature, publicKey(station.public_key))) {
      throw new RefusedError('sync.bad-signature');
    }
    const site = await place(sql, station, chained);
    await sql.query(
      `UPDATE stations SET last_seq = $2, last_hash = $3, last_signature = $4, incarnation = $5 WHERE id = $1`,
      [station.id, lastSeq, hash, Buffer.from(end.signature, 'base64'), request.incarnation],
    );
    return {
      ...site,
      siteId: station.site_id,
      acknowledged: lastSeq,
      backedUp: station.backed_up,
    };
  });
  // Outside of the transaction: what it wrote must stay.
  if (result === 'clone') throw new RefusedError('sync.clone');
  return result;
}

async function lockStation(sql: Sql, id: string): Promise<StationRow> {
  const { rows } = await sql.query<StationRow>(
    `SELECT id, site_id, public_key, incarnation, last_seq, last_hash, backed_up, state
     FROM stations WHERE id = $1 FOR UPDATE`,
    [id],
  );
  const [station] = rows;
  if (!station) throw new RefusedError('sync.unknown-station');
  if (station.state === 'revoked') throw new RefusedError('sync.revoked');
  if (station.state === 'quarantined') throw new RefusedError('sync.clone');
  return station;
}

/**
 * A restored bench goes on from an earlier entry under a new incarnation: the deepest one of its lineage that the hub
 * has. What it has lost stays in the feed, from which it reads it back. An incarnation that was left behind and speaks
 * again is a second bench.
 */
async function branch(sql: Sql, station: StationRow, request: PushRequest): Promise<'clone' | null> {
  const { incarnation, lineage } = request;
  if (incarnation === station.incarnation) return null;
  if (lineage.length === 0 || (await hashAt(sql, station.id, incarnation, null))) return 'clone';
  const current = lineage.find((step) => step.incarnation === station.incarnation);
  // The bench still has all that the hub has: it just goes on.
  if (current && current.seq >= station.last_seq) return null;
  for (const { seq } of lineage.toReversed()) {
    // Each step wrote what comes after the step before it.
    const writer = lineage.find((step) => step.seq >= seq);
    const hash =
      seq === 0 ? genesis(station.id) : writer && (await hashAt(sql, station.id, writer.incarnation, seq));
    if (!hash) continue;
    station.last_seq = seq;
    station.last_hash = hash;
    return null;
  }
  throw new RefusedError('sync.broken-chain');
}

/** Hash of an entry an incarnation wrote; with null, of any. */
async function hashAt(sql: Sql, id: string, incarnation: string, seq: number | null): Promise<Buffer | null> {
  const { rows } = await sql.query<{ hash: Buffer }>(
    `SELECT hash FROM entries WHERE station_id = $1 AND incarnation = $2 AND seq = coalesce($3, seq) LIMIT 1`,
    [id, incarnation, seq],
  );
  return rows[0]?.hash ?? null;
}

/** Entries the hub does not have; `clone` when one it has is another one. */
async function leaveOutKnown(
  sql: Sql,
  station: StationRow,
  request: PushRequest,
): Promise<Entry[] | 'clone'> {
  const { entries, end } = request;
  for (const [index, entry] of entries.entries()) {
    if (entry.seq !== (entries[0]?.seq ?? 0) + index) throw new RefusedError('sync.bad-request');
  }
  const first = entries[0]?.seq ?? end.seq + 1;
  if (first > station.last_seq + 1) {
    throw new RefusedError('sync.hole', { acknowledged: station.last_seq });
  }
  const known = entries.filter(({ seq }) => seq <= station.last_seq);
  if (known.length > 0 || end.seq < station.last_seq) {
    const seqs = [...known.map(({ seq }) => seq), ...(end.seq > 0 ? [end.seq] : [])];
    const { rows } = await sql.query<{ seq: number; id: string; hash: Buffer }>(
      'SELECT seq, id, hash FROM entries WHERE station_id = $1 AND seq = ANY ($2::bigint[])',
      [station.id, seqs],
    );
    const has = (seq: number, test: (row: { id: string; hash: Buffer }) => boolean) =>
      rows.some((row) => row.seq === seq && test(row));
    const isSame =
      known.every(({ seq, id }) => has(seq, (row) => row.id === id)) &&
      (end.seq === 0 ||
        end.seq > station.last_seq ||
        has(end.seq, (row) => row.hash.equals(Buffer.from(end.hash, 'base64'))));
    if (!isSame) return 'clone';
  }
  return entries.filter(({ seq }) => seq > station.last_seq);
}

interface Chained {
  readonly entry: Entry;
  readonly hash: Buffer;
  readonly previous: Buffer;
}

/** Computes the chain anew. Throws `sync.broken-chain`. */
function follow(station: StationRow, entries: readonly Entry[]): Chained[] {
  let previous = station.last_hash;
  return entries.map((entry) => {
    const hash = hashOf(station.id, entry, previous);
    if (!hash) throw new RefusedError('sync.bad-entry');
    const chained = { entry, hash, previous };
    previous = hash;
    return chained;
  });
}

/** Two benches under one identity: neither is taken from until an administrator has decided which one is real. */
async function quarantine(sql: Sql, station: StationRow): Promise<'clone'> {
  await sql.query(`UPDATE stations SET state = 'quarantined', why = 'clone' WHERE id = $1`, [station.id]);
  return 'clone';
}

/** Gives the entries that are for everybody their numbers, judges them, and writes all. */
async function place(
  sql: Sql,
  station: StationRow,
  chained: readonly Chained[],
): Promise<{ n: number; hash: Buffer; placed: number }> {
  const count = chained.filter(({ entry }) => entry.synced).length;
  const { rows } = await sql.query<{ n: number; hash: Buffer }>(
    'UPDATE sites SET n = n + $2 WHERE id = $1 RETURNING n, hash',
    [station.site_id, count],
  );
  const [site] = rows;
  if (!site) throw new Error('a station without its site');
  let n = site.n - count;
  let feed = site.hash;
  const rowsOut = chained.map(({ entry, hash, previous }) => {
    if (!entry.synced) return { entry, hash, previous, n: null, feed: null };
    n += 1;
    feed = feedHash(station.site_id, n, hash, feed);
    return { entry, hash, previous, n, feed };
  });
  const synced = rowsOut.filter((row) => row.n !== null);
  const outcomes = await judgeAll(
    sql,
    station.site_id,
    synced.map(({ entry, n: number }): Placed | null => {
      const body = contentOf(entry);
      if (body === undefined) return null;
      const { id, kind, entityId, base, at, actorName, incarnation } = entry;
      const author = `${station.id}/${incarnation}`;
      return { n: number ?? 0, author, id, kind, entityId, base, body, at, actorName };
    }),
  );
  const outcomeOf = new Map(synced.map((row, index) => [row.entry.seq, outcomes[index]]));
  if (rowsOut.length > 0) await insert(sql, station, rowsOut, outcomeOf);
  if (count > 0) await sql.query('UPDATE sites SET hash = $2 WHERE id = $1', [station.site_id, feed]);
  await review(sql, station.site_id, synced, outcomes);
  return { n: site.n, hash: feed, placed: count };
}

type Row = Chained & { readonly n: number | null; readonly feed: Buffer | null };

const bytes = (text: string | null) => (text === null ? null : Buffer.from(text, 'base64'));

async function insert(
  sql: Sql,
  station: StationRow,
  rows: readonly Row[],
  outcomeOf: ReadonlyMap<number, Outcome | undefined>,
): Promise<void> {
  const column = <T>(read: (row: Row) => T): T[] => rows.map(read);
  await sql.query(
    `INSERT INTO entries (station_id, site_id, seq, n, id, incarnation, kind, entity, entity_id, version,
       base_version, case_id, actor_id, actor_name, at, hlc, base, body, salt, commitment, previous, hash,
       feed_hash, outcome)
     SELECT $1, $2, * FROM unnest($3::bigint[], $4::bigint[], $5::uuid[], $6::uuid[], $7::text[], $8::text[],
       $9::text[], $10::bigint[], $11::bigint[], $12::uuid[], $13::text[], $14::text[], $15::text[], $16::text[],
       $17::bigint[], $18::text[], $19::bytea[], $20::bytea[], $21::bytea[], $22::bytea[], $23::bytea[], $24::text[])`,
    [
      station.id,
      station.site_id,
      column(({ entry }) => entry.seq),
      column(({ n }) => n),
      column(({ entry }) => entry.id),
      column(({ entry }) => entry.incarnation),
      column(({ entry }) => entry.kind),
      column(({ entry }) => entry.entity),
      column(({ entry }) => entry.entityId),
      column(({ entry }) => entry.version),
      column(({ entry }) => entry.baseVersion),
      column(({ entry }) => entry.caseId),
      column(({ entry }) => entry.actorId),
      column(({ entry }) => entry.actorName),
      column(({ entry }) => entry.at),
      column(({ entry }) => entry.hlc),
      column(({ entry }) => entry.base),
      column(({ entry }) => entry.body),
      column(({ entry }) => bytes(entry.salt)),
      column(({ entry }) => bytes(entry.commitment)),
      column(({ previous }) => previous),
      column(({ hash }) => hash),
      column(({ feed }) => feed),
      column(({ entry }) => {
        const outcome = outcomeOf.get(entry.seq);
        return outcome ? JSON.stringify(outcome) : null;
      }),
    ],
  );
}

/** Keeps what a person should look at. */
async function review(
  sql: Sql,
  siteId: string,
  rows: readonly Row[],
  outcomes: readonly Outcome[],
): Promise<void> {
  for (const [index, { entry, n }] of rows.entries()) {
    const outcome = outcomes[index];
    if (!outcome) continue;
    const isConflict = outcome.is === 'conflict';
    if (isConflict || outcome.is === 'refused' || (outcome.is === 'applied' && outcome.unseen.length > 0)) {
      await sql.query('INSERT INTO reviews (site_id, n, op_id, is_conflict) VALUES ($1, $2, $3, $4)', [
        siteId,
        n,
        entry.id,
        isConflict,
      ]);
    }
  }
}
