import { createHash, type KeyObject, sign, verify } from 'node:crypto';

/**
 * The log's arithmetic, apart from where it is stored.
 *
 * commitment = SHA-256(salt ‖ body): body and salt can be erased and the chain still verifies.
 * hash       = SHA-256(JSON array of the metadata below, commitment and previous hash in hex)
 * signature  = Ed25519 over the 32 bytes of hash, by the station's key
 */
export interface EntryMeta {
  readonly stationId: string;
  readonly incarnation: string;
  readonly seq: number;
  readonly id: string;
  readonly kind: string;
  readonly entity: string;
  readonly entityId: string;
  readonly version: number;
  readonly baseVersion: number | null;
  readonly caseId: string | null;
  readonly actorId: string;
  readonly actorName: string;
  readonly at: string;
  readonly hlc: string;
  readonly synced: boolean;
}

const FORM = 'repairbench log entry v1';

/** What the first entry has as its previous hash. */
export const genesis = (stationId: string): Buffer =>
  createHash('sha256').update(`${FORM} genesis ${stationId}`).digest();

export const commitTo = (salt: Uint8Array, body: string): Buffer =>
  createHash('sha256').update(salt).update(body, 'utf8').digest();

export function entryHash(meta: EntryMeta, commitment: Uint8Array, previous: Uint8Array): Buffer {
  const form = JSON.stringify([
    FORM,
    meta.stationId,
    meta.incarnation,
    meta.seq,
    meta.id,
    meta.kind,
    meta.entity,
    meta.entityId,
    meta.version,
    meta.baseVersion,
    meta.caseId,
    meta.actorId,
    meta.actorName,
    meta.at,
    meta.hlc,
    meta.synced,
    Buffer.from(commitment).toString('hex'),
    Buffer.from(previous).toString('hex'),
  ]);
  return createHash('sha256').update(form, 'utf8').digest();
}

export const signHash = (hash: Uint8Array, key: KeyObject): Buffer => sign(null, hash, key);
export const verifyHash = (hash: Uint8Array, signature: Uint8Array, key: KeyObject): boolean =>
  verify(null, hash, key, signature);

/**
 * Hybrid logical clock: `MILLISECONDS.COUNTER`, never going back, whatever the wall clock does.
 * For display and tie-breaks only; nothing is refused because of a clock.
 */
export function nextHlc(previous: string | null, nowMs: number): string {
  const [ms = 0, counter = 0] = (previous ?? '0.0').split('.').map(Number);
  const time = Math.max(ms, nowMs);
  const count = time === ms ? counter + 1 : 0;
  return `${String(time).padStart(15, '0')}.${String(count).padStart(6, '0')}`;
}
