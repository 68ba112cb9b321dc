import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type pg from 'pg';
import { BenchError } from '../shared/errors/index.ts';
import { onlySite } from './http/admin.ts';
import { newAdminLink } from './http/admins.ts';
import { openHubDatabase, runningAddress, runningDatabase } from './hub.ts';
import { makeCode } from './stations/codes.ts';
import { type BackupReport, backup, keepNewest, type Progress } from './storage/backup.ts';
import { diskTrouble, syncFolder } from './storage/backup-format.ts';
import { closePool, inTransaction, migrate } from './storage/database.ts';
import { startEmbedded } from './storage/embedded.ts';
import { checkParts, findBackup, loadBlobs, loadTables } from './storage/restore.ts';
import { verifyHistory } from './storage/verify.ts';

/** Which hub: by its folder and, where it is not in there, its database. */
export interface Where {
  readonly dataDir: string;
  readonly databaseUrl?: string;
  log(line: string, details?: object): void;
}

/** Works on a hub's database, whether the hub runs or not. */
async function withDatabase<T>(where: Where, work: (pool: pg.Pool) => Promise<T>): Promise<T> {
  const running = where.databaseUrl ? null : await runningDatabase(where.dataDir);
  const database = running
    ? { pool: running, close: () => closePool(running) }
    : await openHubDatabase(where);
  try {
    await migrate(database.pool);
    return await work(database.pool);
  } finally {
    await database.close();
  }
}

/** A one-time code that lets a bench join the hub's only site. */
export const makeBenchCode = (where: Where): Promise<{ code: string; expiresAt: string }> =>
  withDatabase(where, async (pool) => makeCode(pool, await onlySite(pool)));

/** A one-time link for an administrator whose token is lost; without the address where the hub does not run. */
export const makeAdminLink = (where: Where): Promise<{ adminLink: string; expiresAt: string }> =>
  withDatabase(where, async (pool) => {
    const { token, expiresAt } = await newAdminLink(pool);
    return { adminLink: `${runningAddress(where.dataDir) ?? ''}/admin#${token}`, expiresAt };
  });

export interface BackupCommand extends Where {
  readonly to: string;
  /** How many backups stay in `to`; all when it is not given. */
  readonly keep?: number;
}

/** Writes a backup beside those that are there. Throws `hub.disk`. */
export const makeBackup = (command: BackupCommand): Promise<BackupReport & { damaged: string[] }> =>
  withDatabase(command, async (pool) => {
    const damaged: string[] = [];
    const { dataDir, to, keep } = command;
    const report = await backup(pool, {
      ...{ dataDir, to, progress: progressOn(command) },
      damaged(path) {
        damaged.push(path);
        command.log(`the blob ${path} is damaged, and not in the backup`);
      },
    });
    if (keep !== undefined) await keepNewest(to, keep);
    return { ...report, damaged };
  });

/** Computes the history of a hub anew. Throws `hub.damaged`. */
export const verify = (where: Where): Promise<{ ok: true; entries: number }> =>
  withDatabase(where, async (pool) => {
    const mode = 'ISOLATION LEVEL REPEATABLE READ READ ONLY';
    const entries = await inTransaction(pool, (sql) => verifyHistory(sql, progressOn(where)), mode);
    return { ok: true, entries };
  });

/**
 * Puts a backup into a new folder and, where a database is named, into that empty database. Everything is checked before
 * the folder gets its name. Throws `hub.not-a-backup`, `hub.not-empty`, `hub.damaged`, `hub.disk`.
 */
export async function restore(where: Where & { readonly from: string }): Promise<object> {
  const progress = progressOn(where);
  const dataDir = resolve(where.dataDir);
  if (existsSync(dataDir) && readdirSync(dataDir).length > 0) {
    throw new BenchError('hub.not-empty', { path: dataDir });
  }
  const { folder, manifest } = await findBackup(where.from);
  await checkParts(folder, manifest, progress);
  const partial = `${dataDir}.restoring`;
  await clear(partial, where);
  try {
    await mkdir(partial, { recursive: true, mode: 0o755 });
    const blobs = await loadBlobs(folder, partial, progress);
    const database = await openHubDatabase({ ...where, dataDir: partial });
    let entries: number;
    try {
      ({ entries } = await loadTables(database.pool, folder, manifest, progress));
    } finally {
      await database.close();
    }
    await rename(partial, dataDir);
    await syncFolder(dirname(dataDir));
    const { madeAt, sites, stations } = manifest;
    return { dataDir, madeAt, entries, blobs, sites, stations: stations.length };
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw diskTrouble(error, dataDir);
  }
}

/** Removes what a restore that was killed left behind, a running PostgreSQL included. */
async function clear(partial: string, { databaseUrl, log }: Where): Promise<void> {
  if (!existsSync(partial)) return;
  if (!databaseUrl && existsSync(`${partial}/postgres`)) {
    const left = await startEmbedded(partial, (line) => log(line));
    await left.stop();
  }
  await rm(partial, { recursive: true, force: true });
}

const SAY_MS = 1_000;

/** Says how far the work is, once a second and at the end of each part. */
function progressOn({ log }: Where): Progress {
  let [last, said, at] = ['', 0, 0];
  return (what, count) => {
    if (what === last && Date.now() - at < SAY_MS) return;
    if (what === last && count === said) return;
    [last, said, at] = [what, count, Date.now()];
    log(`${what}: ${count.toLocaleString('en')}`);
  };
}
