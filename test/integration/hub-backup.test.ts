import { createHash, randomBytes } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { chmod, mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeBackup, restore, verify } from '../../hub/commands.ts';
import { publicKey, signed } from '../../hub/feed/chain.ts';
import { type Hub, startHub } from '../../hub/hub.ts';
import { backupsIn, keepNewest } from '../../hub/storage/backup.ts';
import { epochForms } from '../../shared/sync/epochs.ts';
import { FeedAnswer } from '../../shared/sync/protocol.ts';
import { makeBench, type TestBench } from '../support/bench.ts';
import { type AdminClient, BareStation, testHub } from '../support/hub.ts';
import { type TestPostgres, testPostgres } from '../support/postgres.ts';

let folder: string;
let hub: Awaited<ReturnType<typeof testHub>>;
let admin: AdminClient;
const open: Hub[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repairbench-backup-'));
  // As root, PostgreSQL runs as a user of its own and has to get there.
  await chmod(folder, 0o711);
  hub = await testHub(folder);
  admin = await hub.admin();
});
afterAll(async () => {
  for (const one of [hub, ...open]) await one.close();
  await rm(folder, { recursive: true, force: true });
});

const refusal = (code: string) => expect.objectContaining({ code });
const silent = { log: () => {} };
const place = (name: string) => join(folder, name);
const here = () => ({ ...silent, dataDir: place('hub') });

let benches = 0;
async function bench(entries: number): Promise<BareStation> {
  benches += 1;
  const one = new BareStation(hub.address, `B${benches}`);
  await one.enrol(await admin.code());
  await work(one, entries);
  return one;
}
async function work(one: BareStation, entries: number): Promise<void> {
  const from = one.log.length;
  for (let i = 0; i < entries; i++) {
    // What JSON, lines and SQL could each read otherwise.
    const text = `note ${i}: "quoted" {braces} back\\slash\nline\u2028separator ’ 🔧 ${randomBytes(8).toString('hex')}`;
    one.append('case.noted', v7(), { noteId: v7(), text });
    if (i % 5 === 0) one.append('port.added', v7(), null, { synced: false });
  }
  await one.push(from);
}

/** Puts content where the hub keeps it. */
function addBlob(siteId: string, content: Buffer): string {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const path = join(siteId, sha256.slice(0, 2), sha256.slice(2));
  mkdirSync(join(place('hub'), 'blobs', path, '..'), { recursive: true });
  writeFileSync(join(place('hub'), 'blobs', path), content);
  return path;
}

async function serve(dataDir: string, databaseUrl?: string): Promise<Hub> {
  const address = { host: '127.0.0.1', port: 0 };
  const served = await startHub({ ...silent, ...address, dataDir, ...(databaseUrl ? { databaseUrl } : {}) });
  open.push(served);
  return served;
}

/** A bench as it is, asking another hub. */
const at = ({ address }: Hub, one: BareStation): BareStation => Object.assign(one.clone(), { address });

describe('a backup', () => {
  it('of a hub at work is whole, says what is safe, and restores to the same history', async () => {
    const to = place('backups');
    const [one, two] = [await bench(40), await bench(700)];
    const blob = addBlob(one.siteId, randomBytes(300_000));
    // Others work meanwhile; a backup is of one instant.
    const working = Promise.all([work(one, 60), work(two, 300)]);
    const first = await makeBackup({ ...here(), to });
    await working;
    expect(existsSync(join(first.folder, 'blobs', blob))).toBe(true);
    const later = addBlob(one.siteId, Buffer.from('later'));
    const second = await makeBackup({ ...here(), to });
    expect(second).toMatchObject({ blobs: 2, damaged: [] });
    expect(statSync(join(second.folder, 'blobs', blob)).ino).toBe(
      statSync(join(first.folder, 'blobs', blob)).ino,
    );
    const { backedUp, acknowledged } = await one.send(one.pushOf(one.log.length));
    expect(backedUp).toBe(acknowledged);
    expect(backedUp).toBe(one.log.length);
    await work(one, 1);
    expect((await one.send(one.pushOf(one.log.length))).backedUp).toBe(backedUp);

    const dataDir = place('restored');
    const report = await restore({ ...silent, dataDir, from: to });
    expect(report).toMatchObject({ entries: second.entries, blobs: 2, madeAt: second.madeAt });
    expect(readFileSync(join(dataDir, 'blobs', later), 'utf8')).toBe('later');
    expect(readdirSync(folder).filter((name) => name.includes('restoring'))).toEqual([]);
    const back = await serve(dataDir);
    const reader = at(back, two);
    const read = await reader.pull();
    const sent = [...one.log.slice(0, backedUp), ...two.log].filter(({ entry }) => entry.synced);
    expect(read.map(({ id, body }) => [id, body]).sort()).toEqual(
      sent.map(({ entry }) => [entry.id, entry.body]).sort(),
    );
    // What the hub took after the backup, its bench sends again.
    const again = at(back, one);
    const refused = await again.send(again.pushOf(again.log.length - 1)).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'sync.hole', acknowledged: backedUp });
    expect(await again.push(backedUp)).toBe(one.log.length);
    expect((await again.send(again.pushOf(again.log.length))).backedUp).toBe(backedUp);
  });

  it('leads benches back along an epoch that the hub has signed, once for each restore', async () => {
    const one = await bench(3);
    const { folder: from } = await makeBackup({ ...here(), to: place('epochs') });
    await restore({ ...silent, dataDir: place('epoch-1'), from });
    const first = await serve(place('epoch-1'));
    await makeBackup({ ...silent, dataDir: place('epoch-1'), to: place('epochs-2') });
    await restore({ ...silent, dataDir: place('epoch-2'), from: place('epochs-2') });
    const second = await serve(place('epoch-2'));
    const pathAt = async (served: Hub) => {
      const page = FeedAnswer.parse(await at(served, one).ask('GET', '/v1/feed?after=0', null));
      return page.epochs ?? [];
    };
    const [path, longer] = [await pathAt(first), await pathAt(second)];
    expect(path).toHaveLength(1);
    expect(longer.slice(0, 1)).toEqual(path);
    expect(longer).toHaveLength(2);
    const key = publicKey(Buffer.from(one.hubKey, 'base64'));
    for (const { text, signature } of epochForms(one.siteId, longer)) {
      expect(signed(Buffer.from(text), signature, key)).toBe(true);
    }
    expect(await verify({ ...silent, dataDir: place('epoch-2') })).toMatchObject({ ok: true });
  });

  it('of a hub that does not run is the same, and the oldest ones go', async () => {
    await bench(5);
    const made = await makeBackup({ ...here(), to: place('cold') });
    const dataDir = place('cold-hub');
    await restore({ ...silent, dataDir, from: made.folder });
    const to = place('rotation');
    const all = [];
    for (let n = 0; n < 3; n++) all.push(await makeBackup({ ...silent, dataDir, to, keep: 2 }));
    expect(all[2]).toMatchObject({ entries: made.entries });
    expect(await backupsIn(to)).toEqual([all[2]?.folder, all[1]?.folder]);
  });

  it('that was cut off is none, and is cleared away when nobody can be at it any more', async () => {
    const to = place('cut');
    const { folder: whole } = await makeBackup({ ...here(), to });
    const cut = `${whole.slice(0, -4)}999Z.partial`;
    cpSync(whole, cut, { recursive: true });
    expect(await backupsIn(to)).toEqual([whole]);
    await keepNewest(to, 1);
    expect(existsSync(cut)).toBe(true);
    await utimes(cut, 0, 0);
    await keepNewest(to, 1);
    expect(readdirSync(to)).toEqual([whole.slice(to.length + 1)]);
  });

  it('leaves out a damaged blob, and says so', async () => {
    const one = await bench(1);
    const path = addBlob(one.siteId, Buffer.from('was this'));
    writeFileSync(join(place('hub'), 'blobs', path), 'is that');
    const made = await makeBackup({ ...here(), to: place('damaged') });
    expect(made.damaged).toEqual([path]);
    expect(existsSync(join(made.folder, 'blobs', path))).toBe(false);
    rmSync(join(place('hub'), 'blobs', path));
  });

  it('is made by the hub itself when one is due, and its age can be watched', async () => {
    const dataDir = place('scheduled');
    const to = place('scheduled-backups');
    const scheduled = await startHub({
      ...{ ...silent, dataDir, host: '127.0.0.1', port: 0 },
      backups: { to, everyMs: 3600_000, keep: 2 },
    });
    open.push(scheduled);
    await expect.poll(() => backupsIn(to), { timeout: 20_000 }).toHaveLength(1);
    const metrics = async () => (await fetch(`${scheduled.address}/metrics`)).text();
    await expect.poll(metrics).toMatch(/^repairbench_hub_backup_age_seconds \d/m);
    expect(await (await fetch(`${hub.address}/metrics`)).text()).toContain('repairbench_hub_database_up 1');
  });
});

describe('benches at work', () => {
  it('survive their hub’s return from a backup: what was in between is sent again, once', async () => {
    const [one, two] = [await makeBench('live'), await makeBench('live', { benchPrefix: 'B2' })];
    for (const name of ['before', 'after']) {
      mkdirSync(place(name));
      await chmod(place(name), 0o711);
    }
    const first = await testHub(place('before'));
    const { port } = new URL(first.address);
    try {
      const administrator = await first.admin();
      for (const { client } of [one, two]) {
        await client.hub.enrol({ url: first.address, code: await administrator.code() });
      }
      const open = async ({ client }: TestBench, serial: string) => {
        const { id } = await client.cases.open({ label: { serial } });
        await client.cases.note({ id, text: `noted for ${serial}` });
      };
      const syncAll = async () => {
        for (const { client } of [one, two, one, two]) await client.hub.sync();
      };
      await open(one, 'SN-BEFORE-1');
      await open(two, 'SN-BEFORE-2');
      await syncAll();
      await makeBackup({ ...silent, dataDir: join(place('before'), 'hub'), to: place('benches') });
      await open(one, 'SN-BETWEEN-1');
      await open(two, 'SN-BETWEEN-2');
      await syncAll();
    } finally {
      await first.close();
    }
    await restore({ ...silent, dataDir: join(place('after'), 'hub'), from: place('benches') });
    const second = await testHub(place('after'), Number(port));
    try {
      for (const { client } of [two, one, two, one]) await client.hub.sync();
      for (const { client } of [one, two]) {
        expect(await client.hub.state()).toMatchObject({ pending: 0, trouble: null });
        expect(await client.verify.log()).toMatchObject({ ok: true });
        const { items } = await client.cases.list({});
        expect(items).toHaveLength(4);
      }
      expect(one.station.siteHash()).toBe(two.station.siteHash());
    } finally {
      await one.close();
      await two.close();
      await second.close();
    }
    expect(await verify({ ...silent, dataDir: join(place('after'), 'hub') })).toMatchObject({ ok: true });
  });
});

describe('a restore', () => {
  /** A backup of its own to spoil. */
  async function spoilt(name: string, spoil: (backup: string) => void): Promise<string> {
    await bench(6);
    const { folder: backup } = await makeBackup({ ...here(), to: place(`to-${name}`) });
    spoil(backup);
    return backup;
  }
  let databases = 0;
  /** Into a new folder and a new database: several of them are made sooner than several servers. */
  const attempt = async (name: string, from: string) => {
    databases += 1;
    const databaseUrl = await postgres.database(`try_${databases}`);
    return restore({ ...silent, dataDir: place(name), databaseUrl, from });
  };
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await testPostgres(place('postgres'));
  });
  afterAll(() => postgres.stop());

  it.each<[string, string, (backup: string) => void]>([
    ['a changed part', 'hub.not-a-backup', (b) => writeFileSync(join(b, 'states.jsonl.gz'), gzipSync(''))],
    ['a missing part', 'hub.not-a-backup', (b) => rmSync(join(b, 'entries.jsonl.gz'))],
    ['no manifest', 'hub.not-a-backup', (b) => rmSync(join(b, 'manifest.json'))],
    [
      'another schema',
      'hub.newer-database',
      (b) => edit(b, (text) => text.replace(/"schema": \d+/, '"schema": 999')),
    ],
    [
      'another end of a feed',
      'hub.not-a-backup',
      (b) => edit(b, (text) => text.replace(/"n": \d+/, '"n": 1')),
    ],
    ['a changed note', 'hub.damaged', (b) => forge(b, 'entries', (text) => text.replace('note 0', 'note 9'))],
    [
      'a lost entry',
      'hub.damaged',
      (b) => forge(b, 'entries', (text) => text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1)),
    ],
    [
      'a changed end',
      'hub.damaged',
      (b) => forge(b, 'sites', (text) => text.replace(/(?<=\\\\x)./, (digit) => (digit === '0' ? '1' : '0'))),
    ],
    ['a missing blob', 'hub.not-a-backup', (b) => rmSync(join(b, 'blobs'), { recursive: true })],
  ])('refuses a backup with %s, and leaves nothing behind', async (name, code, spoil) => {
    const path = addBlob((await bench(1)).siteId, Buffer.from(name));
    const from = await spoilt(name, spoil);
    await expect(attempt(`from ${name}`, from)).rejects.toThrow(refusal(code));
    expect(readdirSync(folder).filter((entry) => entry.startsWith(`from ${name}`))).toEqual([]);
    rmSync(join(place('hub'), 'blobs', path));
  });

  it('writes over nothing', async () => {
    const from = await spoilt('whole', () => {});
    await expect(attempt('hub', from)).rejects.toThrow(refusal('hub.not-empty'));
    await expect(attempt('nowhere', place('no-such-folder'))).rejects.toThrow(refusal('hub.not-a-backup'));
  });

  it('takes another PostgreSQL, when that is empty', async () => {
    const from = await spoilt('elsewhere', () => {});
    const databaseUrl = await postgres.database('elsewhere');
    const where = { ...silent, dataDir: place('elsewhere'), databaseUrl };
    await restore({ ...where, from });
    const again = { ...where, dataDir: place('elsewhere-again') };
    await expect(restore({ ...again, from })).rejects.toThrow(refusal('hub.not-empty'));
    const served = await serve(where.dataDir, databaseUrl);
    await expect(at(served, await bench(1)).pull()).rejects.toThrow(refusal('sync.unknown-station'));
    expect(await verify(where)).toMatchObject({ ok: true });
    await open.pop()?.close();
  });
});

function edit(backup: string, change: (text: string) => string): void {
  const path = join(backup, 'manifest.json');
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}

/** Changes a part as somebody would who knows the format. */
function forge(backup: string, part: string, change: (text: string) => string): void {
  const path = join(backup, `${part}.jsonl.gz`);
  const before = readFileSync(path);
  const text = gunzipSync(before).toString('utf8');
  const after = gzipSync(change(text));
  expect(change(text)).not.toBe(text);
  writeFileSync(path, after);
  const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
  const rows = (bytes: Buffer) => gunzipSync(bytes).toString('utf8').split('\n').length - 1;
  edit(backup, (manifest) => {
    const all = JSON.parse(manifest);
    const found = all.parts.find(({ name }: { name: string }) => name === part);
    expect(found.sha256).toBe(hash(before));
    Object.assign(found, { sha256: hash(after), rows: rows(after), bytes: after.length });
    return JSON.stringify(all);
  });
}
