import { randomBytes } from 'node:crypto';
import { type FileHandle, lstat, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BenchError } from '../../shared/errors/index.ts';
import { diskTrouble } from '../station/storage/trouble.ts';
import { interruption, onStop } from './stop.ts';

/** Takes bytes in order; resolves when all of them are with the system. */
export type Write = (bytes: Uint8Array | string) => Promise<void>;

/**
 * Writes a new file that only this user can read: whole under its name, or not at all. `fill` writes its
 * content; what it throws is thrown. Throws `input.file`, `storage.full`, `storage.disk`, `run.aborted`.
 */
export async function writeNewFile<T>(path: string, fill: (write: Write) => Promise<T>): Promise<T> {
  await refuseExisting(path);
  const part = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}.part`);
  const file = await inWords(path, () => open(part, 'wx', 0o600));
  const stop = interruption();
  const release = onStop(() => stop.raise(new BenchError('run.aborted')));
  try {
    // Unlike `write`, `appendFile` goes on until all of it is written.
    const filling = fill((bytes) => inWords(path, () => file.appendFile(bytes)));
    const filled = await Promise.race([filling, stop.raised]);
    await inWords(path, () => finish(file));
    await refuseExisting(path);
    await inWords(path, () => rename(part, path));
    return filled;
  } catch (error) {
    await file.close().catch(() => {});
    await rm(part, { force: true });
    throw error;
  } finally {
    release();
  }
}

async function finish(file: FileHandle): Promise<void> {
  await file.sync();
  await file.close();
}

/** Nothing is ever overwritten. */
async function refuseExisting(path: string): Promise<void> {
  const there = await lstat(path).catch(() => null);
  if (there) throw new BenchError('input.file', { path, detail: 'it exists already' });
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'what should be its folder is a file',
  EACCES: 'you may not write there',
  EPERM: 'you may not write there',
  ENAMETOOLONG: 'its name is too long',
};

/** What the system says about the file, in the domain's words. */
async function inWords<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const trouble = diskTrouble(cause, path);
    if (trouble !== cause) throw trouble;
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    const detail = WHY[code] ?? `it cannot be written (${code})`;
    throw new BenchError('input.file', { path, detail }, { cause });
  }
}
