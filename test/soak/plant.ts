import type pg from 'pg';
import { feedHash } from '../../hub/feed/chain.ts';

export const PLANTS = ['lose', 'double'] as const;
export type Plant = (typeof PLANTS)[number];

interface Placed {
  station_id: string;
  site_id: string;
  seq: number;
  n: number;
  hash: Buffer;
}

/**
 * Damages the hub as a bug of its own would, so that every number and every hash of it fits: `lose` takes the last
 * operation back that it acknowledged, `double` places one a second time.
 */
export async function plant(database: pg.Pool, what: Plant): Promise<void> {
  const { rows } = await database.query<Placed>(
    'SELECT station_id, site_id, seq, n, hash FROM entries WHERE n IS NOT NULL ORDER BY n DESC LIMIT 1',
  );
  const [last] = rows;
  if (!last) throw new Error('there is nothing to damage');
  await (what === 'lose' ? lose(database, last) : double(database, last));
}

async function lose(database: pg.Pool, { station_id, site_id, seq, n }: Placed): Promise<void> {
  await database.query('DELETE FROM entries WHERE station_id = $1 AND seq >= $2', [station_id, seq]);
  await database.query(
    `UPDATE sites SET n = $2 - 1, hash = (SELECT feed_hash FROM entries WHERE site_id = $1 AND n = $2 - 1)
     WHERE id = $1`,
    [site_id, n],
  );
  await database.query(
    `UPDATE stations SET last_seq = $2 - 1,
       last_hash = (SELECT hash FROM entries WHERE station_id = $1 AND seq = $2 - 1) WHERE id = $1`,
    [station_id, seq],
  );
}

async function double(database: pg.Pool, { station_id, site_id, seq, n, hash }: Placed): Promise<void> {
  const { rows } = await database.query<{ columns: string }>(
    `SELECT string_agg(column_name, ', ') AS columns FROM information_schema.columns
     WHERE table_name = 'entries' AND column_name NOT IN ('n', 'incarnation', 'feed_hash')`,
  );
  const columns = rows[0]?.columns;
  const { rows: sites } = await database.query<{ hash: Buffer }>('SELECT hash FROM sites WHERE id = $1', [
    site_id,
  ]);
  const feed = feedHash(site_id, n + 1, hash, sites[0]?.hash ?? Buffer.alloc(0));
  await database.query(
    `INSERT INTO entries (${columns}, n, incarnation, feed_hash)
     SELECT ${columns}, n + 1, gen_random_uuid(), $3 FROM entries WHERE station_id = $1 AND seq = $2`,
    [station_id, seq, feed],
  );
  await database.query('UPDATE sites SET n = n + 1, hash = $2 WHERE id = $1', [site_id, feed]);
}
