import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Upload as TusUpload } from 'tus-js-client';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { logText } from '../../electron/station/evidence/testing.ts';
import { NOTHING } from '../../electron/station/sync/hub-client.ts';
import { blobPlaces } from '../../hub/blobs/store.ts';
import { blobPath, TUS, uploadPath, uploadsPath } from '../../shared/sync/blobs.ts';
import { BlobStation, persist } from '../support/blobs.ts';
import { cuttingProxy } from '../support/cutting-proxy.ts';
import { type AdminClient, testHub } from '../support/hub.ts';

let folder: string;
let hub: Awaited<ReturnType<typeof testHub>>;
let admin: AdminClient;
let benches = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repairbench-blobs-'));
  // As root, PostgreSQL runs as a user of its own and has to get there.
  await chmod(folder, 0o711);
  hub = await testHub(folder);
  admin = await hub.admin();
}, 60_000);
afterAll(async () => {
  await hub.close();
  await rm(folder, { recursive: true, force: true });
});

const refusal = (code: string) => expect.objectContaining({ code });
const MiB = 2 ** 20;
const blobs = () => join(folder, 'hub', 'blobs');

async function bench(): Promise<BlobStation> {
  benches += 1;
  const station = new BlobStation(hub.address, `B${benches}`);
  await station.enrol(await admin.code());
  return station;
}

async function proxy() {
  const between = await cuttingProxy(hub.address);
  onTestFinished(() => between.close());
  return between;
}

/** Files that are on their way in, and everything that lies under a name. */
const incoming = () => readdir(blobPlaces(blobs()).incoming).catch(() => []);
const stored = (station: BlobStation, hash: string) => blobPlaces(blobs()).path(station.siteId, hash);

describe('sending content to the hub', () => {
  it('goes on where it broke off, however often, and the hub has it as it was', async () => {
    const one = await bench();
    const content = randomBytes(40 * MiB);
    const hash = await one.announce(content);
    const between = await proxy();
    between.cutAfter(7.5 * MiB);
    const firsts = await persist(20, () => one.upload(content, { url: between.address }));
    expect(firsts.length).toBeGreaterThan(5);
    expect(firsts.toSorted((a, b) => a - b)).toEqual(firsts);
    expect(new Set(firsts).size).toBe(firsts.length);
    // Nothing was sent twice but what was under way when a connection broke.
    expect(between.up).toBeLessThan(content.length + MiB);
    expect((await readFile(stored(one, hash))).equals(content)).toBe(true);
    expect(await incoming()).toEqual([]);
  });

  it('comes compressed where that helps, resumable all the same', async () => {
    const one = await bench();
    const content = logText(24 * MiB);
    const hash = await one.announce(content);
    const between = await proxy();
    between.cutAfter(MiB);
    const firsts = await persist(20, () => one.upload(content, { url: between.address, packs: true }));
    expect(firsts.length).toBeGreaterThan(2);
    expect(between.up).toBeLessThan(content.length / 2);
    expect((await readFile(stored(one, hash))).equals(content)).toBe(true);
  });

  it('a connection that hangs does not keep the next one from going on', async () => {
    const one = await bench();
    const content = randomBytes(8 * MiB);
    const hash = await one.announce(content);
    const between = await proxy();
    between.cutAfter(3 * MiB, { silently: true });
    const hung = new AbortController();
    const first = one.upload(content, { url: between.address, signal: hung.signal });
    const places = blobPlaces(blobs());
    const partial = { siteId: one.siteId, stationId: one.id, sha256: hash, size: content.length };
    await expect
      .poll(async () => (await stat(places.partial(partial)).catch(() => null))?.size)
      .toBeGreaterThan(MiB);
    const [offset] = await one.upload(content, { begun: true });
    expect(offset).toBeGreaterThan(MiB);
    hung.abort(new Error('given up'));
    await expect(first).rejects.toThrow('given up');
    expect((await readFile(stored(one, hash))).equals(content)).toBe(true);
  });

  it('is answered at once when the content is there, from whichever bench of the site', async () => {
    const [one, two] = [await bench(), await bench()];
    const content = randomBytes(2 * MiB);
    await one.announce(content);
    await two.announce(content);
    expect((await one.upload(content)).length).toBeGreaterThan(0);
    expect(await one.upload(content, { begun: true })).toEqual([]);
    expect(await two.upload(content, { begun: true })).toEqual([]);
    // Sent along with the first request it is let fall, and the answer is the same.
    await two.upload(content);
  });

  it('takes small and empty content in one request', async () => {
    const one = await bench();
    for (const content of [Buffer.alloc(0), Buffer.from('a'), logText(200_000)]) {
      const hash = await one.announce(content);
      const between = await proxy();
      await one.upload(content, { url: between.address, packs: content.length > 100 });
      expect(between.connections).toBe(1);
      expect((await readFile(stored(one, hash))).equals(content)).toBe(true);
    }
  });

  it('keeps nothing of content that is not what was announced', async () => {
    const one = await bench();
    const content = randomBytes(3 * MiB);
    const other = Buffer.from(content);
    other[2 * MiB] = (other[2 * MiB] ?? 0) ^ 1;
    const hash = await one.announce(content);
    await expect(one.upload(other, { hash })).rejects.toThrow(refusal('blob.wrong-content'));
    expect(await incoming()).toEqual([]);
    await expect(stat(stored(one, hash))).rejects.toThrow('ENOENT');
    await expect(one.download(hash, content.length)).rejects.toThrow(refusal('blob.unknown'));
    await one.upload(content);
    expect((await one.download(hash, content.length)).equals(content)).toBe(true);
  });

  it('keeps nothing of more than was announced, nor of what is no gzip', async () => {
    const one = await bench();
    const content = randomBytes(MiB);
    const hash = await one.announce(content);
    const patch = (bytes: Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
      one.client().send({
        ...{ method: 'PATCH', path: uploadPath(hash), bodyHash: hash, signal: AbortSignal.timeout(20_000) },
        headers: { 'content-type': TUS.content, [TUS.version]: '1.0.0', [TUS.offset]: '0', ...headers },
        body: () => bytes,
      });
    const more = new Uint8Array(2 * MiB);
    await expect(patch(more)).rejects.toThrow(refusal('blob.wrong-content'));
    await expect(patch(more, { 'content-encoding': 'gzip' })).rejects.toThrow(refusal('sync.bad-request'));
    await expect(patch(more, { [TUS.offset]: '7' })).rejects.toThrow(refusal('blob.wrong-offset'));
    expect(await incoming()).toEqual([]);
    await one.upload(content);
  });

  it('takes only what the bench itself has announced, with that size, under its own signature', async () => {
    const [one, two] = [await bench(), await bench()];
    const content = randomBytes(MiB);
    await expect(one.upload(content)).rejects.toThrow(refusal('blob.unannounced'));
    const hash = await two.announce(content);
    await expect(one.upload(content)).rejects.toThrow(refusal('blob.unannounced'));
    await expect(two.upload(content, { size: content.length - 1 })).rejects.toThrow(
      refusal('blob.unannounced'),
    );
    const stranger = new BlobStation(hub.address, 'X1');
    await expect(stranger.upload(content)).rejects.toThrow(refusal('sync.unknown-station'));
    // A signature for one content does not carry another.
    const metadata = `sha256 ${Buffer.from(hash).toString('base64')}`;
    const forged = two.client().send({
      ...{ method: 'POST', path: uploadsPath, bodyHash: NOTHING, signal: AbortSignal.timeout(20_000) },
      headers: { [TUS.version]: '1.0.0', [TUS.length]: String(content.length), [TUS.metadata]: metadata },
    });
    await expect(forged).rejects.toThrow(refusal('sync.bad-signature'));
    await admin.revoke(two.id);
    await expect(two.upload(content)).rejects.toThrow(refusal('sync.revoked'));
  });

  it('asks again by the hub’s clock', async () => {
    const one = await bench();
    const content = randomBytes(MiB / 8);
    const hash = await one.announce(content);
    one.skewMs = 3_600_000;
    await one.upload(content);
    expect((await one.download(hash, content.length)).equals(content)).toBe(true);
  });

  it('speaks tus to a client that is not ours', async () => {
    const one = await bench();
    const content = randomBytes(6 * MiB);
    const hash = await one.announce(content);
    const pieces: number[] = [];
    const uploaded = new Promise<void>((resolve, reject) => {
      const upload = new TusUpload(content, {
        endpoint: `${hub.address}${uploadsPath}`,
        metadata: { filename: 'kernel.log', sha256: hash },
        chunkSize: 2 * MiB,
        retryDelays: [0],
        onBeforeRequest(request) {
          const { pathname } = new URL(request.getURL());
          const method = request.getMethod();
          const headers = one.headersFor(method, pathname, method === 'HEAD' ? NOTHING : hash);
          for (const [name, value] of Object.entries(headers)) request.setHeader(name, value);
        },
        onChunkComplete: (size) => pieces.push(size),
        onSuccess: () => resolve(),
        onError: reject,
      });
      upload.start();
    });
    await uploaded;
    expect(pieces).toEqual([2 * MiB, 2 * MiB, 2 * MiB]);
    expect((await one.download(hash, content.length)).equals(content)).toBe(true);
    const { status, headers } = await fetch(`${hub.address}${uploadsPath}`, { method: 'OPTIONS' });
    expect([status, headers.get('tus-version')]).toEqual([204, '1.0.0']);
  });
});

describe('reading content from the hub', () => {
  async function sent(content: Buffer): Promise<[BlobStation, string]> {
    const one = await bench();
    const hash = await one.announce(content);
    await one.upload(content);
    return [one, hash];
  }

  it('goes on where it broke off, compressed or not, for another bench of the site', async () => {
    const content = logText(24 * MiB);
    const [, hash] = await sent(content);
    const two = await bench();
    for (const packs of [false, true]) {
      const between = await proxy();
      between.cutAfter(5 * MiB);
      const read = await two.download(hash, content.length, { url: between.address, packs });
      expect(read.equals(content)).toBe(true);
      expect(between.connections).toBeGreaterThan(1);
      // What a broken connection had not handed over is asked for again, and no more than that.
      expect(between.down).toBeLessThan(content.length + between.connections * 2 * MiB);
    }
  });

  it('gives ranges, and says which it cannot give', async () => {
    const content = randomBytes(300_000);
    const [one, hash] = await sent(content);
    const get = (headers: Record<string, string>) =>
      one.client().send({
        ...{ method: 'GET', path: blobPath(hash), bodyHash: NOTHING, signal: AbortSignal.timeout(20_000) },
        headers: { 'accept-encoding': 'identity', ...headers },
      });
    const bytes = async (answer: Response) => Buffer.from(await answer.arrayBuffer());
    const whole = await get({});
    expect([whole.status, whole.headers.get('etag')]).toEqual([200, `"${hash}"`]);
    expect((await bytes(whole)).equals(content)).toBe(true);
    for (const [range, from, to] of [
      ['bytes=0-0', 0, 1],
      ['bytes=1000-1999', 1000, 2000],
      ['bytes=299999-', 299_999, 300_000],
      ['bytes=299000-999999', 299_000, 300_000],
      ['bytes=-10', 299_990, 300_000],
    ] as const) {
      const part = await get({ range });
      expect([range, part.status]).toEqual([range, 206]);
      expect(part.headers.get('content-range')).toBe(`bytes ${from}-${to - 1}/300000`);
      expect((await bytes(part)).equals(content.subarray(from, to))).toBe(true);
    }
    const other = await get({ range: 'bytes=5-9', 'if-range': '"another"' });
    expect([other.status, (await bytes(other)).length]).toEqual([200, 300_000]);
    await expect(get({ range: 'bytes=300000-' })).rejects.toThrow(refusal('sync.bad-request'));
  });

  it('notices damage, keeps nothing of it, and the content is sent again', async () => {
    const content = randomBytes(2 * MiB);
    const [one, hash] = await sent(content);
    const two = await bench();
    const missing = () => two.missing([hash]);
    expect(await missing()).toEqual([]);
    expect(await two.check(hash)).toBe(true);
    const damaged = Buffer.from(content);
    damaged[1_000_000] = (damaged[1_000_000] ?? 0) ^ 1;
    await writeFile(stored(one, hash), damaged);
    await expect(two.download(hash, content.length)).rejects.toThrow(refusal('blob.damaged'));
    expect(await two.check(hash)).toBe(false);
    await expect(two.download(hash, content.length)).rejects.toThrow(refusal('blob.unknown'));
    expect(await missing()).toEqual([hash]);
    await one.upload(content);
    expect((await two.download(hash, content.length)).equals(content)).toBe(true);
  });
});
