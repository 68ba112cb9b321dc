import { existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { BenchError } from '../../../shared/errors/index.ts';

/** Less than this and a write that failed, failed for want of space: SQLite does not always say so itself. */
const NO_SPACE_BYTES = 256 * 1024;

/**
 * What a disk or SQLite said, in the domain's words: `storage.full`, `storage.disk`; any other error as it is.
 * @param path the file or folder that was written or read
 */
export function diskTrouble(error: unknown, path: string): unknown {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== 'string') return error;
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT') return full(error, path);
  if (code === 'EIO' || code === 'EROFS' || code === 'SQLITE_READONLY' || code.startsWith('SQLITE_IOERR')) {
    if (isFull(path)) return full(error, path);
    return new BenchError('storage.disk', { path, detail: code }, { cause: error });
  }
  return error;
}

const full = (cause: unknown, path: string) => new BenchError('storage.full', { path }, { cause });

function isFull(path: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(existsSync(path) ? path : dirname(path));
    return bavail * bsize < NO_SPACE_BYTES;
  } catch {
    return false;
  }
}
