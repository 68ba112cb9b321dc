import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { PREFIX, TAG, uuidBytes } from './layout.ts';

/** Length of a case key in bytes. */
export const CASE_KEY = 32;

export interface FileKey {
  readonly key: KeyObject;
  readonly check: Buffer;
}

/** The key of one file and its check value; see `layout.ts`. */
export function deriveFileKey(caseKey: Uint8Array, id: string, salt: Uint8Array): FileKey {
  if (caseKey.length !== CASE_KEY) throw new Error(`a case key has ${CASE_KEY} bytes, not ${caseKey.length}`);
  const hkdfSalt = Buffer.concat([uuidBytes(id), salt]);
  const okm = Buffer.from(hkdfSync('sha256', caseKey, hkdfSalt, 'repairbench artifact v1', 48));
  return { key: createSecretKey(okm.subarray(0, 32)), check: Buffer.from(okm.subarray(32)) };
}

const FRAMES = 0;
const INDEX = 1;

function nonce(space: typeof FRAMES | typeof INDEX, counter: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(space, 0);
  bytes.writeBigUInt64BE(BigInt(counter), 4);
  return bytes;
}

function frameAad(header: Buffer, k: number, prefix: Buffer): Buffer {
  const aad = Buffer.alloc(header.length + 8 + PREFIX);
  header.copy(aad, 0);
  aad.writeBigUInt64BE(BigInt(k), header.length);
  prefix.copy(aad, header.length + 8, 0, PREFIX);
  return aad;
}

/** Ciphertext and tag of frame `k`. */
export function sealFrame(
  key: KeyObject,
  header: Buffer,
  k: number,
  prefix: Buffer,
  body: Uint8Array,
): [ciphertext: Buffer, tag: Buffer] {
  const cipher = createCipheriv('aes-256-gcm', key, nonce(FRAMES, k)).setAAD(frameAad(header, k, prefix));
  const ciphertext = cipher.update(body);
  cipher.final();
  return [ciphertext, cipher.getAuthTag()];
}

/** The body of frame `k` (still gzipped if it was), or null when it does not authenticate. */
export function openFrame(key: KeyObject, header: Buffer, k: number, frame: Buffer): Buffer | null {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce(FRAMES, k), { authTagLength: TAG })
    .setAAD(frameAad(header, k, frame))
    .setAuthTag(frame.subarray(-TAG));
  return decrypt(decipher, frame.subarray(PREFIX, -TAG));
}

export function sealIndex(
  key: KeyObject,
  header: Buffer,
  trailer: Buffer,
  chunks: number,
  index: Buffer,
): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce(INDEX, chunks));
  cipher.setAAD(Buffer.concat([header, trailer]));
  return Buffer.concat([cipher.update(index), cipher.final(), cipher.getAuthTag()]);
}

/** The index's bytes, or null when they do not authenticate. */
export function openIndex(
  key: KeyObject,
  header: Buffer,
  trailer: Buffer,
  chunks: number,
  frame: Buffer,
): Buffer | null {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce(INDEX, chunks), { authTagLength: TAG })
    .setAAD(Buffer.concat([header, trailer]))
    .setAuthTag(frame.subarray(-TAG));
  return decrypt(decipher, frame.subarray(0, -TAG));
}

function decrypt(decipher: ReturnType<typeof createDecipheriv>, ciphertext: Buffer): Buffer | null {
  // What `update` gives is not authenticated yet: it leaves this function only after `final` agreed.
  const plain = decipher.update(ciphertext);
  try {
    decipher.final();
    return plain;
  } catch {
    return null;
  }
}

export const sha256 = (...parts: Uint8Array[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** The file's root hash, hexadecimal; see `layout.ts`. */
export function rootHash(
  header: Buffer,
  frameHashes: readonly Buffer[],
  indexFrame: Buffer,
  trailer: Buffer,
): string {
  const hash = createHash('sha256').update('repairbench artifact root v1\n').update(header);
  for (const frameHash of frameHashes) hash.update(frameHash);
  return hash.update(sha256(indexFrame)).update(trailer).digest('hex');
}
