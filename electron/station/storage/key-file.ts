import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { writeFileDurably } from './files.ts';
import { type KeyProtector, seal, unseal } from './keyring.ts';

/**
 * Where there is no keychain: a random key in a private file of the user's configuration, away from the
 * data, so that a copied or stolen data folder alone opens nothing.
 */
export function keyFileProtector(folder: string = defaultKeyFolder()): KeyProtector {
  const path = (stationId: string) => join(folder, `${stationId}.key`);
  const read = (stationId: string): Uint8Array | null => {
    try {
      const bytes = Buffer.from(readFileSync(path(stationId), 'utf8').trim(), 'base64');
      return bytes.length === 32 ? new Uint8Array(bytes) : null;
    } catch {
      return null;
    }
  };
  return {
    kind: 'key-file',
    async wrap(key, stationId) {
      let kek = read(stationId);
      if (!kek) {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        kek = new Uint8Array(randomBytes(32));
        writeFileDurably(path(stationId), `${Buffer.from(kek).toString('base64')}\n`);
      }
      return seal(key, kek, stationId);
    },
    async unwrap(wrapped, stationId) {
      const kek = read(stationId);
      return kek && unseal(wrapped, kek, stationId);
    },
  };
}

/** `REPAIRBENCH_KEYS` names the folder (not a key); otherwise the user's configuration. */
export function defaultKeyFolder(): string {
  if (process.env.REPAIRBENCH_KEYS) return process.env.REPAIRBENCH_KEYS;
  const config = process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config');
  return join(config, 'repairbench', 'keys');
}
