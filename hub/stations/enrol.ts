import type pg from 'pg';
import type { EnrolRequest } from '../../shared/sync/protocol.ts';
import { genesis } from '../feed/chain.ts';
import { RefusedError } from '../refusal.ts';
import { inTransaction, type Sql } from '../storage/database.ts';
import { checkPrefix } from './changes.ts';
import { useCode } from './codes.ts';
import { changeKey, signingKey } from './keys.ts';

interface Known {
  readonly public_key: Buffer;
  readonly site_id: string;
  readonly last_seq: number;
  readonly state: string;
}

/**
 * Joins a bench to the site of a code. Asking again with the same code and key, because the answer was lost, gives the
 * same answer. A bench that was revoked may come back with another key: one that was restored from before its key was
 * changed has no other way. Throws `sync.bad-code`, `sync.already-enrolled`, `sync.prefix-taken`.
 */
export function enrol(pool: pg.Pool, request: EnrolRequest): Promise<{ siteId: string; siteName: string }> {
  const key = signingKey(request.publicKey);
  const { stationId: id, name, prefix } = request;
  return inTransaction(pool, async (sql) => {
    const siteId = await useCode(sql, request.code, id);
    await checkPrefix(sql, siteId, id, prefix);
    const known = await sql.query<Known>(
      'SELECT public_key, site_id, last_seq, state FROM stations WHERE id = $1 FOR UPDATE',
      [id],
    );
    const [before] = known.rows;
    if (before) await comeBack(sql, before, { id, siteId, key });
    else await addStation(sql, siteId, request, key);
    await sql.query(
      `UPDATE stations SET name = $2, prefix = $3, state = 'active', why = NULL, seen_at = now() WHERE id = $1`,
      [id, name, prefix],
    );
    const { rows } = await sql.query<{ name: string }>('SELECT name FROM sites WHERE id = $1', [siteId]);
    return { siteId, siteName: rows[0]?.name ?? '' };
  });
}

async function comeBack(
  sql: Sql,
  before: Known,
  { id, siteId, key }: { readonly id: string; readonly siteId: string; readonly key: Buffer },
): Promise<void> {
  if (before.site_id !== siteId) throw new RefusedError('sync.already-enrolled');
  if (before.public_key.equals(key)) return;
  if (before.state !== 'revoked') throw new RefusedError('sync.already-enrolled');
  await changeKey(sql, id, key, before.last_seq + 1);
}

async function addStation(sql: Sql, siteId: string, request: EnrolRequest, key: Buffer): Promise<void> {
  const { stationId: id, name, prefix, incarnation } = request;
  await sql.query(
    `INSERT INTO stations (id, site_id, name, prefix, public_key, incarnation, last_hash, state, enrolled_at, seen_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 'active', now(), now())`,
    [id, siteId, name, prefix, key, incarnation, genesis(id)],
  );
  await changeKey(sql, id, key, 1);
}
