import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { restore } from '../../electron/station/storage/backup.ts';
import { clientOf, makeBench, openTestStation, type TestBench } from '../support/bench.ts';
import { type AdminClient, BareStation, testHub } from '../support/hub.ts';

let folder: string;
let hub: Awaited<ReturnType<typeof testHub>>;
let admin: AdminClient;
let bench: TestBench;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repairbench-sync-'));
  // As root, PostgreSQL runs as a user of its own and has to get there.
  await chmod(folder, 0o711);
  hub = await testHub(folder);
  admin = await hub.admin();
  bench = await makeBench('live');
}, 60_000);
afterEach(async () => {
  await bench.close();
  await hub.close();
  await rm(folder, { recursive: true, force: true });
});

const code = (expected: string) =>
  expect.objectContaining({ data: expect.objectContaining({ code: expected }) });

/** Work as a technician does it: cases, notes, edits. */
async function work(cases = 3): Promise<void> {
  for (let n = 0; n < cases; n++) {
    const { id, version } = await bench.client.cases.open({ label: { serial: `SN${Date.now()}${n}` } });
    await bench.client.cases.note({ id, text: 'Received in a box' });
    await bench.client.cases.edit({ id, seen: version + 1, fields: { customer: 'Acme', place: 'Shelf 4' } });
  }
}

/** What another bench of the site reads, every link of it checked. */
async function readBack(): Promise<Awaited<ReturnType<BareStation['pull']>>> {
  const reader = new BareStation(hub.address, `R${Math.floor(Math.random() * 90_000)}`);
  await reader.enrol(await admin.code());
  return (await reader.pull()).filter(({ stationId }) => stationId !== reader.id);
}

describe('a bench and its hub', () => {
  it('bring everything there once, content and all, and say how they stand', async () => {
    expect(await bench.client.hub.state()).toBeNull();
    await expect(bench.client.hub.sync()).rejects.toThrow(code('sync.not-joined'));
    await work();
    const joined = await bench.client.hub.enrol({ url: hub.address, code: await admin.code() });
    expect(joined).toMatchObject({ siteName: 'Lab', trouble: null });
    await work();
    const report = await bench.client.hub.sync();
    expect(report).toMatchObject({ pending: 0, trouble: null });
    const mine = bench.station.logEntries(0, 10_000);
    expect(report.acknowledged).toBe(mine.length);
    expect(await bench.client.hub.sync()).toMatchObject({ pushed: 0, pending: 0 });
    const read = await readBack();
    const sent = read.map(({ seq, kind, body }) => [seq, kind, JSON.parse(body ?? 'null')]);
    const own = await import('../../shared/ops/index.ts').then(({ OPS }) => OPS);
    expect(sent).toEqual(
      mine.filter(({ kind }) => own[kind]?.synced).map(({ seq, kind, body }) => [seq, kind, body]),
    );
    expect(await bench.client.verify.log()).toMatchObject({ ok: true });
  });

  it('go on apart: work is kept, the trouble is told since when, and all of it arrives later', async () => {
    await bench.client.hub.enrol({ url: hub.address, code: await admin.code() });
    await bench.client.hub.sync();
    const { port } = new URL(hub.address);
    await hub.close();
    await work();
    await expect(bench.client.hub.sync()).rejects.toThrow(code('sync.unreachable'));
    const apart = await bench.client.hub.state();
    expect(apart).toMatchObject({ trouble: { code: 'sync.unreachable' } });
    expect(apart?.pending).toBeGreaterThan(8);
    await work();
    await expect(bench.client.hub.sync()).rejects.toThrow(code('sync.unreachable'));
    expect((await bench.client.hub.state())?.troubleSince).toBe(apart?.troubleSince);
    hub = await testHub(folder, Number(port));
    expect(await bench.client.hub.sync()).toMatchObject({ pending: 0, trouble: null, troubleSince: null });
  });

  it('a bench restored from a backup goes on under its lineage', async () => {
    await bench.client.hub.enrol({ url: hub.address, code: await admin.code() });
    await work();
    const backup = join(folder, 'backup');
    await bench.client.station.backup({ path: backup });
    await work();
    await bench.client.hub.sync();
    const lost = (await readBack()).length;
    await bench.station.close();
    const elsewhere = join(folder, 'restored');
    await restore(backup, elsewhere);
    const station = await openTestStation(elsewhere, bench.keysDir);
    const { token } = await clientOf(station, null).session.signIn({ name: 'Ada', pin: '2468' });
    const client = clientOf(station, token);
    await client.cases.open({ label: { serial: 'AFTER-THE-RESTORE' } });
    expect(await client.hub.sync()).toMatchObject({ pending: 0, trouble: null });
    await station.close();
    expect((await readBack()).length).toBeGreaterThan(lost);
  });

  it('a copied data folder stops both benches', async () => {
    await bench.client.hub.enrol({ url: hub.address, code: await admin.code() });
    await work();
    const backup = join(folder, 'backup');
    await bench.client.hub.sync();
    await bench.client.station.backup({ path: backup });
    const copy = join(folder, 'copy');
    await restore(backup, copy);
    // Whoever copies the folder by hand leaves no mark of a restore.
    await rm(join(copy, 'restored.json'));
    const station = await openTestStation(copy, bench.keysDir);
    const { token } = await clientOf(station, null).session.signIn({ name: 'Ada', pin: '2468' });
    await work();
    // Whichever of the two comes second is noticed.
    await bench.client.hub.sync().catch(() => {});
    await expect(clientOf(station, token).hub.sync()).rejects.toThrow(code('sync.clone'));
    await expect(bench.client.hub.sync()).rejects.toThrow(code('sync.clone'));
    await station.close();
  });

  it('a bench changes its key and its name, and the hub goes on with it', async () => {
    await bench.client.hub.enrol({ url: hub.address, code: await admin.code() });
    await work();
    await bench.client.hub.sync();
    await bench.client.hub.rotateKey();
    await bench.client.station.setSettings({ stationName: 'Bench by the window', benchPrefix: 'W1' });
    await work();
    expect(await bench.client.hub.sync()).toMatchObject({ pending: 0, trouble: null });
    expect(await admin.stations()).toContainEqual(
      expect.objectContaining({ name: 'Bench by the window', prefix: 'W1' }),
    );
    // Everything it ever signed is still proven, by the key of its time.
    expect(await bench.client.verify.log()).toMatchObject({ ok: true });
    await bench.station.close();
    const station = await openTestStation(bench.dataDir, bench.keysDir);
    const client = clientOf(station, bench.token);
    await client.cases.open({ label: { serial: 'AFTER-THE-CHANGE' } });
    expect(await client.hub.sync()).toMatchObject({ pending: 0, trouble: null });
    expect(await client.verify.log()).toMatchObject({ ok: true });
    await station.close();
  });

  it('a prefix that another bench has is a trouble, and keeps nothing from being sent', async () => {
    const other = new BareStation(hub.address, 'B9');
    await other.enrol(await admin.code());
    await bench.client.hub.enrol({ url: hub.address, code: await admin.code() });
    await bench.client.station.setSettings({ benchPrefix: 'B9' });
    await work();
    await expect(bench.client.hub.sync()).rejects.toThrow(code('sync.prefix-taken'));
    expect(await bench.client.hub.state()).toMatchObject({
      pending: 0,
      trouble: { code: 'sync.prefix-taken' },
    });
    await bench.client.station.setSettings({ benchPrefix: 'B8' });
    expect(await bench.client.hub.sync()).toMatchObject({ trouble: null });
  });

  it('takes no hub that is none, and no address that would show customers to everybody', async () => {
    const url = 'http://hub.example.invalid';
    await expect(bench.client.hub.enrol({ url, code: 'AAAA-BBBB' })).rejects.toThrow(
      code('sync.bad-address'),
    );
    await expect(bench.client.hub.enrol({ url: 'http://127.0.0.1:9', code: 'AAAA-BBBB' })).rejects.toThrow(
      code('sync.unreachable'),
    );
    await expect(bench.client.hub.enrol({ url: hub.address, code: 'AAAA-BBBB' })).rejects.toThrow(
      code('sync.bad-code'),
    );
    expect(await bench.client.hub.state()).toBeNull();
  });
});
