import { createHash, createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import { type Entry, entryForm, genesisForm } from '../../shared/sync/entry.ts';
import { feedForm, feedGenesisForm } from '../../shared/sync/protocol.ts';

const sha256 = (text: string): Buffer => hash('sha256', text, 'buffer');

/** What the first entry of a station's log follows. */
export const genesis = (stationId: string): Buffer => sha256(genesisForm(stationId));
export const feedGenesis = (siteId: string): Buffer => sha256(feedGenesisForm(siteId));

/** The feed's hash at `n`. */
export const feedHash = (siteId: string, n: number, entry: Buffer, previous: Buffer): Buffer =>
  sha256(feedForm(siteId, n, entry.toString('hex'), previous.toString('hex')));

/** Hash of an entry that follows `previous`; null when its content is not what was committed to. */
export function hashOf(stationId: string, entry: Entry, previous: Buffer): Buffer | null {
  const { body, salt, commitment, ...meta } = entry;
  const committed = Buffer.from(commitment, 'base64');
  if ((body === null) !== (salt === null)) return null;
  if (body !== null && salt !== null) {
    const content = createHash('sha256').update(Buffer.from(salt, 'base64')).update(body, 'utf8').digest();
    if (!content.equals(committed)) return null;
  }
  return sha256(entryForm({ ...meta, stationId }, committed.toString('hex'), previous.toString('hex')));
}

/** Keys that were read lately: reading one costs a third of checking a signature with it. */
const keys = new Map<string, KeyObject>();
const KEYS_KEPT = 1000;

export function publicKey(der: Uint8Array): KeyObject {
  const bytes = Buffer.from(der);
  const name = bytes.toString('base64');
  const known = keys.get(name);
  if (known) return known;
  const key = createPublicKey({ key: bytes, format: 'der', type: 'spki' });
  if (keys.size >= KEYS_KEPT) keys.clear();
  keys.set(name, key);
  return key;
}

/** Whether a station signed a hash. */
export const signed = (hash: Buffer, signature: string, key: KeyObject): boolean =>
  verify(null, hash, key, Buffer.from(signature, 'base64'));
