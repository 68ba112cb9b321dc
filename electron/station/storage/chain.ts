import { createHash, hash, type KeyObject, sign, verify } from 'node:crypto';
import { type EntryMeta, entryForm, genesisForm } from '../../../shared/sync/entry.ts';
import { feedForm, feedGenesisForm } from '../../../shared/sync/protocol.ts';

/**
 * The log's arithmetic, apart from where it is stored.
 *
 * commitment = SHA-256(salt ‖ body): body and salt can be erased and the chain still verifies.
 * hash       = SHA-256 of the metadata, commitment and previous hash as `entryForm` writes them
 * signature  = Ed25519 over the 32 bytes of hash, by the station's key
 */

const sha256 = (text: string): Buffer => hash('sha256', text, 'buffer');

/** What the first entry has as its previous hash. */
export const genesis = (stationId: string): Buffer => sha256(genesisForm(stationId));

export const commitTo = (salt: Uint8Array, body: string): Buffer =>
  createHash('sha256').update(salt).update(body, 'utf8').digest();

export const entryHash = (meta: EntryMeta, commitment: Uint8Array, previous: Uint8Array): Buffer =>
  sha256(entryForm(meta, Buffer.from(commitment).toString('hex'), Buffer.from(previous).toString('hex')));

/** What a site's feed begins with, and its hash at `n`. */
export const feedGenesis = (siteId: string): Buffer => sha256(feedGenesisForm(siteId));
export const feedHash = (siteId: string, n: number, entry: Buffer, previous: Buffer): Buffer =>
  sha256(feedForm(siteId, n, entry.toString('hex'), previous.toString('hex')));

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
