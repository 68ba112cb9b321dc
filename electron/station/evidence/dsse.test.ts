import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { WIPE_RECORD_TYPE } from '../../../shared/model/records.ts';
import { ed25519Signer, keyIdOf, keysById, pae, seal, unseal } from './dsse.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const other = generateKeyPairSync('ed25519');
const signer = ed25519Signer(privateKey);
const keys = keysById(publicKey);
const TYPE = WIPE_RECORD_TYPE;
const OTHER_TYPE = 'application/vnd.repairbench.other+json; version=1';
const payload = Buffer.from('{ "exact":  "bytes, é 😀" }\n');
const parts = (envelope: string) => JSON.parse(envelope);

describe('PAE', () => {
  it('is as the specification’s example', () => {
    expect(pae('http://example.com/HelloWorld', Buffer.from('hello world')).toString()).toBe(
      'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
    );
  });

  it('counts bytes, not characters, and keeps type and payload apart', () => {
    expect(pae('é', Buffer.from('日')).toString()).toBe('DSSEv1 2 é 3 日');
    expect(pae('a', Buffer.from('1 b')).equals(pae('a 1', Buffer.from('b')))).toBe(false);
  });
});

describe('an envelope', () => {
  const envelope = seal(TYPE, payload, signer);

  it('gives back the exact bytes that were signed', () => {
    const opened = unseal(envelope, TYPE, keys);
    expect(opened).toEqual({ ok: true, payload, keyId: keyIdOf(publicKey) });
    expect(TYPE).toBe('application/vnd.repairbench.wipe-record+json; version=1');
    expect(keyIdOf(publicKey)).toMatch(/^[0-9a-f]{32}$/);
  });

  it('is accepted in URL-safe base64, with other fields and other signatures', () => {
    const { payload: body, signatures } = parts(envelope);
    const url = (text: string) => text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
    const foreign = parts(seal(TYPE, payload, ed25519Signer(other.privateKey))).signatures[0];
    const own = { ...signatures[0], sig: url(signatures[0].sig), extra: 1 };
    const text = JSON.stringify({
      payload: url(body),
      payloadType: TYPE,
      signatures: [foreign, own],
      more: true,
    });
    expect(unseal(text, TYPE, keys)).toMatchObject({ ok: true });
  });

  it('is refused for a reason', () => {
    const { payload: body, payloadType: type, signatures } = parts(envelope);
    const reason = (change: object) => {
      const result = unseal(
        JSON.stringify({ payload: body, payloadType: type, signatures, ...change }),
        TYPE,
        keys,
      );
      return result.ok ? 'ok' : result.reason;
    };
    const changed = Buffer.from(payload);
    changed[3] = 0;
    expect(reason({})).toBe('ok');
    expect(reason({ payload: changed.toString('base64') })).toBe('bad-signature');
    expect(reason({ payloadType: OTHER_TYPE })).toBe('other-type');
    expect(reason({ signatures: [{ ...signatures[0], sig: Buffer.alloc(64).toString('base64') }] })).toBe(
      'bad-signature',
    );
    expect(reason({ signatures: [{ ...signatures[0], sig: '' }] })).toBe('bad-signature');
    expect(reason({ signatures: [{ ...signatures[0], sig: '%%%' }] })).toBe('bad-signature');
    const foreign = parts(seal(TYPE, payload, ed25519Signer(other.privateKey))).signatures;
    expect(reason({ signatures: foreign })).toBe('unknown-key');
    // Another key's signature under the known key's name.
    expect(reason({ signatures: [{ ...foreign[0], keyid: signer.keyId }] })).toBe('bad-signature');
    expect(reason({ signatures: [{ sig: signatures[0].sig }] })).toBe('unknown-key');
    expect(reason({ signatures: [] })).toBe('malformed');
    expect(reason({ payload: 'not base64!' })).toBe('malformed');
    expect(reason({ payload: 1 })).toBe('malformed');
    expect(unseal('not JSON', TYPE, keys)).toMatchObject({ reason: 'malformed' });
    expect(unseal('null', TYPE, keys)).toMatchObject({ reason: 'malformed' });
  });

  it('under another type is not valid, even when both types are asked for', () => {
    const renamed = JSON.stringify({ ...parts(envelope), payloadType: OTHER_TYPE });
    expect(unseal(renamed, OTHER_TYPE, keys)).toMatchObject({ reason: 'bad-signature' });
  });
});

it('signs with Ed25519 only', () => {
  const { privateKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  expect(() => ed25519Signer(rsa)).toThrow('Ed25519');
});

const openssl = spawnSync('openssl', ['version'], { encoding: 'utf8' });
it.runIf(openssl.status === 0 && /OpenSSL [3-9]/.test(openssl.stdout))('openssl agrees', () => {
  const folder = mkdtempSync(join(tmpdir(), 'repairbench-dsse-'));
  try {
    const at = (name: string) => join(folder, name);
    const envelope = parts(seal(TYPE, payload, signer));
    writeFileSync(at('key.pem'), publicKey.export({ format: 'pem', type: 'spki' }));
    writeFileSync(at('sig'), Buffer.from(envelope.signatures[0].sig, 'base64'));
    const check = (bytes: Buffer) => {
      writeFileSync(at('pae'), bytes);
      const args = [
        'pkeyutl',
        '-verify',
        '-pubin',
        '-inkey',
        at('key.pem'),
        '-rawin',
        '-in',
        at('pae'),
        '-sigfile',
        at('sig'),
      ];
      return spawnSync('openssl', args, { encoding: 'utf8' });
    };
    const head = `DSSEv1 ${TYPE.length} ${TYPE} ${payload.length} `;
    const good = check(Buffer.concat([Buffer.from(head), Buffer.from(envelope.payload, 'base64')]));
    expect(good.stdout).toContain('Signature Verified Successfully');
    expect(good.status).toBe(0);
    expect(check(payload).status).not.toBe(0);

    const der = spawnSync('openssl', ['pkey', '-pubin', '-in', at('key.pem'), '-outform', 'DER']);
    const digest = spawnSync('openssl', ['dgst', '-sha256', '-r'], { input: der.stdout, encoding: 'utf8' });
    expect(digest.stdout.slice(0, 32)).toBe(signer.keyId);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
