import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const { safeStorage } = vi.hoisted(() => ({
  safeStorage: {
    isEncryptionAvailable: vi.fn(() => true),
    getSelectedStorageBackend: vi.fn(() => 'gnome_libsecret'),
    encryptString: vi.fn((text: string) => Buffer.from(`sealed:${text}`)),
    decryptString: vi.fn((bytes: Buffer) => {
      const text = bytes.toString();
      if (!text.startsWith('sealed:')) throw new Error('not ours');
      return text.slice('sealed:'.length);
    }),
  },
}));
vi.mock('electron', () => ({ safeStorage }));
const { systemKeychain } = await import('./keychain.ts');

const realPlatform = process.platform;
const setPlatform = (value: NodeJS.Platform) => Object.defineProperty(process, 'platform', { value });

beforeEach(() => setPlatform('linux'));
afterEach(() => {
  setPlatform(realPlatform);
  vi.clearAllMocks();
});

test('a keychain that only obfuscates counts as none', () => {
  for (const backend of ['basic_text', 'unknown']) {
    safeStorage.getSelectedStorageBackend.mockReturnValueOnce(backend);
    expect(systemKeychain()).toBeNull();
  }
  safeStorage.isEncryptionAvailable.mockReturnValueOnce(false);
  expect(systemKeychain()).toBeNull();
});

test('a wrapped key opens for its own station only', () => {
  const keychain = systemKeychain();
  const wrapped = keychain?.wrap('a2V5', 'station-1') ?? '';
  expect(keychain?.unwrap(wrapped, 'station-1')).toBe('a2V5');
  expect(keychain?.unwrap(wrapped, 'station-2')).toBeNull();
});

test('what the keychain cannot open is none of its own', () => {
  const keychain = systemKeychain();
  expect(keychain?.unwrap('', 's')).toBeNull();
  expect(keychain?.unwrap(Buffer.from('sealed:{}').toString('base64'), 's')).toBeNull();
  expect(keychain?.unwrap(Buffer.from('sealed:x').toString('base64'), 's')).toBeNull();
  safeStorage.encryptString.mockImplementationOnce(() => {
    throw new Error('locked');
  });
  expect(keychain?.wrap('a2V5', 's')).toBeNull();
});
