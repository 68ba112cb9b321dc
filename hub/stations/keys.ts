import { publicKey } from '../feed/chain.ts';
import { RefusedError } from '../refusal.ts';
import type { Sql } from '../storage/database.ts';

/** A key of a station, and the last entry it may sign; null for the one it has now. */
export interface StationKey {
  /** SPKI, DER. */
  readonly publicKey: Buffer;
  readonly lastSeq: number | null;
}

/**
 * The keys of a station, newest first. Each signs up to the first entry of every later one; later keys may sign earlier
 * entries too, because a restored bench repeats numbers.
 */
export async function keysOf(sql: Sql, stationId: string): Promise<StationKey[]> {
  const { rows } = await sql.query<{ public_key: Buffer; from_seq: number }>(
    'SELECT public_key, from_seq FROM station_keys WHERE station_id = $1 ORDER BY number DESC',
    [stationId],
  );
  let next: number | null = null;
  return rows.map(({ public_key, from_seq }) => {
    const key = { publicKey: public_key, lastSeq: next === null ? null : next - 1 };
    next = next === null ? from_seq : Math.min(next, from_seq);
    return key;
  });
}

/** Those of a station's keys that may sign its entry `seq`. */
export const keysAt = (keys: readonly StationKey[], seq: number): Buffer[] =>
  keys.filter(({ lastSeq }) => lastSeq === null || seq <= lastSeq).map(({ publicKey }) => publicKey);

/** A key as a bench sends it (SPKI, DER, base64). Throws `sync.bad-request` for one that cannot sign a log. */
export function signingKey(text: string): Buffer {
  const der = Buffer.from(text, 'base64');
  try {
    if (publicKey(der).asymmetricKeyType === 'ed25519') return der;
  } catch {
    // No key at all.
  }
  throw new RefusedError('sync.bad-request');
}

/** Gives a station another key, by which everything from `fromSeq` on is signed. */
export async function changeKey(
  sql: Sql,
  stationId: string,
  publicKey: Buffer,
  fromSeq: number,
): Promise<void> {
  await sql.query(
    `INSERT INTO station_keys (station_id, number, public_key, from_seq, made_at)
     SELECT $1, coalesce(max(number), 0) + 1, $2, $3, now() FROM station_keys WHERE station_id = $1`,
    [stationId, publicKey, fromSeq],
  );
  await sql.query('UPDATE stations SET public_key = $2 WHERE id = $1', [stationId, publicKey]);
}
