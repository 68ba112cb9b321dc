import { lstatSync, mkdirSync } from 'node:fs';
import { BenchError } from '../../../shared/errors/index.ts';
import { diskTrouble } from './trouble.ts';

/**
 * Makes a folder that is this user's alone to change, or makes sure that the one that is there is: whoever can put
 * files into a bench's folder can put a listener there, and be told PINs. Throws `storage.foreign`, `input.file`.
 */
export function ownFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    const trouble = diskTrouble(error, path);
    if (trouble !== error) throw trouble;
    const { code } = error as NodeJS.ErrnoException;
    throw new BenchError('input.file', { path, detail: `it cannot be made (${code})` }, { cause: error });
  }
  checkOwner(path);
}

/** Makes sure of what is there. Throws `storage.foreign`. */
export function checkOwner(path: string): void {
  // Windows has no such bits; there a user's folders are the user's by where they lie.
  if (process.getuid === undefined) return;
  const { uid, mode } = lstatSync(path);
  if (uid !== process.getuid())
    throw new BenchError('storage.foreign', { path, detail: 'it belongs to another user' });
  if ((mode & 0o022) !== 0)
    throw new BenchError('storage.foreign', { path, detail: 'other users may change it' });
}
