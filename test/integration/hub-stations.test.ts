import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeBackup, makeBenchCode, verify } from '../../hub/commands.ts';
import { type Hub, startHub } from '../../hub/hub.ts';
import { HEADERS, rotationForm, SYNC_PROTOCOL } from '../../shared/sync/protocol.ts';
import { commandLine } from '../support/cli.ts';
import { type AdminClient, adminOf, BareStation, testHub } from '../support/hub.ts';

let folder: string;
let hub: Hub;
let admin: AdminClient;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repairbench-stations-'));
  // As root, PostgreSQL runs as a user of its own and has to get there.
  await chmod(folder, 0o711);
  hub = await testHub(folder);
  admin = await adminOf(hub);
});
afterAll(async () => {
  await hub.close();
  await rm(folder, { recursive: true, force: true });
});

const refusal = (code: string) => expect.objectContaining({ code });
interface Keys {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}
const newKeys = (): Keys => generateKeyPairSync('ed25519');
const der = ({ publicKey }: Keys) => publicKey.export({ format: 'der', type: 'spki' }).toString('base64');

let benches = 0;
async function bench(keys = newKeys()): Promise<BareStation> {
  benches += 1;
  const one = new BareStation(hub.address, `S${benches}`, keys);
  await one.enrol(await admin.code());
  return one;
}
const note = (one: BareStation, more: object = {}) =>
  one.append('case.noted', v7(), { noteId: v7(), text: 'noted' }, more);
/** The same bench with another key. */
const withKey = (one: BareStation, keys: Keys): BareStation => {
  const { incarnation, lineage, log, readN, readHash, siteId, hubKey } = one;
  const other = new BareStation(one.address, one.prefix, keys, one.id);
  return Object.assign(other, { incarnation, lineage, log, readN, readHash, siteId, hubKey });
};
const rotation = (one: BareStation, before: Keys, next: Keys, fromSeq: number, signer = next) => {
  const form = rotationForm(one.id, der(before), der(next), fromSeq);
  const signature = sign(null, Buffer.from(form), signer.privateKey).toString('base64');
  return { publicKey: der(next), fromSeq, signature };
};

describe('a bench that is called otherwise', () => {
  it('says so, and takes no prefix that another one has', async () => {
    const [one, two] = [await bench(), await bench()];
    await one.ask('POST', '/v1/station', { name: 'Bench at the window', prefix: 'WIN' });
    const named = async () => (await admin.stations()).find(({ id }) => id === one.id);
    expect(await named()).toMatchObject({ name: 'Bench at the window', prefix: 'WIN' });
    const taken = { name: 'Bench at the door', prefix: two.prefix };
    await expect(one.ask('POST', '/v1/station', taken)).rejects.toThrow(refusal('sync.prefix-taken'));
    expect(await named()).toMatchObject({ name: 'Bench at the window', prefix: 'WIN' });
    // What it was called before is free for another.
    const third = new BareStation(hub.address, one.prefix);
    await third.enrol(await admin.code());
    const bad = { name: '', prefix: 'lower' };
    await expect(one.ask('POST', '/v1/station', bad)).rejects.toThrow(refusal('sync.bad-request'));
  });

  it('two that want the same prefix at the same moment are both answered', async () => {
    const all = await Promise.all(Array.from({ length: 6 }, () => bench()));
    const outcomes = await Promise.all(
      all.map((one) =>
        one.ask('POST', '/v1/station', { name: 'Everybody', prefix: 'ONE' }).then(
          () => 'taken',
          ({ code }: { code: string }) => code,
        ),
      ),
    );
    expect(outcomes.sort()).toEqual([...Array(5).fill('sync.prefix-taken'), 'taken']);
  });
});

describe('a bench that changes its key', () => {
  it('sends what it wrote before and after, and is refused by the key it had', async () => {
    const [first, second] = [newKeys(), newKeys()];
    const one = await bench(first);
    note(one);
    await one.push(0);
    // Written, signed and not sent yet when the key is changed.
    for (let i = 0; i < 3; i++) note(one);
    const waiting = one.pushOf(1);
    await one.ask('POST', '/v1/rotate', rotation(one, first, second, one.log.length + 1));
    await expect(one.send(waiting)).rejects.toThrow(refusal('sync.key-rotated'));
    const next = withKey(one, second);
    expect((await next.ask('POST', '/v1/push', waiting)) as object).toMatchObject({ acknowledged: 4 });
    note(next);
    // What comes after the change is signed by the new key only.
    const forged = {
      ...next.pushOf(4),
      end: { ...next.pushOf(4).end, signature: one.pushOf(4).end.signature },
    };
    await expect(next.send(forged)).rejects.toThrow(refusal('sync.bad-signature'));
    expect(await next.push(4)).toBe(5);
    // The answer was lost: asked again by the old key, the hub says the same.
    await one.ask('POST', '/v1/rotate', rotation(one, first, second, 5));
    const third = newKeys();
    await expect(one.ask('POST', '/v1/rotate', rotation(one, first, third, 99))).rejects.toThrow(
      refusal('sync.key-rotated'),
    );
    await next.ask('POST', '/v1/rotate', rotation(one, second, third, 6));
    expect(await withKey(next, third).push(5)).toBe(5);
    expect(await verify({ dataDir: join(folder, 'hub'), log: () => {} })).toMatchObject({ ok: true });
  });

  it('has to have the new one, and begins it after what the hub has', async () => {
    const [first, second] = [newKeys(), newKeys()];
    const one = await bench(first);
    note(one);
    await one.push(0);
    const attempt = (content: object) => one.ask('POST', '/v1/rotate', content);
    await expect(attempt(rotation(one, first, second, 2, first))).rejects.toThrow(
      refusal('sync.bad-signature'),
    );
    await expect(attempt(rotation(one, first, second, 1))).rejects.toThrow(refusal('sync.bad-request'));
    const rsa = generateKeyPairSync('rsa', { modulusLength: 512 });
    await expect(attempt(rotation(one, first, rsa, 2, second))).rejects.toThrow(refusal('sync.bad-request'));
    await expect(withKey(one, second).push(1)).rejects.toThrow(refusal('sync.bad-signature'));
    expect(await one.push(1)).toBe(1);
  });

  it('comes back with an old key only when it was revoked, by a new code', async () => {
    const [first, second] = [newKeys(), newKeys()];
    const one = await bench(first);
    for (let i = 0; i < 4; i++) note(one);
    await one.push(0);
    await one.ask('POST', '/v1/rotate', rotation(one, first, second, 5));
    const next = withKey(one, second);
    note(next);
    await next.push(4);
    // Restored from a backup of before.
    const old = withKey(one, first);
    old.log = old.log.slice(0, 3);
    old.lineage = [{ incarnation: one.incarnation, seq: 3 }];
    old.incarnation = randomUUID();
    note(old);
    await expect(old.push(3)).rejects.toThrow(refusal('sync.key-rotated'));
    const code = await admin.code();
    await expect(old.enrol(code)).rejects.toThrow(refusal('sync.already-enrolled'));
    await admin.revoke(one.id);
    await old.enrol(code);
    expect(await old.push(3)).toBe(4);
    await expect(next.push(5)).rejects.toThrow(refusal('sync.key-rotated'));
    expect(await verify({ dataDir: join(folder, 'hub'), log: () => {} })).toMatchObject({ ok: true });
  });
});

describe('a bench that went back to an earlier entry', () => {
  it('is not told that what it writes anew is in a backup', async () => {
    const where = { dataDir: join(folder, 'hub'), to: join(folder, 'backups'), log: () => {} };
    const one = await bench();
    for (let i = 0; i < 9; i++) note(one);
    await one.push(0);
    await makeBackup(where);
    expect((await one.send(one.pushOf(9))).backedUp).toBe(9);
    one.restore(4);
    note(one);
    expect((await one.send(one.pushOf(4))).backedUp).toBe(0);
    expect((await one.send(one.pushOf(5))).backedUp).toBe(0);
    await makeBackup(where);
    expect((await one.send(one.pushOf(5))).backedUp).toBe(5);
  });
});

describe('versions', () => {
  it.each([
    [SYNC_PROTOCOL - 1, 426, 'sync.too-old'],
    [SYNC_PROTOCOL + 1, 409, 'sync.too-new'],
    ['new', 409, 'sync.bad-request'],
  ])('a bench that speaks %s is told so before anything is done', async (protocol, status, code) => {
    const one = await bench();
    note(one);
    for (const path of ['/v1/push', '/v1/enrol']) {
      const answer = await fetch(`${hub.address}${path}`, {
        method: 'POST',
        headers: { [HEADERS.protocol]: String(protocol) },
        body: JSON.stringify(one.pushOf(0)),
      });
      expect(answer.status).toBe(status);
      expect(await answer.json()).toMatchObject({ error: { code, message: expect.stringMatching(/\.$/) } });
    }
    // Nothing was taken, nothing was lost.
    expect(await one.push(0)).toBe(1);
  });
});

describe('what an administrator sees of a bench', () => {
  it('when it was last there, and how its clock is', async () => {
    const one = await bench();
    const seen = async () => (await admin.stations()).find(({ id }) => id === one.id);
    expect(await seen()).toMatchObject({ clockOffsetS: 0, lastSeq: 0, lastAt: null });
    one.skewMs = 3 * 3600_000;
    await expect(one.push(0)).rejects.toThrow(refusal('sync.clock'));
    expect(Math.round(((await seen())?.clockOffsetS ?? 0) / 60)).toBe(180);
    one.skewMs = -90_000;
    const { at } = note(one);
    await one.push(0);
    const now = await seen();
    expect(Math.round((now?.clockOffsetS ?? 0) / 10)).toBe(-9);
    expect(now).toMatchObject({ lastSeq: 1, lastAt: at });
    expect(Date.parse(now?.seenAt ?? '')).toBeGreaterThan(Date.parse(now?.enrolledAt ?? '') - 1);
  });
});

describe('TLS', () => {
  it('by certificate files: a bench joins when it trusts who made them', async () => {
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    execFileSync(
      'openssl',
      [
        ...[
          'req',
          '-x509',
          '-newkey',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:prime256v1',
          '-nodes',
          '-days',
          '30',
        ],
        ...[
          '-keyout',
          key,
          '-out',
          cert,
          '-subj',
          '/CN=hub',
          '-addext',
          'subjectAltName=DNS:localhost,IP:127.0.0.1',
        ],
      ],
      { stdio: 'ignore' },
    );
    const secure = await startHub({
      ...{ dataDir: join(folder, 'secure'), host: '127.0.0.1', port: 0, log: () => {} },
      tls: { cert, key },
    });
    try {
      expect(secure.adminLink).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/admin#/);
      const cli = await commandLine();
      const trusting = { NODE_EXTRA_CA_CERTS: cert };
      await cli.expect(0, ['init', '--admin', 'Ada']);
      const { code: once } = await makeBenchCode({ dataDir: join(folder, 'secure'), log: () => {} });
      const url = secure.address;
      const refused = await cli.run(['hub', 'enrol', url, once]);
      expect(JSON.parse(refused.out)).toMatchObject({
        error: { code: 'sync.unreachable', message: expect.stringContaining('SELF_SIGNED') },
      });
      await cli.expect(0, ['hub', 'enrol', url, once], trusting);
      expect(await cli.expect(0, ['sync', '--once'], trusting)).toMatchObject({ pending: 0 });
    } finally {
      await secure.close();
    }
  });

  it('that does not fit is refused before anything listens', async () => {
    const at = { dataDir: join(folder, 'unfit'), host: '127.0.0.1', port: 0, log: () => {} };
    const missing = { cert: join(folder, 'nowhere.pem'), key: join(folder, 'nowhere.pem') };
    await expect(startHub({ ...at, tls: missing })).rejects.toThrow(refusal('hub.tls'));
  });
});
