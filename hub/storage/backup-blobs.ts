import { constants } from 'node:fs';
import { copyFile, link, mkdir, open, opendir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hashFile, syncFolder } from './backup-format.ts';

/** `SITE/ab/cdef…`: where a site's content with the SHA-256 `abcdef…` lies (`hub/blobs`). */
const BLOB = /^[0-9a-f-]{36}\/([0-9a-f]{2})\/([0-9a-f]{62})$/;

/** A blob by its path inside the folder of blobs, and its size in bytes. */
export type Blob = readonly [path: string, bytes: number];

export const blobsOf = (folder: string): string => join(folder, 'blobs');

/** The SHA-256 that a blob's path says; null for a path that is none. */
export function hashIn(path: string): string | null {
  const [, head, tail] = BLOB.exec(path) ?? [];
  return head && tail ? `${head}${tail}` : null;
}

/** The paths of all whole blobs in a folder of blobs. */
export async function* blobPaths(folder: string): AsyncGenerator<string> {
  for await (const site of names(folder)) {
    for await (const head of names(join(folder, site))) {
      for await (const tail of names(join(folder, site, head))) {
        const path = `${site}/${head}/${tail}`;
        if (hashIn(path)) yield path;
      }
    }
  }
}

async function* names(folder: string): AsyncGenerator<string> {
  try {
    for await (const { name } of await opendir(folder)) yield name;
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

/**
 * Brings blobs into a backup: those that the backup before has already as another name of the same file, so that only
 * new ones cost time and space, the others as verified copies.
 */
export async function* copyBlobs(
  from: string,
  before: string | null,
  to: string,
  damaged: (path: string) => void,
): AsyncGenerator<Blob> {
  const folders = new Set<string>();
  for await (const path of blobPaths(from)) {
    const target = join(to, path);
    if (!folders.has(dirname(target))) {
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      folders.add(dirname(target));
    }
    const isLinked = before !== null && (await linked(join(before, path), target));
    const became = isLinked ? 'copied' : await copyVerified(join(from, path), target, hashIn(path) ?? '');
    if (became === 'copied') yield [path, (await stat(target)).size];
    if (became === 'damaged') damaged(path);
  }
  for (const folder of folders) await syncFolder(folder);
}

/** Whether the file could be given a second name; a stick's file system has no such thing. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'EPERM', 'EMLINK', 'ENOTSUP', 'EXDEV'].includes(code ?? '')) return false;
    throw error;
  }
}

/** Copies a blob so that it outlives a power cut; one that is missing or not what its hash says is not there then. */
export async function copyVerified(
  from: string,
  to: string,
  sha256: string,
): Promise<'copied' | 'missing' | 'damaged'> {
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'missing';
    throw error;
  }
  if ((await hashFile(to)) !== sha256) {
    await rm(to);
    return 'damaged';
  }
  const file = await open(to, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  return 'copied';
}
