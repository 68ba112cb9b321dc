import { createHash, verify } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type pg from 'pg';
import {
  CLOCK_WINDOW_S,
  HEADERS,
  OLDEST_SYNC_PROTOCOL,
  SYNC_PROTOCOL,
  signingForm,
} from '../../shared/sync/protocol.ts';
import { publicKey } from '../feed/chain.ts';
import { RefusedError } from '../refusal.ts';
import { keysOf } from './keys.ts';

export interface Asking {
  readonly stationId: string;
  readonly siteId: string;
}

/** A station by its signature, before anything is said of whether it may ask. */
export interface Signer extends Asking {
  /** The key that signed; it may be one that the station had before. SPKI, DER. */
  readonly key: Buffer;
  readonly isFormer: boolean;
}

interface Row {
  readonly site_id: string;
  readonly public_key: Buffer;
  readonly state: string;
  readonly seen_at: Date;
  readonly clock_offset_s: number;
}

/** When a station was last there, and by how much its clock is off, are known this exactly, in seconds. */
const SEEN_S = 15;
const OFFSET_S = 2;

/** Throws `sync.too-old`, `sync.too-new` where bench and hub could harm each other by not knowing better. */
export function checkProtocol(header: string | string[] | undefined): void {
  const theirs = header === undefined ? SYNC_PROTOCOL : Number(header);
  if (!Number.isInteger(theirs)) throw new RefusedError('sync.bad-request');
  if (theirs < OLDEST_SYNC_PROTOCOL) throw new RefusedError('sync.too-old');
  if (theirs > SYNC_PROTOCOL) throw new RefusedError('sync.too-new');
}

export interface Request {
  readonly method: string;
  readonly path: string;
  /**
   * The exact bytes as they arrived, compressed or not; for a request that brings a part of some content, the SHA-256
   * (hex) of that content.
   */
  readonly body: Buffer | string;
}

/**
 * The station that signed a request and may ask.
 * Throws `sync.unknown-station`, `sync.bad-signature`, `sync.key-rotated`, `sync.revoked`, `sync.clone`, `sync.clock`.
 */
export async function whoAsks(
  pool: pg.Pool,
  request: Request,
  header: (name: string) => string | undefined,
): Promise<Asking> {
  const { isFormer, stationId, siteId } = await whoSigned(pool, request, header);
  if (isFormer) throw new RefusedError('sync.key-rotated');
  return { stationId, siteId };
}

/** As `whoAsks`, but a key that the station had before is taken as well. */
export async function whoSigned(
  pool: pg.Pool,
  { method, path, body }: Request,
  header: (name: string) => string | undefined,
): Promise<Signer> {
  const stationId = header(HEADERS.station) ?? '';
  const at = header(HEADERS.at) ?? '';
  const signature = Buffer.from(header(HEADERS.signature) ?? '', 'base64');
  if (!/^[0-9a-f-]{36}$/.test(stationId)) throw new RefusedError('sync.unknown-station');
  const { rows } = await pool.query<Row>(
    'SELECT site_id, public_key, state, seen_at, clock_offset_s FROM stations WHERE id = $1',
    [stationId],
  );
  const [station] = rows;
  if (!station) throw new RefusedError('sync.unknown-station');
  const bodyHash = typeof body === 'string' ? body : createHash('sha256').update(body).digest('hex');
  const form = Buffer.from(signingForm({ method, path, stationId, at, bodyHash }), 'utf8');
  const hasSigned = (key: Buffer) => verify(null, form, publicKey(key), signature);
  const isFormer = !hasSigned(station.public_key);
  const keys = isFormer ? (await keysOf(pool, stationId)).map((key) => key.publicKey) : [];
  const key = isFormer ? keys.find(hasSigned) : station.public_key;
  if (!key) throw new RefusedError('sync.bad-signature');
  // Only now: who could not sign is told nothing about the station.
  const offset = Math.round((Date.parse(at) - Date.now()) / 1000);
  if (!isFormer) await noteSeen(pool, stationId, station, offset);
  if (station.state === 'revoked') throw new RefusedError('sync.revoked');
  if (station.state === 'quarantined') throw new RefusedError('sync.clone');
  if (!(Math.abs(offset) <= CLOCK_WINDOW_S)) {
    throw new RefusedError('sync.clock', { hubTime: new Date().toISOString() });
  }
  return { stationId, siteId: station.site_id, key, isFormer };
}

/** That it was here, and how its clock is, for the administrator; not with every request. */
async function noteSeen(pool: pg.Pool, id: string, station: Row, offset: number): Promise<void> {
  // Beyond what the column holds a clock is no clock.
  const offsetS = Number.isNaN(offset) ? 0 : Math.max(-(2 ** 31), Math.min(offset, 2 ** 31 - 1));
  const isOld = Date.now() - station.seen_at.getTime() > SEEN_S * 1000;
  if (!isOld && Math.abs(offsetS - station.clock_offset_s) <= OFFSET_S) return;
  await pool.query('UPDATE stations SET seen_at = now(), clock_offset_s = $2 WHERE id = $1', [id, offsetS]);
}

/** Whether whoever asks understands an answer that is packed. */
export const takesGzip = ({ headers }: { readonly headers: IncomingHttpHeaders }): boolean =>
  String(headers['accept-encoding'] ?? '').includes('gzip');
