import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { BenchError } from '../../../shared/errors/index.ts';
import { writeFileDurably } from './files.ts';
import { formatRecoveryKey, parseRecoveryKey } from './recovery-key.ts';

/**
 * One random data key opens a data folder. `keys.json` holds it wrapped several ways, each of which is
 * enough: by the host's protector (OS keychain, or a key file outside the folder) and by the printed
 * recovery key. The key itself travels by message only, never by environment or arguments.
 */
export interface KeyProtector {
  readonly kind: 'keychain' | 'key-file';
  wrap(key: Uint8Array, stationId: string): Promise<string>;
  /** Null when this machine or user does not have what unwraps it. */
  unwrap(wrapped: string, stationId: string): Promise<Uint8Array | null>;
}

const KeyRingFile = z.object({
  version: z.literal(1),
  stationId: z.uuid(),
  wraps: z
    .array(z.object({ kind: z.enum(['keychain', 'key-file', 'recovery']), wrapped: z.string() }))
    .min(1),
});
export type KeyRingFile = z.infer<typeof KeyRingFile>;

const ringPath = (dataDir: string) => join(dataDir, 'keys.json');

export const hasKeyRing = (dataDir: string): boolean => existsSync(ringPath(dataDir));

/** Throws `storage.damaged` when the file is not what this program writes. */
export function readKeyRing(dataDir: string): KeyRingFile {
  try {
    return KeyRingFile.parse(JSON.parse(readFileSync(ringPath(dataDir), 'utf8')));
  } catch (cause) {
    const detail = 'keys.json cannot be read';
    throw new BenchError('storage.damaged', { path: dataDir, detail }, { cause });
  }
}

/** A ring that is not on disk yet. */
export interface NewKeyRing {
  readonly dataKey: Uint8Array;
  /** To print; it is kept nowhere. */
  readonly recoveryKey: string;
  /** Makes it the folder's: from then on there is a bench. */
  write(dataDir: string): void;
}

/** Makes a data key and its ring. */
export async function makeKeyRing(stationId: string, protector: KeyProtector): Promise<NewKeyRing> {
  const dataKey = new Uint8Array(randomBytes(32));
  const recovery = newRecovery(dataKey, stationId);
  const wraps = [{ kind: protector.kind, wrapped: await protector.wrap(dataKey, stationId) }, recovery.wrap];
  return {
    dataKey,
    recoveryKey: recovery.printed,
    write: (dataDir) => writeRing(dataDir, { version: 1, stationId, wraps }),
  };
}

/**
 * Makes another recovery key, where the one in the safe was lost or seen; the old one opens nothing from then on.
 * Throws `storage.locked` when the key is not on this machine.
 */
export async function renewRecoveryKey(dataDir: string, protector: KeyProtector): Promise<string> {
  const ring = readKeyRing(dataDir);
  const key = await unwrapDataKey(ring, protector);
  if (!key) throw new BenchError('storage.locked', { path: dataDir });
  const { printed, wrap } = newRecovery(key, ring.stationId);
  writeRing(dataDir, { ...ring, wraps: [...ring.wraps.filter(({ kind }) => kind !== 'recovery'), wrap] });
  return printed;
}

function newRecovery(dataKey: Uint8Array, stationId: string) {
  const secret = new Uint8Array(randomBytes(20));
  const wrapped = seal(dataKey, recoveryKek(secret, stationId), stationId);
  return { printed: formatRecoveryKey(secret), wrap: { kind: 'recovery' as const, wrapped } };
}

function writeRing(dataDir: string, ring: KeyRingFile): void {
  writeFileDurably(ringPath(dataDir), `${JSON.stringify(ring, null, 2)}\n`);
}

/** The data key by the host's protector; null when only the recovery key can help. */
export async function unwrapDataKey(ring: KeyRingFile, protector: KeyProtector): Promise<Uint8Array | null> {
  for (const entry of ring.wraps) {
    if (entry.kind !== protector.kind) continue;
    const key = await protector.unwrap(entry.wrapped, ring.stationId);
    if (key) return key;
  }
  return null;
}

/**
 * The data key by the printed recovery key; adds the host's protector to the ring so that it is at hand
 * from now on. Throws `storage.wrong-recovery-key`.
 */
export async function recoverDataKey(
  dataDir: string,
  typed: string,
  protector: KeyProtector,
): Promise<Uint8Array> {
  const ring = readKeyRing(dataDir);
  const key = keyFrom(ring, typed);
  if (!key) throw new BenchError('storage.wrong-recovery-key');
  const others = ring.wraps.filter((entry) => entry.kind !== protector.kind);
  const wraps = [{ kind: protector.kind, wrapped: await protector.wrap(key, ring.stationId) }, ...others];
  writeRing(dataDir, { ...ring, wraps });
  return key;
}

/** Whether it is this bench's recovery key; changes nothing. */
export const isRecoveryKey = (dataDir: string, typed: string): boolean =>
  keyFrom(readKeyRing(dataDir), typed) !== null;

function keyFrom(ring: KeyRingFile, typed: string): Uint8Array | null {
  const secret = parseRecoveryKey(typed);
  const wrapped = ring.wraps.find((entry) => entry.kind === 'recovery')?.wrapped;
  return secret && wrapped ? unseal(wrapped, recoveryKek(secret, ring.stationId), ring.stationId) : null;
}

/** 160 random bits need no slow derivation; HKDF binds them to this station and this use. */
const recoveryKek = (secret: Uint8Array, stationId: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secret, stationId, 'repairbench recovery key v1', 32));

/** AES-256-GCM under `kek`, bound to the station: nonce ‖ ciphertext ‖ tag, base64. */
export function seal(plain: Uint8Array, kek: Uint8Array, stationId: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', kek, nonce).setAAD(Buffer.from(stationId));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

/** Null when the key does not fit or the bytes were changed. */
export function unseal(sealed: string, kek: Uint8Array, stationId: string): Uint8Array | null {
  const bytes = Buffer.from(sealed, 'base64');
  if (bytes.length < 28) return null;
  try {
    const decipher = createDecipheriv('aes-256-gcm', kek, bytes.subarray(0, 12))
      .setAAD(Buffer.from(stationId))
      .setAuthTag(bytes.subarray(-16));
    return new Uint8Array(Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]));
  } catch {
    return null;
  }
}
