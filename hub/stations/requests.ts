import { createHash, verify } from 'node:crypto';
import type pg from 'pg';
import { CLOCK_WINDOW_S, HEADERS, signingForm } from '../../shared/sync/protocol.ts';
import { publicKey } from '../feed/chain.ts';
import { RefusedError } from '../refusal.ts';

export interface Asking {
  readonly stationId: string;
  readonly siteId: string;
}

/** The station that signed a request, by its headers and exact body bytes (as they arrived, compressed or not). */
export async function whoAsks(
  pool: pg.Pool,
  request: { readonly method: string; readonly path: string; readonly body: Buffer },
  header: (name: string) => string | undefined,
): Promise<Asking> {
  const stationId = header(HEADERS.station) ?? '';
  const at = header(HEADERS.at) ?? '';
  const signature = header(HEADERS.signature) ?? '';
  if (!/^[0-9a-f-]{36}$/.test(stationId)) throw new RefusedError('sync.unknown-station');
  const { rows } = await pool.query<{ site_id: string; public_key: Buffer; state: string }>(
    'SELECT site_id, public_key, state FROM stations WHERE id = $1',
    [stationId],
  );
  const [station] = rows;
  if (!station) throw new RefusedError('sync.unknown-station');
  const bodyHash = createHash('sha256').update(request.body).digest('hex');
  const form = signingForm({ ...request, stationId, at, bodyHash });
  const isSigned = verify(
    null,
    Buffer.from(form, 'utf8'),
    publicKey(station.public_key),
    Buffer.from(signature, 'base64'),
  );
  if (!isSigned) throw new RefusedError('sync.bad-signature');
  // Only now: who could not sign is told nothing about the station.
  if (station.state === 'revoked') throw new RefusedError('sync.revoked');
  if (station.state === 'quarantined') throw new RefusedError('sync.clone');
  const offset = Math.round((Date.parse(at) - Date.now()) / 1000);
  if (!(Math.abs(offset) <= CLOCK_WINDOW_S)) {
    throw new RefusedError('sync.clock', { hubTime: new Date().toISOString() });
  }
  return { stationId, siteId: station.site_id };
}
