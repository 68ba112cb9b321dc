import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { BenchError } from '../../../shared/errors/index.ts';
import { migrate, openDatabase, readMigrations } from './database.ts';
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
  /** Left by a restore until the bench opens: it then takes a new incarnation. */
  restored: join(dataDir, 'restored.json'),
});

export const RestoredMark = z.object({ backupAt: z.string() });

/** `new`: nothing here; `locked`: the key is not at hand; `ready`: open. */
export type FolderState = 'new' | 'locked' | 'ready';

export interface OpenFolder {
  readonly db: Database;
  /** Set once after a restore: the incarnation the backup had, and when it was made. */
  readonly restoredFrom: { incarnation: string; backupAt: string } | null;
}

export interface FolderOptions {
  readonly dataDir: string;
  readonly protector: KeyProtector;
  readonly migrationsDir: string;
  readonly clock: Clock;
}

/** Makes a bench in an empty folder. Throws `storage.already-initialised`, `storage.not-empty`. */
export async function makeFolder(
  { dataDir, protector, migrationsDir, clock }: FolderOptions,
  mode: 'live' | 'training',
): Promise<{ folder: OpenFolder; recoveryKey: string }> {
  if (hasKeyRing(dataDir)) throw new BenchError('storage.already-initialised', { path: dataDir });
  const { database, artifacts, log } = places(dataDir);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  if (existsSync(database)) throw new BenchError('storage.not-empty', { path: dataDir });
  mkdirSync(artifacts, { recursive: true, mode: 0o700 });
  mkdirSync(log, { recursive: true, mode: 0o700 });
  const stationId = clock.id();
  const { dataKey, recoveryKey } = await makeKeyRing(dataDir, stationId, protector);
  const db = openDatabase(database, dataKey);
  migrate(db, readMigrations(migrationsDir), database);
  makeStation(db, clock, stationId, mode);
  return { folder: { db, restoredFrom: null }, recoveryKey };
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
  const { database, restored } = places(dataDir);
  if (!existsSync(database)) {
    throw new BenchError('storage.damaged', { path: dataDir, detail: 'bench.db is missing' });
  }
  const db = openDatabase(database, key);
  try {
    migrate(db, readMigrations(migrationsDir), database);
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
  const { backupAt } = RestoredMark.parse(JSON.parse(readFileSync(mark, 'utf8')));
  const { incarnation } = db.prepare('SELECT incarnation FROM station').get() as { incarnation: string };
  db.prepare('UPDATE station SET incarnation = ?').run(clock.id());
  // Sessions of the old incarnation are not carried over.
  db.exec('DELETE FROM sessions');
  rmSync(mark);
  return { incarnation, backupAt };
}

/** Whether a folder may take a new bench or a restore. */
export function isEmptyFolder(dataDir: string): boolean {
  return (
    !existsSync(dataDir) || readdirSync(dataDir).every((name) => /^station\.(lock|holder|sock)/.test(name))
  );
}
