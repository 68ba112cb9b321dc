import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { BenchError } from '../../../shared/errors/index.ts';
import { syncFile, syncFolder } from './files.ts';
import { diskTrouble } from './trouble.ts';

export type { Database } from 'better-sqlite3';

const COPIES_KEPT = 3;

/** One step of the schema: `NNNN-name.sql`, applied once, in order; the number becomes `user_version`. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

/** Reads the migrations of a folder. Throws when numbers are not 1, 2, 3, …: that is a bug of the program. */
export function readMigrations(folder: string): readonly Migration[] {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort();
  return files.map((file, index) => {
    const number = Number.parseInt(file, 10);
    if (number !== index + 1) throw new Error(`migration ${file} is out of order`);
    return { number, name: file.slice(0, -4), sql: readFileSync(join(folder, file), 'utf8') };
  });
}

/** Applies the raw key with a pinned cipher: no key derivation, 2 ms instead of 32. */
function unlock(db: Database, key: Uint8Array): void {
  db.pragma("cipher = 'chacha20'");
  db.pragma(`key = "raw:${Buffer.from(key).toString('hex')}"`);
}

/**
 * Opens (or makes) an encrypted database: WAL, synchronous FULL, foreign keys, erased data overwritten. Without a key it
 * is a plain one: for what lies in the clear beside it anyway.
 * Throws `storage.damaged` when the key does not fit or the file is no database.
 */
export function openDatabase(path: string, key: Uint8Array | null): Database {
  const db = new Sqlite(path);
  try {
    if (key) unlock(db, key);
    // One connection, in a folder that one station holds: the index of the log lives in memory then, and a bench
    // opens, and can be read, on a disk without space for one more file.
    db.pragma('locking_mode = EXCLUSIVE');
    db.pragma('journal_mode = WAL');
    // WAL alone would mean NORMAL in this build: an acknowledged change could be lost with the power.
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.pragma('secure_delete = ON');
    db.pragma('busy_timeout = 5000');
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    return db;
  } catch (cause) {
    db.close();
    const trouble = diskTrouble(cause, path);
    if (trouble !== cause) throw trouble;
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new BenchError('storage.damaged', { path, detail }, { cause });
  }
}

/**
 * Brings the schema up to date, each migration in a transaction of its own. An existing database is copied
 * beside itself first (`before-NNNN.db`, encrypted with the same key); the newest three copies are kept. Throws `storage.from-the-future` without touching anything.
 */
export function migrate(db: Database, migrations: readonly Migration[], path: string): void {
  const found = db.pragma('user_version', { simple: true }) as number;
  const known = migrations.length;
  if (found > known) throw new BenchError('storage.from-the-future', { path, found, known });
  if (found === known) return;
  if (found > 0) keepCopy(db, path, found + 1);
  for (const migration of migrations.slice(found)) {
    db.transaction(() => {
      db.exec(migration.sql);
      db.pragma(`user_version = ${migration.number}`);
    })();
  }
}

/** Copies the database as it is before migration `next`; a copy that was cut off never has the name of a whole one. */
function keepCopy(db: Database, path: string, next: number): void {
  const folder = dirname(path);
  const copy = join(folder, `before-${String(next).padStart(4, '0')}.db`);
  if (existsSync(copy)) return;
  rmSync(`${copy}.new`, { force: true });
  copyDatabase(db, `${copy}.new`);
  syncFile(`${copy}.new`);
  renameSync(`${copy}.new`, copy);
  syncFolder(folder);
  const copies = readdirSync(folder)
    .filter((name) => /^before-\d{4}\.db$/.test(name))
    .sort();
  for (const old of copies.slice(0, -COPIES_KEPT)) rmSync(join(folder, old));
}

/** A complete copy under the same key and cipher. (`backup()` to a plain path fails on an encrypted one.) */
export function copyDatabase(db: Database, target: string): void {
  db.prepare('VACUUM INTO ?').run(target);
}
