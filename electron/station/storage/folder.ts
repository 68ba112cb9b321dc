import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { BenchError } from '../../../shared/errors/index.ts';
import { migrate, openDatabase, readMigrations } from './database.ts';
import { writeFileDurably } from './files.ts';
import {
  hasKeyRing,
  type KeyProtector,
  makeKeyRing,
  readKeyRing,
  recoverDataKey,
  unwrapDataKey,
} from './keyring.ts';
import { makeStation } from './make.ts';
import type { Clock } from './store.ts';

/** Where a data folder keeps what. */
export const places = (dataDir: string) => ({
  database: join(dataDir, 'bench.db'),
  artifacts: join(dataDir, 'artifacts'),
  log: join(dataDir, 'log'),
  socket: join(dataDir, 'station.sock'),
  /** There while a bench is made: what lies beside it is no bench yet, and nothing anybody entered. */
  unfinished: join(dataDir, 'unfinished'),
  /** Left by a restore until the bench opens: it then takes a new incarnation. */
  restored: join(dataDir, 'restored.json'),
});

export const RestoredMark = z.object({
  backupAt: z.string(),
  /** The incarnation the backup had; written when the bench opens for the first time. */
  from: z.string().optional(),
});

/** `new`: nothing here; `locked`: the key is not at hand; `ready`: open. */
export type FolderState = 'new' | 'locked' | 'ready';

export interface OpenFolder {
  readonly db: Database;
  /** After a restore, until `recorded` is called: the incarnation the backup had, and when it was made. */
  readonly restoredFrom: { incarnation: string; backupAt: string; recorded(): void } | null;
}

export interface FolderOptions {
  readonly dataDir: string;
  readonly protector: KeyProtector;
  readonly migrationsDir: string;
  readonly clock: Clock;
}

/**
 * Makes a bench in an empty folder, all or nothing: `fill` writes what a bench cannot be without (its first person),
 * and only then the key ring is written, which makes the folder a bench. Whatever ends it before, a failure, a kill or
 * a power cut, leaves a folder in which it can be made anew.
 * Throws `storage.already-initialised`, `storage.not-empty`, and what `fill` throws, after closing the database.
 */
export async function makeFolder<T>(
  { dataDir, protector, migrationsDir, clock }: FolderOptions,
  mode: 'live' | 'training',
  fill: (folder: OpenFolder) => Promise<T>,
): Promise<{ filled: T; recoveryKey: string }> {
  if (hasKeyRing(dataDir)) throw new BenchError('storage.already-initialised', { path: dataDir });
  const { database, artifacts, log, unfinished } = places(dataDir);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  if (existsSync(unfinished)) {
    for (const path of [database, `${database}-wal`, artifacts])
      rmSync(path, { recursive: true, force: true });
  }
  if (existsSync(database)) throw new BenchError('storage.not-empty', { path: dataDir });
  writeFileDurably(unfinished, '');
  mkdirSync(artifacts, { recursive: true, mode: 0o700 });
  mkdirSync(log, { recursive: true, mode: 0o700 });
  const stationId = clock.id();
  const ring = await makeKeyRing(stationId, protector);
  const db = openDatabase(database, ring.dataKey);
  try {
    migrate(db, readMigrations(migrationsDir), database);
    makeStation(db, clock, stationId, mode);
    const filled = await fill({ db, restoredFrom: null });
    ring.write(dataDir);
    rmSync(unfinished);
    return { filled, recoveryKey: ring.recoveryKey };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Opens what is there; null when the key is not on this machine. Throws as `openDatabase`, `migrate`. */
export async function openFolder(options: FolderOptions): Promise<OpenFolder | null> {
  const key = await unwrapDataKey(readKeyRing(options.dataDir), options.protector);
  return key && openWith(options, key);
}

/** Opens with the printed recovery key. Throws `storage.wrong-recovery-key`. */
export async function recoverFolder(options: FolderOptions, typed: string): Promise<OpenFolder> {
  return openWith(options, await recoverDataKey(options.dataDir, typed, options.protector));
}

function openWith({ dataDir, migrationsDir, clock }: FolderOptions, key: Uint8Array): OpenFolder {
  const { database, restored, unfinished } = places(dataDir);
  if (!existsSync(database)) {
    throw new BenchError('storage.damaged', { path: dataDir, detail: 'bench.db is missing' });
  }
  const db = openDatabase(database, key);
  try {
    migrate(db, readMigrations(migrationsDir), database);
    rmSync(unfinished, { force: true });
    return { db, restoredFrom: existsSync(restored) ? newIncarnation(db, clock, restored) : null };
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * A restored bench repeats the numbers of the entries it lost, so it must not pass for the bench it was:
 * it goes on under a new incarnation, whose lineage the next entry records.
 */
function newIncarnation(db: Database, clock: Clock, mark: string): OpenFolder['restoredFrom'] {
  const { backupAt, from } = RestoredMark.parse(JSON.parse(readFileSync(mark, 'utf8')));
  const now = db.prepare('SELECT incarnation FROM station').pluck().get() as string;
  const incarnation = from ?? now;
  if (from === undefined) writeFileDurably(mark, JSON.stringify({ backupAt, from: incarnation }));
  // Cut off after this and before it was recorded, the bench has its new incarnation already.
  if (now === incarnation) {
    db.transaction(() => {
      db.prepare('UPDATE station SET incarnation = ?').run(clock.id());
      // Sessions of the old incarnation are not carried over.
      db.exec('DELETE FROM sessions');
    })();
  }
  return { incarnation, backupAt, recorded: () => rmSync(mark) };
}

/** Whether a folder may take a new bench or a restore. */
export function isEmptyFolder(dataDir: string): boolean {
  return (
    !existsSync(dataDir) || readdirSync(dataDir).every((name) => /^station\.(lock|holder|sock)/.test(name))
  );
}
