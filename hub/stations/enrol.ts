import type pg from 'pg';
import type { EnrolRequest } from '../../shared/sync/protocol.ts';
import { genesis } from '../feed/chain.ts';
import { RefusedError } from '../refusal.ts';
import { inTransaction } from '../storage/database.ts';
import { useCode } from './codes.ts';

/**
 * Joins a bench to the site of a code. Asking again with the same code and key, because the answer was lost, gives the
 * same answer. Throws `sync.bad-code`, `sync.already-enrolled`, `sync.prefix-taken`.
 */
export function enrol(pool: pg.Pool, request: EnrolRequest): Promise<{ siteId: string; siteName: string }> {
  return inTransaction(pool, async (sql) => {
    const siteId = await useCode(sql, request.code, request.stationId);
    const key = Buffer.from(request.publicKey, 'base64');
    const known = await sql.query<{ public_key: Buffer; site_id: string }>(
      'SELECT public_key, site_id FROM stations WHERE id = $1 FOR UPDATE',
      [request.stationId],
    );
    const [before] = known.rows;
    if (before && !before.public_key.equals(key)) throw new RefusedError('sync.already-enrolled');
    if (before && before.site_id !== siteId) throw new RefusedError('sync.already-enrolled');
    const taken = await sql.query('SELECT 1 FROM stations WHERE site_id = $1 AND prefix = $2 AND id <> $3', [
      siteId,
      request.prefix,
      request.stationId,
    ]);
    if (taken.rows.length > 0) throw new RefusedError('sync.prefix-taken');
    await sql.query(
      `INSERT INTO stations (id, site_id, name, prefix, public_key, incarnation, last_hash, state, enrolled_at, seen_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, 'active', now(), now())
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, prefix = excluded.prefix, state = 'active', why = NULL`,
      [
        request.stationId,
        siteId,
        request.name,
        request.prefix,
        key,
        request.incarnation,
        genesis(request.stationId),
      ],
    );
    const { rows } = await sql.query<{ name: string }>('SELECT name FROM sites WHERE id = $1', [siteId]);
    return { siteId, siteName: rows[0]?.name ?? '' };
  });
}
