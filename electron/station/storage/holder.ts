import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { BenchError } from '../../../shared/errors/index.ts';
import { diskTrouble } from './trouble.ts';

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
    // Nothing is ever written to it: a full disk must not keep a bench from being read.
    db.pragma('journal_mode = MEMORY');
    db.pragma('locking_mode = EXCLUSIVE');
    db.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    db.close();
    if ((cause as { code?: unknown }).code !== 'SQLITE_BUSY') throw diskTrouble(cause, path);
    throw new BenchError('storage.held', { path: dataDir, holder: readHolder(nameFile) }, { cause });
  }
  nameHolder(nameFile, `${as}, process ${process.pid} on ${hostname()}\n`);
  return {
    release() {
      if (db.open) db.close();
    },
  };
}

/** Only a message needs the name, so a disk that cannot take it is no reason to stay closed. */
function nameHolder(nameFile: string, name: string): void {
  try {
    writeFileSync(nameFile, name, { mode: 0o600 });
  } catch (error) {
    if (diskTrouble(error, nameFile) === error) throw error;
  }
}

function readHolder(nameFile: string): string {
  try {
    return readFileSync(nameFile, 'utf8').trim() || 'unknown';
  } catch {
    return 'unknown';
  }
}
