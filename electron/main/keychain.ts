import { safeStorage } from 'electron';
import { z } from 'zod';
import type { Keychain } from './station.ts';

const VERSION = 1;
/** The station's id is inside, so that a wrapped key cannot be passed off as another station's. */
const Wrapped = z.object({ v: z.literal(VERSION), stationId: z.string(), key: z.string() });

/**
 * The system's keychain, or null where there is none. On Linux without a secret service Electron
 * offers `basic_text`, which only obfuscates with a key that everybody knows: that counts as none.
 */
export function systemKeychain(): Keychain | null {
  if (!safeStorage.isEncryptionAvailable()) return null;
  if (
    process.platform === 'linux' &&
    ['basic_text', 'unknown'].includes(safeStorage.getSelectedStorageBackend())
  ) {
    return null;
  }
  return {
    wrap: (key, stationId) => {
      try {
        const content = JSON.stringify({ v: VERSION, stationId, key });
        return safeStorage.encryptString(content).toString('base64');
      } catch {
        return null;
      }
    },
    unwrap: (wrapped, stationId) => {
      try {
        const text = safeStorage.decryptString(Buffer.from(wrapped, 'base64'));
        const content = Wrapped.parse(JSON.parse(text));
        return content.stationId === stationId ? content.key : null;
      } catch {
        return null;
      }
    },
  };
}
