import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { copyFile, open } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { BenchError } from '../../../shared/errors/index.ts';
import { syncFolder, writeFileDurably } from './files.ts';
import { isEmptyFolder, places } from './folder.ts';
import { holdFolder } from './holder.ts';
import { diskTrouble } from './trouble.ts';

const MANIFEST = 'manifest.json';
const Manifest = z.object({
  version: z.literal(1),
  stationId: z.string(),
  at: z.iso.datetime(),
  program: z.string(),
  /** Path within the backup, with forward slashes → size and SHA-256. */
  files: z.record(z.string(), z.object({ bytes: z.number(), sha256: z.string() })),
});

export interface BackupReport {
  readonly path: string;
  readonly bytes: number;
  readonly artifacts: number;
  readonly sha256: string;
}

/**
 * Writes a complete copy of an open bench into a new or empty folder: database, artifacts and key ring, all
 * as encrypted as they are, and a manifest with the hash of each file, written last. The bench goes on
 * working: the database is copied first, and artifacts only ever get added.
 */
export async function backup(
  db: Database,
  dataDir: string,
  target: string,
  info: { stationId: string; at: string; program: string },
): Promise<BackupReport> {
  if (!isEmptyFolder(target)) throw new BenchError('storage.not-empty', { path: target });
  if (!relative(resolve(dataDir), resolve(target)).startsWith('..')) {
    throw new BenchError('input.file', { path: target, detail: 'it lies inside the bench’s own folder' });
  }
  const from = places(dataDir);
  const to = places(target);
  try {
    mkdirSync(to.artifacts, { recursive: true, mode: 0o700 });
    await copyOpenDatabase(db, from.database, to.database);
    await copyDurably(join(dataDir, 'keys.json'), join(target, 'keys.json'));
    const artifacts = existsSync(from.artifacts) ? filesBelow(from.artifacts) : [];
    for (const file of artifacts) {
      await copyDurably(file, join(to.artifacts, relative(from.artifacts, file)));
    }
    const files: z.infer<typeof Manifest>['files'] = {};
    let bytes = 0;
    for (const file of filesBelow(target)) {
      const size = statSync(file).size;
      bytes += size;
      files[relative(target, file).split(sep).join('/')] = { bytes: size, sha256: await hashFile(file) };
    }
    const manifest = `${JSON.stringify({ version: 1, ...info, files }, null, 2)}\n`;
    writeFileDurably(join(target, MANIFEST), manifest);
    const sha256 = createHash('sha256').update(manifest).digest('hex');
    return { path: target, bytes, artifacts: artifacts.length, sha256 };
  } catch (error) {
    throw fileError(error, target);
  }
}

/**
 * Puts a backup into a new or empty folder, after checking every file against the manifest; nothing is
 * written when one differs. The bench takes a new incarnation when it is next opened.
 * Throws `storage.not-a-backup`, `storage.not-empty`, `storage.held`.
 */
export async function restore(source: string, dataDir: string): Promise<{ files: number; at: string }> {
  const manifest = readManifest(source);
  if (!isEmptyFolder(dataDir)) throw new BenchError('storage.not-empty', { path: dataDir });
  const names = Object.keys(manifest.files);
  for (const name of names) {
    const path = within(source, name);
    const expected = manifest.files[name];
    if (!existsSync(path)) notABackup(source, `${name} is missing`);
    if ((await hashFile(path)) !== expected?.sha256) notABackup(source, `${name} was changed`);
  }
  for (const name of ['bench.db', 'keys.json']) {
    if (!names.includes(name)) notABackup(source, `${name} is not in it`);
  }
  let hold: ReturnType<typeof holdFolder> | null = null;
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    // No station may open what is only half there.
    hold = holdFolder(dataDir, 'a restore');
    if (!isEmptyFolder(dataDir)) throw new BenchError('storage.not-empty', { path: dataDir });
    // The mark first and the key ring last: cut off in between, the folder is no bench, and never one that passes
    // for the bench it is a copy of.
    writeFileDurably(places(dataDir).restored, JSON.stringify({ backupAt: manifest.at }));
    mkdirSync(places(dataDir).artifacts, { recursive: true, mode: 0o700 });
    const last = 'keys.json';
    for (const name of [...names.filter((name) => name !== last), last]) {
      await copyDurably(within(source, name), within(dataDir, name));
    }
  } catch (error) {
    throw fileError(error, dataDir);
  } finally {
    hold?.release();
  }
  return { files: names.length, at: manifest.at };
}

/**
 * Copies the database of an open bench while the bench goes on working: what it writes meanwhile stays in the
 * write-ahead log, and the file itself stands still. Only the station's one connection writes it.
 */
async function copyOpenDatabase(db: Database, from: string, to: string): Promise<void> {
  db.pragma('wal_checkpoint(TRUNCATE)');
  const pages = db.pragma('wal_autocheckpoint', { simple: true }) as number;
  if (pages === 0) throw new BenchError('storage.backup-running');
  db.pragma('wal_autocheckpoint = 0');
  try {
    await copyDurably(from, to);
    // Closing a database writes the log into it.
    if (!db.open) throw new BenchError('run.station-stopped');
  } finally {
    if (db.open) db.pragma(`wal_autocheckpoint = ${pages}`);
  }
}

/** Copies a file so that it survives a power cut, or a stick that is pulled right afterwards. */
async function copyDurably(from: string, to: string): Promise<void> {
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  await copyFile(from, to);
  const copy = await open(to, 'r+');
  try {
    await copy.sync();
  } finally {
    await copy.close();
  }
  syncFolder(dirname(to));
}

function readManifest(source: string): z.infer<typeof Manifest> {
  try {
    return Manifest.parse(JSON.parse(readFileSync(join(source, MANIFEST), 'utf8')));
  } catch (cause) {
    throw new BenchError(
      'storage.not-a-backup',
      { path: source, detail: 'its manifest.json is missing or unreadable' },
      { cause },
    );
  }
}

function notABackup(path: string, detail: string): never {
  throw new BenchError('storage.not-a-backup', { path, detail });
}

/** A manifest is a stranger's file: its names must stay inside the folder. */
function within(folder: string, name: string): string {
  const path = join(folder, name);
  if (relative(folder, path).startsWith('..')) notABackup(folder, `it names “${name}”, outside of itself`);
  return path;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex');
}

function fileError(error: unknown, path: string): unknown {
  const trouble = diskTrouble(error, path);
  if (trouble !== error) return trouble;
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EACCES' || code === 'ENOENT' || code === 'ENOTDIR' || code === 'EEXIST') {
    return new BenchError('input.file', { path, detail: `it cannot be written (${code})` }, { cause: error });
  }
  return error;
}
