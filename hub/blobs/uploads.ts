import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { RefusedError } from '../refusal.ts';
import { type BlobStore, sizeOfFile, type Upload } from './store.ts';

/** How long a request whose connection broke may take to write what had arrived. */
const GRACE_MS = 1_000;

/** The bytes of one request. */
export interface Incoming {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Ends the request at once, because a newer one goes on with its upload. */
  cut(): void;
  /** Whether the request ended before all of it was here. */
  wasCut(): boolean;
}

/** Content on its way in, resumable at every byte: what arrived is a file, and its length is how far it is. */
export function createUploads(store: BlobStore) {
  const { places } = store;
  const busy = new Map<string, { cut(): void; ended: Promise<void> }>();
  /** Hashes of what has arrived so far; what a restart lost is hashed again from the file. */
  const hashes = new Map<string, { readonly hash: Hash; readonly at: number }>();

  /**
   * Work on an upload that nobody else works on. A request that is under way soon loses it: its bench would not ask again
   * if that connection were not dead, only this side has not noticed yet.
   */
  async function alone<T>(upload: Upload, cut: () => void, work: (path: string) => Promise<T>): Promise<T> {
    const path = places.partial(upload);
    for (let before = busy.get(path); before; before = busy.get(path)) {
      const late = setTimeout(before.cut, GRACE_MS);
      await before.ended;
      clearTimeout(late);
    }
    const result = work(path);
    const ended = result.then(
      () => {},
      () => {},
    );
    busy.set(path, { cut, ended });
    try {
      return await result;
    } finally {
      busy.delete(path);
    }
  }

  const offsetOf = async (upload: Upload, path: string): Promise<number> =>
    (await store.sizeOf(upload.siteId, upload.sha256)) ?? (await sizeOfFile(path)) ?? 0;

  async function hashUpTo(path: string, offset: number): Promise<Hash> {
    const known = hashes.get(path);
    hashes.delete(path);
    return known?.at === offset ? known.hash : hashOf(path, offset);
  }

  /** Appends what comes; gives how far the upload is then. Throws what the disk says, `blob.wrong-content`. */
  async function append(file: FileHandle, hash: Hash, at: number, size: number, incoming: Incoming) {
    let offset = at;
    try {
      for await (const bytes of incoming.bytes) {
        if (offset + bytes.length > size) throw new RefusedError('blob.wrong-content');
        await file.appendFile(bytes);
        hash.update(bytes);
        offset += bytes.length;
      }
    } catch (error) {
      if (error instanceof RefusedError || !incoming.wasCut()) throw error;
    }
    return offset;
  }

  /** Throws `blob.wrong-content` unless what arrived is what was announced. */
  async function finish(file: FileHandle, hash: Hash, upload: Upload): Promise<void> {
    if (hash.digest('hex') !== upload.sha256) throw new RefusedError('blob.wrong-content');
    await file.sync();
    await store.keep(upload);
  }

  return {
    /** How far an upload is; its whole size when the content is here. */
    offset: (upload: Upload): Promise<number> =>
      alone(
        upload,
        () => {},
        (path) => offsetOf(upload, path),
      ),

    /**
     * Takes bytes from `offset` on and gives how far the upload is then. With the last one the content is verified, on
     * disk and has its name; content that is not what was announced is thrown away.
     * Throws `blob.wrong-offset`, `blob.wrong-content`, `blob.too-large`, `blob.hub-full`.
     */
    receive: (upload: Upload, offset: number, incoming: Incoming): Promise<number> =>
      alone(upload, incoming.cut, async (path) => {
        const { size } = upload;
        const present = await offsetOf(upload, path);
        if (offset !== present) throw new RefusedError('blob.wrong-offset');
        if ((await store.sizeOf(upload.siteId, upload.sha256)) !== null) return present;
        await store.makeSure(size, present);
        const file = await open(path, 'a', 0o600);
        try {
          const hash = await hashUpTo(path, present);
          const reached = await append(file, hash, present, size, incoming);
          if (reached === size) await finish(file, hash, upload);
          else hashes.set(path, { hash, at: reached });
          return reached;
        } catch (error) {
          await rm(path, { force: true });
          throw isFull(error) ? new RefusedError('blob.hub-full') : error;
        } finally {
          await file.close();
        }
      }),

    /** Throws away uploads that nobody went on with since the instant, in milliseconds; gives how many. */
    async sweep(since: number): Promise<number> {
      let thrown = 0;
      for (const name of await readdir(places.incoming).catch(() => [])) {
        const path = join(places.incoming, name);
        const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
        if (mtimeMs >= since || busy.has(path)) continue;
        hashes.delete(path);
        await rm(path, { force: true });
        thrown += 1;
      }
      return thrown;
    },
  };
}

export type Uploads = ReturnType<typeof createUploads>;

/** SHA-256 so far of a file's first bytes; without a length, of all of them. */
export async function hashOf(path: string, length = Number.POSITIVE_INFINITY): Promise<Hash> {
  const hash = createHash('sha256');
  if (length === 0) return hash;
  const bytes: Readable = createReadStream(path, { end: length - 1, highWaterMark: 1024 * 1024 });
  for await (const chunk of bytes) hash.update(chunk);
  return hash;
}

const isFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException | null)?.code ?? '');
