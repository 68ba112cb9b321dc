import { verify } from 'node:crypto';
import type pg from 'pg';
import { type RotateRequest, rotationForm, type StationRequest } from '../../shared/sync/protocol.ts';
import { publicKey } from '../feed/chain.ts';
import { RefusedError } from '../refusal.ts';
import { inTransaction, type Sql } from '../storage/database.ts';
import { changeKey, signingKey } from './keys.ts';
import type { Asking, Signer } from './requests.ts';

/** Keeps what a bench is called and how it numbers its cases. Throws `sync.prefix-taken`. */
export function renameStation(
  pool: pg.Pool,
  { stationId, siteId }: Asking,
  { name, prefix }: StationRequest,
): Promise<void> {
  return inTransaction(pool, async (sql) => {
    await checkPrefix(sql, siteId, stationId, prefix);
    await sql.query('UPDATE stations SET name = $2, prefix = $3 WHERE id = $1', [stationId, name, prefix]);
  });
}

/** Throws `sync.prefix-taken` when another bench of the site has the prefix. */
export async function checkPrefix(
  sql: Sql,
  siteId: string,
  stationId: string,
  prefix: string,
): Promise<void> {
  // One after the other, so that two which ask at the same moment are both answered.
  await sql.query('SELECT 1 FROM sites WHERE id = $1 FOR UPDATE', [siteId]);
  const { rows } = await sql.query('SELECT 1 FROM stations WHERE site_id = $1 AND prefix = $2 AND id <> $3', [
    siteId,
    prefix,
    stationId,
  ]);
  if (rows.length > 0) throw new RefusedError('sync.prefix-taken');
}

/**
 * Gives a bench another key. Asked again by the key from before, because the answer was lost, it says the same.
 * Throws `sync.bad-signature` unless the new key has signed as well, `sync.key-rotated`, `sync.bad-request`.
 */
export function rotateKey(pool: pg.Pool, signer: Signer, request: RotateRequest): Promise<void> {
  const { stationId } = signer;
  const { fromSeq, signature } = request;
  const form = rotationForm(stationId, signer.key.toString('base64'), request.publicKey, fromSeq);
  const next = signingKey(request.publicKey);
  if (!verify(null, Buffer.from(form, 'utf8'), publicKey(next), Buffer.from(signature, 'base64'))) {
    throw new RefusedError('sync.bad-signature');
  }
  return inTransaction(pool, async (sql) => {
    const { rows } = await sql.query<{ public_key: Buffer; last_seq: number }>(
      'SELECT public_key, last_seq FROM stations WHERE id = $1 FOR UPDATE',
      [stationId],
    );
    const [station] = rows;
    if (!station) throw new RefusedError('sync.unknown-station');
    if (station.public_key.equals(next)) return;
    if (!station.public_key.equals(signer.key)) throw new RefusedError('sync.key-rotated');
    // What the hub has is signed by the key it knows.
    if (fromSeq <= station.last_seq) throw new RefusedError('sync.bad-request');
    await changeKey(sql, stationId, next, fromSeq);
  });
}
