import type { KeyObject } from 'node:crypto';
import { sign } from 'node:crypto';
import type pg from 'pg';
import { type EntryColumns, metaOf } from '../../shared/sync/entry.ts';
import { BATCH, type FeedAnswer, type FeedEntry, type Head } from '../../shared/sync/protocol.ts';
import { RefusedError } from '../refusal.ts';
import { feedGenesis } from './chain.ts';

interface FeedRow extends EntryColumns {
  n: number;
  station_id: string;
  body: string | null;
  salt: Buffer | null;
  commitment: Buffer;
  previous: Buffer;
  feed_hash: Buffer;
}

const toEntry = (row: FeedRow): FeedEntry => ({
  ...metaOf(row, true),
  n: row.n,
  stationId: row.station_id,
  previous: row.previous.toString('base64'),
  body: row.body,
  salt: row.salt?.toString('base64') ?? null,
  commitment: row.commitment.toString('base64'),
});

/** The end of a feed as the hub vouches for it. */
export const signedHead = (n: number, hash: Buffer, key: KeyObject): Head => ({
  n,
  hash: hash.toString('base64'),
  signature: sign(null, hash, key).toString('base64'),
});

/**
 * A page of a site's history after `n`, with the signed head at its last entry.
 * Throws `sync.rewritten` when the reader has read further than there is.
 */
export async function readFeed(
  pool: pg.Pool,
  siteId: string,
  after: number,
  key: KeyObject,
): Promise<Pick<FeedAnswer, 'entries' | 'head' | 'last'>> {
  const { rows } = await pool.query<FeedRow>(
    `SELECT seq, n, station_id, id, incarnation, kind, entity, entity_id, version, base_version, case_id, actor_id,
       actor_name, at, hlc, base, body, salt, commitment, previous, feed_hash
     FROM entries WHERE site_id = $1 AND n > $2 ORDER BY n LIMIT $3`,
    [siteId, after, BATCH],
  );
  const last = await feedEnd(pool, siteId);
  if (after > last.n) throw new RefusedError('sync.rewritten');
  const end = rows.at(-1);
  const head = end
    ? { n: end.n, hash: end.feed_hash }
    : { n: after, hash: await hashAt(pool, siteId, after) };
  return {
    entries: rows.map(toEntry),
    head: signedHead(head.n, head.hash, key),
    // A page read before the end was may end behind it.
    last: Math.max(last.n, head.n),
  };
}

export async function feedEnd(pool: pg.Pool, siteId: string): Promise<{ n: number; hash: Buffer }> {
  const { rows } = await pool.query<{ n: number; hash: Buffer }>('SELECT n, hash FROM sites WHERE id = $1', [
    siteId,
  ]);
  const [site] = rows;
  if (!site) throw new Error('no such site');
  return site;
}

async function hashAt(pool: pg.Pool, siteId: string, n: number): Promise<Buffer> {
  if (n === 0) return feedGenesis(siteId);
  const { rows } = await pool.query<{ feed_hash: Buffer }>(
    'SELECT feed_hash FROM entries WHERE site_id = $1 AND n = $2',
    [siteId, n],
  );
  const [row] = rows;
  if (!row) throw new RefusedError('sync.rewritten');
  return row.feed_hash;
}
