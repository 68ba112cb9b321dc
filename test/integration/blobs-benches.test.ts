import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { logText } from '../../electron/station/evidence/testing.ts';
import { restore as restoreBench } from '../../electron/station/storage/backup.ts';
import { blobPlaces } from '../../hub/blobs/store.ts';
import { makeBackup, restore } from '../../hub/commands.ts';
import type { StationClient } from '../../shared/contract/index.ts';
import { contentInRanges } from '../../shared/contract/ranges.ts';
import { RANGE_LIMIT } from '../../shared/contract/station.ts';
import type { Artifact } from '../../shared/model/evidence.ts';
import { clientOf, makeBench, openTestStation, type TestBench } from '../support/bench.ts';
import { sha256 } from '../support/blobs.ts';
import { cuttingProxy } from '../support/cutting-proxy.ts';
import { type AdminClient, testHub } from '../support/hub.ts';

const MiB = 2 ** 20;
let folder: string;
let hub: Awaited<ReturnType<typeof testHub>>;
let admin: AdminClient;
let a: TestBench;
let b: TestBench;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repairbench-blobs-'));
  // As root, PostgreSQL runs as a user of its own and has to get there.
  await chmod(folder, 0o711);
  hub = await testHub(folder);
  admin = await hub.admin();
  a = await makeBench('live', { stationName: 'Window', benchPrefix: 'A' });
  b = await makeBench('live', { stationName: 'Door', benchPrefix: 'B' });
}, 60_000);
afterEach(async () => {
  await Promise.all([a.close(), b.close()]);
  await hub.close();
  await rm(folder, { recursive: true, force: true });
});

const code = (expected: string) =>
  expect.objectContaining({ data: expect.objectContaining({ code: expected }) });
const enrol = async (bench: TestBench, url = hub.address) =>
  bench.client.hub.enrol({ url, code: await admin.code() });

async function addFile(client: StationClient, content: Buffer, name = 'kernel.log', caseId?: string) {
  const id =
    caseId ?? (await client.cases.open({ label: { serial: `SN${randomBytes(4).toString('hex')}` } })).id;
  const { uploadId } = await client.artifacts.begin({ caseId: id, kind: 'log', name, mime: 'text/plain' });
  for (let offset = 0; offset < content.length; offset += RANGE_LIMIT) {
    const bytes = new Blob([new Uint8Array(content.subarray(offset, offset + RANGE_LIMIT))]);
    await client.artifacts.append({ uploadId, offset, bytes });
  }
  return client.artifacts.finish({ uploadId, sha256: sha256(content) });
}

async function contentOf(client: StationClient, { id, size }: Artifact): Promise<Buffer> {
  const parts: Buffer[] = [];
  const read = (offset: number, length: number) => client.artifacts.read({ id, offset, length });
  for await (const range of contentInRanges(read, size)) parts.push(Buffer.from(await range.arrayBuffer()));
  return Buffer.concat(parts);
}

/** Entries first; the content follows by itself. */
async function sendAll(client: StationClient): Promise<void> {
  await client.hub.sync();
  await expect
    .poll(() => client.hub.blobs(), { timeout: 30_000 })
    .toMatchObject({ pending: 0, trouble: null });
}

/** How the other bench sees it. */
async function seenAt(client: StationClient, { id, caseId }: Artifact): Promise<Artifact | undefined> {
  await client.hub.sync();
  return (await client.cases.get({ id: caseId })).artifacts.find((one) => one.id === id);
}

describe('what one bench added', () => {
  it('is opened, searched and verified on another, and both know the same', async () => {
    await enrol(a);
    await enrol(b);
    const [log, photo] = [logText(9 * MiB), randomBytes(2 * MiB)];
    const first = await addFile(a.client, log);
    const second = await addFile(a.client, photo, 'box.bin', first.caseId);
    expect(await a.client.hub.blobs()).toMatchObject({ pending: 2, pendingBytes: log.length + photo.length });
    await sendAll(a.client);
    expect(await seenAt(b.client, first)).toEqual({ ...first, here: false, stationName: 'Window' });
    expect(await b.client.verify.artifact({ id: first.id })).toMatchObject({ ok: true, checked: 0 });
    const needle =
      log
        .toString('latin1', 8 * MiB, 8 * MiB + 40)
        .trim()
        .split('\n')[0] ?? '';
    const found = await b.client.artifacts.search({ id: first.id, query: needle, caseSensitive: true });
    expect(found.hits.length).toBeGreaterThan(0);
    expect(await seenAt(b.client, first)).toMatchObject({ here: true, stationName: 'Window' });
    expect((await contentOf(b.client, first)).equals(log)).toBe(true);
    expect((await contentOf(b.client, second)).equals(photo)).toBe(true);
    expect(await b.client.verify.artifact({ id: first.id })).toMatchObject({ ok: true, findings: [] });
    expect(b.station.siteHash()).toBe(a.station.siteHash());
    // A copy is no work of this bench: it sends nothing back.
    expect(await b.client.hub.blobs()).toMatchObject({ pending: 0 });
  });

  it('stays there after a restart, without the hub', async () => {
    await enrol(a);
    await enrol(b);
    const log = logText(3 * MiB);
    const artifact = await addFile(a.client, log);
    await sendAll(a.client);
    await seenAt(b.client, artifact);
    expect((await contentOf(b.client, artifact)).equals(log)).toBe(true);
    await b.station.close();
    await hub.close();
    const station = await openTestStation(b.dataDir, b.keysDir);
    onTestFinished(() => station.close());
    const { token } = await clientOf(station, null).session.signIn({ name: 'Ada', pin: '2468' });
    const client = clientOf(station, token);
    expect((await contentOf(client, artifact)).equals(log)).toBe(true);
    expect(await client.verify.artifact({ id: artifact.id })).toMatchObject({ ok: true });
    hub = await testHub(folder);
  });

  it('is fetched once, however many ask, and tells how far it is', async () => {
    const between = await cuttingProxy(hub.address);
    onTestFinished(() => between.close());
    await enrol(a);
    await enrol(b, between.address);
    const content = randomBytes(12 * MiB);
    const artifact = await addFile(a.client, content);
    await sendAll(a.client);
    await seenAt(b.client, artifact);
    const before = between.down;
    // Every connection breaks off, and it goes on all the same.
    between.cutAfter(5 * MiB);
    async function follow(): Promise<number[]> {
      const told: number[] = [];
      for await (const { received } of await b.client.artifacts.fetch({ id: artifact.id }))
        told.push(received);
      return told;
    }
    const [one, two, read] = await Promise.all([follow(), follow(), contentOf(b.client, artifact)]);
    for (const told of [one, two]) {
      expect(told.at(-1)).toBe(content.length);
      expect(told.toSorted((x, y) => x - y)).toEqual(told);
    }
    expect(read.equals(content)).toBe(true);
    expect(between.down - before).toBeLessThan(2 * content.length);
    expect(await follow()).toEqual([content.length]);
  });

  it('that cannot be had says where it is and why', async () => {
    await enrol(a);
    await enrol(b);
    const artifact = await addFile(a.client, logText(MiB));
    await sendAll(a.client);
    await seenAt(b.client, artifact);
    const stored = blobPlaces(join(folder, 'hub', 'blobs')).path(
      (await siteOf(admin)) ?? '',
      artifact.sha256,
    );
    const whole = await readFile(stored);
    const read = () => b.client.artifacts.read({ id: artifact.id, offset: 0, length: 10 });
    const damaged = Buffer.from(whole);
    damaged[500] = (damaged[500] ?? 0) ^ 1;
    await writeFile(stored, damaged);
    await expect(read()).rejects.toThrow(code('blob.damaged'));
    // The hub has set its copy aside by now.
    await expect(read()).rejects.toThrow(
      /“kernel.log” was added on Window .* The hub does not have the file/,
    );
    expect(await seenAt(b.client, artifact)).toMatchObject({ here: false });
    await hub.close();
    await expect(read()).rejects.toThrow(code('artifact.elsewhere'));
    await expect(read()).rejects.toThrow(/Window .*cannot be reached/);
    hub = await testHub(folder, Number(new URL(hub.address).port));
    await b.client.hub.leave();
    await expect(read()).rejects.toThrow(/Window .*has joined no hub/);
    // Its own bench finds out when it looks again, and sends it anew.
    await a.station.close();
    const station = await openTestStation(a.dataDir, a.keysDir);
    onTestFinished(() => station.close());
    await expect.poll(() => readFile(stored).catch(() => null), { timeout: 20_000 }).toEqual(whole);
  });

  it('and was lost with a restore comes back from the hub', async () => {
    await enrol(a);
    const backup = join(folder, 'backup');
    await a.client.station.backup({ path: backup });
    const log = logText(2 * MiB);
    const artifact = await addFile(a.client, log);
    await sendAll(a.client);
    await a.station.close();
    const elsewhere = join(folder, 'restored');
    await restoreBench(backup, elsewhere);
    const station = await openTestStation(elsewhere, a.keysDir);
    onTestFinished(() => station.close());
    const { token } = await clientOf(station, null).session.signIn({ name: 'Ada', pin: '2468' });
    const client = clientOf(station, token);
    expect(await seenAt(client, artifact)).toMatchObject({ sha256: artifact.sha256 });
    expect((await contentOf(client, artifact)).equals(log)).toBe(true);
    expect(await client.verify.artifact({ id: artifact.id })).toMatchObject({ ok: true });
    await sendAll(client);
  });
});

describe('a bench', () => {
  it('goes on sending after it was closed in the middle', async () => {
    const between = await cuttingProxy(hub.address);
    onTestFinished(() => between.close());
    await enrol(a, between.address);
    await a.client.hub.sync();
    const content = randomBytes(8 * MiB);
    const artifact = await addFile(a.client, content);
    between.cutAfter(3 * MiB, { silently: true });
    await a.client.hub.sync();
    await expect.poll(() => between.up, { timeout: 20_000 }).toBeGreaterThan(3 * MiB);
    await a.station.close();
    between.cutAfter(Number.POSITIVE_INFINITY);
    const station = await openTestStation(a.dataDir, a.keysDir);
    onTestFinished(() => station.close());
    const { token } = await clientOf(station, null).session.signIn({ name: 'Ada', pin: '2468' });
    await sendAll(clientOf(station, token));
    // What had arrived was not sent again.
    expect(between.up).toBeLessThan(content.length + 2 * MiB);
    await enrol(b);
    await seenAt(b.client, artifact);
    expect((await contentOf(b.client, artifact)).equals(content)).toBe(true);
  });

  it('sends again what a hub has lost that was restored from a backup', async () => {
    const log = () => {};
    await enrol(a);
    const kept = await addFile(a.client, logText(MiB));
    await sendAll(a.client);
    const to = join(folder, 'backup');
    await makeBackup({ dataDir: join(folder, 'hub'), log, to });
    const lost = await addFile(a.client, randomBytes(MiB), 'box.bin', kept.caseId);
    await sendAll(a.client);
    const port = Number(new URL(hub.address).port);
    const siteId = (await siteOf(admin)) ?? '';
    await hub.close();
    const again = join(folder, 'again');
    await mkdir(again, { mode: 0o711 });
    await restore({ dataDir: join(again, 'hub'), log, from: to });
    hub = await testHub(again, port);
    const path = ({ sha256: hash }: Artifact) => blobPlaces(join(again, 'hub', 'blobs')).path(siteId, hash);
    await expect(readFile(path(lost))).rejects.toThrow('ENOENT');
    await a.client.hub.sync();
    await expect
      .poll(() => readFile(path(lost)).then(sha256, () => null), { timeout: 20_000 })
      .toBe(lost.sha256);
    expect(sha256(await readFile(path(kept)))).toBe(kept.sha256);
  });

  it('sends the rest when one file is damaged, and says which', async () => {
    const broken = await addFile(a.client, randomBytes(MiB), 'broken.bin');
    const good = await addFile(a.client, randomBytes(MiB), 'good.bin');
    const path = join(a.dataDir, 'artifacts', broken.caseId, `${broken.id}.rba`);
    const bytes = await readFile(path);
    bytes[500_000] = (bytes[500_000] ?? 0) ^ 1;
    await writeFile(path, bytes);
    await enrol(a);
    await a.client.hub.sync();
    await expect
      .poll(() => a.client.hub.blobs(), { timeout: 20_000 })
      .toMatchObject({
        pending: 1,
        trouble: { code: 'artifact.damaged', message: expect.stringContaining('broken.bin') },
        troubleSince: expect.stringMatching(/^\d{4}-/),
      });
    await enrol(b);
    await seenAt(b.client, good);
    expect(await contentOf(b.client, good)).toHaveLength(MiB);
  });
});

async function siteOf(from: AdminClient): Promise<string | undefined> {
  const [station] = (await from.stations()) as { siteId?: string }[];
  return station?.siteId;
}
