import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { BenchError } from '../../../shared/errors/index.ts';

/**
 * One station at a time on a data folder. The lock is SQLite's own file lock on `station.lock`: the kernel
 * releases it when the process dies, however it dies, so no stale lock can keep a bench closed.
 * Throws `storage.held`, naming the holder.
 */
export function holdFolder(dataDir: string, as: string): { release(): void } {
  const path = join(dataDir, 'station.lock');
  const nameFile = join(dataDir, 'station.holder');
  const db = new Sqlite(path);
  try {
    db.pragma('busy_timeout = 0');
    db.pragma('locking_mode = EXCLUSIVE');
    db.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    db.close();
    throw new BenchError('storage.held', { path: dataDir, holder: readHolder(nameFile) }, { cause });
  }
  writeFileSync(nameFile, `${as}, process ${process.pid} on ${hostname()}\n`, { mode: 0o600 });
  return {
    release() {
      if (db.open) db.close();
    },
  };
}

function readHolder(nameFile: string): string {
  try {
    return readFileSync(nameFile, 'utf8').trim() || 'unknown';
  } catch {
    return 'unknown';
  }
}
