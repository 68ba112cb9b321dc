import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { v7 } from 'uuid';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type BlobLimits, blobPlaces } from '../../hub/blobs/store.ts';
import { feedGenesis } from '../../hub/feed/chain.ts';
import { onlySite } from '../../hub/http/admin.ts';
import { startHub } from '../../hub/hub.ts';
import { makeCode } from '../../hub/stations/codes.ts';
import { openPool } from '../../hub/storage/database.ts';
import { BlobStation } from '../support/blobs.ts';
import { cuttingProxy } from '../support/cutting-proxy.ts';
import { endProcess, lineMatching, startProcess } from '../support/processes.ts';

const HUB = fileURLToPath(new URL('../../hub/index.ts', import.meta.url));
const FULL = fileURLToPath(new URL('../support/full-hub-disk.ts', import.meta.url));
const run = promisify(execFile);
const MiB = 2 ** 20;
const refusal = (code: string) => expect.objectContaining({ code });

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'repairbench-blobs-'));
  // As root, PostgreSQL runs as a user of its own and has to get there.
  await chmod(folder, 0o711);
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** A hub that the test ends and starts again, and a bench of it. */
async function ownHub(limits: Partial<BlobLimits> = {}) {
  const dataDir = join(await emptyFolder(), 'hub');
  const start = (blobs: Partial<BlobLimits>, port = 0) =>
    startHub({ dataDir, host: '127.0.0.1', port, blobs, log: () => {} });
  let running = await start(limits);
  onTestFinished(() => running.close());
  const pool = openPool(await readFile(join(dataDir, 'postgres.url'), 'utf8'), 1);
  onTestFinished(() => pool.end());
  const { code } = await makeCode(pool, await onlySite(pool));
  const station = new BlobStation(running.address, 'O1');
  await station.enrol(code);
  return {
    pool,
    station,
    incoming: () => readdir(blobPlaces(join(dataDir, 'blobs')).incoming).catch(() => []),
    async restart(next: Partial<BlobLimits> = {}) {
      await running.close();
      running = await start(next, Number(new URL(station.address).port));
    },
  };
}

/** Sends a part of the content and breaks off. */
async function sendPart(station: BlobStation, content: Buffer): Promise<void> {
  const between = await cuttingProxy(station.address);
  between.cutAfter(content.length / 2);
  await expect(station.upload(content, { url: between.address })).rejects.toThrow();
  await between.close();
}

describe('a hub', () => {
  it('that is stopped in the middle goes on from there', async () => {
    const { station, restart } = await ownHub();
    const content = randomBytes(8 * MiB);
    const hash = await station.announce(content);
    await sendPart(station, content);
    await restart();
    const [first] = await station.upload(content, { begun: true });
    expect(first).toBeGreaterThan(2 * MiB);
    expect((await station.download(hash, content.length)).equals(content)).toBe(true);
  });

  it('throws away what nobody went on with, and only that', async () => {
    const { station, restart, incoming } = await ownHub();
    const content = randomBytes(4 * MiB);
    await station.announce(content);
    await sendPart(station, content);
    await restart();
    expect(await incoming()).toHaveLength(1);
    await restart({ abandonedMs: -1000 });
    expect(await incoming()).toEqual([]);
    expect(await station.upload(content)).toContain(0);
  });

  it('takes nothing above its limit, and nothing that would fill the disk', async () => {
    const { station, restart, incoming } = await ownHub({ largestBytes: MiB });
    const content = randomBytes(MiB + 1);
    await station.announce(content);
    await expect(station.upload(content)).rejects.toThrow(refusal('blob.too-large'));
    await restart({ keptFreeBytes: Number.MAX_SAFE_INTEGER });
    await expect(station.upload(content)).rejects.toThrow(refusal('blob.hub-full'));
    expect(await incoming()).toEqual([]);
    await restart();
    await station.upload(content);
  });

  it('whose disk fills up in the middle says so, and gives the space back', async () => {
    const disk = join(await emptyFolder(), 'disk');
    await mkdir(disk);
    const mount = 'mount -t tmpfs -o size=8m tmpfs "$0" && exec "$@"';
    const command = ['sh', '-c', mount, disk, process.execPath, FULL, disk];
    const { stdout } = await run('unshare', ['--user', '--map-root-user', '--mount', '--', ...command]);
    expect(JSON.parse(stdout)).toEqual({ met: 'blob.hub-full', left: [], after: 4 * MiB });
  });

  it('that is killed in the middle goes on from there', async () => {
    const data = join(await emptyFolder(), 'hub');
    async function start(port: string) {
      const child = startProcess(process.execPath, [HUB, '--data', data, '--port', port], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      if (!child.stdout) throw new Error('no output');
      const [line] = await lineMatching(child.stdout, /^\{.*\}$/);
      return { child, address: JSON.parse(line).address as string };
    }
    const first = await start('0');
    const { stdout } = await run(process.execPath, [HUB, 'code', '--data', data]);
    const station = new BlobStation(first.address, 'K1');
    await station.enrol(JSON.parse(stdout).code);
    const content = randomBytes(16 * MiB);
    const hash = await station.announce(content);
    const partial = blobPlaces(join(data, 'blobs')).partial({
      ...{ siteId: station.siteId, stationId: station.id, sha256: hash, size: content.length },
    });
    const arrived = async () => (await stat(partial).catch(() => null))?.size ?? 0;
    async function kill(offset: number): Promise<void> {
      if (offset !== 10 * MiB) return;
      await expect.poll(arrived, { timeout: 20_000 }).toBeGreaterThan(8 * MiB);
      first.child.kill('SIGKILL');
    }
    await expect(station.upload(content, { onRead: kill })).rejects.toThrow(refusal('sync.unreachable'));
    const second = await start(new URL(first.address).port);
    const [offset] = await station.upload(content);
    expect(offset).toBeGreaterThan(8 * MiB);
    expect((await station.download(hash, content.length)).equals(content)).toBe(true);
    await endProcess(second.child);
  });

  it('gives no site the content of another, and does not tell that it has it', async () => {
    const content = randomBytes(MiB);
    const { station, pool } = await ownHub();
    const hash = await station.announce(content);
    await station.upload(content);
    const elsewhere = v7();
    await pool.query('INSERT INTO sites (id, name, hash, made_at) VALUES ($1, $2, $3, now())', [
      ...[elsewhere, 'Other lab', feedGenesis(elsewhere)],
    ]);
    const spy = new BlobStation(station.address, 'S1');
    await spy.enrol((await makeCode(pool, elsewhere)).code);
    expect(spy.siteId).toBe(elsewhere);
    await expect(spy.download(hash, content.length)).rejects.toThrow(refusal('blob.unknown'));
    expect(await spy.missing([hash])).toEqual([hash]);
    // It knows the hash, says that it has the content, and is asked for it like anybody.
    await spy.announce(content);
    await expect(spy.download(hash, content.length)).rejects.toThrow(refusal('blob.unknown'));
    expect(await spy.missing([hash])).toEqual([hash]);
    await expect(spy.upload(randomBytes(MiB), { hash })).rejects.toThrow(refusal('blob.wrong-content'));
    await expect(spy.download(hash, content.length)).rejects.toThrow(refusal('blob.unknown'));
    expect((await spy.upload(content)).length).toBeGreaterThan(0);
  });
});
