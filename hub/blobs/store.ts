import { createReadStream, type ReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RefusedError } from '../refusal.ts';

export interface BlobLimits {
  /** The largest content that is taken. */
  readonly largestBytes: number;
  /** Space that stays free for the database on the same disk. */
  readonly keptFreeBytes: number;
  /** An upload that nobody goes on with for this long is thrown away. */
  readonly abandonedMs: number;
}

export const BLOB_LIMITS: BlobLimits = {
  largestBytes: 4 * 2 ** 30,
  keptFreeBytes: 2 ** 30,
  abandonedMs: 24 * 60 * 60_000,
};

/** Content that is coming in: whose it is, and what it must be in the end. */
export interface Upload {
  readonly siteId: string;
  readonly stationId: string;
  readonly sha256: string;
  readonly size: number;
}

/**
 * Where blobs lie: `SITE/ab/cdef…` is the content whose SHA-256 is `abcdef…`, as it is, so that `sha256sum` checks it
 * and any tool copies it. Each site has a folder of its own: who knows the hash of another site's content must not get
 * it by naming it. What is still coming in lies in `incoming`, and what turned out to be damaged in `damaged`.
 */
export function blobPlaces(dir: string) {
  return {
    incoming: join(dir, 'incoming'),
    path: (siteId: string, sha256: string) => join(dir, siteId, sha256.slice(0, 2), sha256.slice(2)),
    partial: ({ stationId, sha256 }: Upload) => join(dir, 'incoming', `${stationId}.${sha256}`),
    damaged: (siteId: string, sha256: string) => join(dir, 'damaged', `${siteId}.${sha256}`),
  };
}

/** The content of artifacts, by site and SHA-256. Nothing under a blob's name is ever half there or overwritten. */
export function blobStore(dir: string, { largestBytes, keptFreeBytes }: BlobLimits) {
  const places = blobPlaces(dir);
  return {
    places,

    /** How many bytes it has; null when it is not here. */
    sizeOf: (siteId: string, sha256: string): Promise<number | null> =>
      sizeOfFile(places.path(siteId, sha256)),

    read: (siteId: string, sha256: string, range: { start: number; end: number }): ReadStream =>
      createReadStream(places.path(siteId, sha256), { ...range, highWaterMark: 256 * 1024 }),

    /** Throws `blob.too-large`, `blob.hub-full` when `size` bytes, of which `present` are there, are not to be taken. */
    async makeSure(size: number, present: number): Promise<void> {
      if (size > largestBytes) throw new RefusedError('blob.too-large');
      await mkdir(places.incoming, { recursive: true, mode: 0o700 });
      const { bavail, bsize } = await statfs(places.incoming);
      if (bavail * bsize - (size - present) < keptFreeBytes) throw new RefusedError('blob.hub-full');
    },

    /** Gives whole, verified and synced content its name, for good. */
    async keep(upload: Upload): Promise<void> {
      const path = places.path(upload.siteId, upload.sha256);
      const folder = dirname(path);
      const made = await mkdir(folder, { recursive: true, mode: 0o700 });
      if ((await sizeOfFile(path)) === null) await rename(places.partial(upload), path);
      else await rm(places.partial(upload), { force: true });
      await syncFolder(folder);
      if (made === undefined) return;
      await syncFolder(dirname(folder));
      await syncFolder(dir);
    },

    /** Takes damaged content out of the way, so that its bench sends it again. */
    async setAside(siteId: string, sha256: string): Promise<void> {
      const to = places.damaged(siteId, sha256);
      await mkdir(dirname(to), { recursive: true, mode: 0o700 });
      await rename(places.path(siteId, sha256), to);
    },
  };
}

export type BlobStore = ReturnType<typeof blobStore>;

/** Null when there is no such file. */
export async function sizeOfFile(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Makes a new name in a folder survive a power cut. Windows cannot open folders, nor does it need to. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder: FileHandle = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
