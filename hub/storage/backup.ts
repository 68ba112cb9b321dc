import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { v7 } from 'uuid';
import { blobsOf, copyBlobs } from './backup-blobs.ts';
import {
  BLOB_LIST,
  diskTrouble,
  type Manifest,
  NOT_IN_A_BACKUP,
  type Part,
  readManifest,
  syncFolder,
  TABLES,
  writeManifest,
  writePart,
} from './backup-format.ts';
import { inTransaction, type Sql } from './database.ts';

/** Rows that are in memory at once; a row can have two megabytes. */
const ROWS = 250;
const NAME = /^hub-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z$/;
const PARTIAL = '.partial';
/** What was left half written for so long is nobody's any more. */
const ABANDONED_MS = 24 * 3600_000;

/** Told what is being done, and how many rows or blobs of it are through. */
export type Progress = (what: string, count: number) => void;

export interface BackupOptions {
  readonly dataDir: string;
  /** A folder of backups; each becomes a folder in it. */
  readonly to: string;
  readonly progress: Progress;
  /** Told of blobs that are not what their names say; they are not in the backup. */
  readonly damaged: (path: string) => void;
}

export interface BackupReport {
  readonly folder: string;
  readonly madeAt: string;
  readonly entries: number;
  readonly blobs: number;
  /** Of all files. */
  readonly bytes: number;
}

/**
 * Writes a backup of a hub that may go on working: the database as it is at one instant, then the blobs, which never
 * change. Under its own name a folder is always a whole backup. Afterwards the benches are told that what is in it is
 * safe. Throws `hub.disk`.
 */
export async function backup(pool: pg.Pool, options: BackupOptions): Promise<BackupReport> {
  const to = resolve(options.to);
  const madeAt = new Date().toISOString();
  const folder = join(to, `hub-${madeAt.replaceAll(/[:.]/g, '-')}`);
  const partial = `${folder}${PARTIAL}`;
  let manifest: Manifest;
  try {
    const [before] = await backupsIn(to);
    await mkdir(partial, { recursive: true, mode: 0o700 });
    const database = await inTransaction(
      pool,
      (sql) => writeTables(sql, partial, options.progress),
      'ISOLATION LEVEL REPEATABLE READ READ ONLY',
    );
    const blobs = await writeBlobs(partial, before ?? null, options);
    const parts = [...database.parts, blobs.part];
    const { schema, sites, stations } = database;
    manifest = { version: 1, id: v7(), madeAt, schema, sites, stations, parts, blobs: blobs.total };
    await writeManifest(partial, manifest);
    await syncFolder(partial);
    await rename(partial, folder);
    await syncFolder(to);
  } catch (error) {
    await rm(partial, { recursive: true, force: true }).catch(() => {});
    throw diskTrouble(error, to);
  }
  const bytes = manifest.parts.reduce((sum, part) => sum + part.bytes, manifest.blobs.bytes);
  await remember(pool, manifest, folder, bytes);
  const entries = manifest.parts.find(({ name }) => name === 'entries')?.rows ?? 0;
  return { folder, madeAt, entries, blobs: manifest.blobs.count, bytes };
}

/** The whole backups in a folder of backups, newest first. */
export async function backupsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .filter((name) => NAME.test(name))
    .sort()
    .reverse()
    .map((name) => join(folder, name));
}

/** Removes all but the newest backups in a folder, and what a backup that was killed left there long ago. */
export async function keepNewest(folder: string, count: number): Promise<void> {
  const old = (await backupsIn(folder)).slice(count);
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (!name.endsWith(PARTIAL) || !NAME.test(name.slice(0, -PARTIAL.length))) continue;
    if (Date.now() - (await stat(path)).mtimeMs > ABANDONED_MS) old.push(path);
  }
  for (const path of old) await rm(path, { recursive: true, force: true });
}

async function writeTables(sql: Sql, folder: string, progress: Progress) {
  await sql.query(`SET LOCAL TimeZone = 'UTC'`);
  await sql.query(`SET LOCAL DateStyle = 'ISO'`);
  await sql.query(`SET LOCAL bytea_output = 'hex'`);
  const tables = await tablesOf(sql);
  const unknown = [...tables.keys()].filter((name) => !isKnown(name));
  if (unknown.length > 0) throw new Error(`a backup does not know the table ${unknown.join(', ')}`);
  const { rows: migrations } = await sql.query('SELECT number FROM migrations');
  const { rows: sites } = await sql.query<Manifest['sites'][number]>(
    `SELECT id, n, encode(hash, 'hex') AS hash FROM sites ORDER BY id`,
  );
  const { rows: stations } = await sql.query<Manifest['stations'][number]>(
    `SELECT id, incarnation, last_seq AS "lastSeq", encode(last_hash, 'hex') AS "lastHash"
     FROM stations ORDER BY id`,
  );
  const parts: Part[] = [];
  for (const name of TABLES) {
    const columns = [...(tables.get(name)?.keys() ?? [])];
    if (columns.length === 0) continue;
    parts.push(await writePart(folder, { name, columns }, rowsOf(sql, name, columns, progress)));
  }
  return { schema: migrations.length, sites, stations, parts };
}

const isKnown = (name: string) => [...TABLES, ...NOT_IN_A_BACKUP].some((known) => known === name);

/** The tables of the hub's schema, and the types of their columns by name, in their order. */
export async function tablesOf(sql: Sql): Promise<Map<string, Map<string, string>>> {
  const { rows } = await sql.query<{ table: string; column: string; type: string }>(
    `SELECT t.table_name AS "table", c.column_name AS "column", c.data_type AS type
     FROM information_schema.tables t
     JOIN information_schema.columns c ON c.table_schema = t.table_schema AND c.table_name = t.table_name
     WHERE t.table_schema = current_schema() AND t.table_type = 'BASE TABLE'
     ORDER BY t.table_name, c.ordinal_position`,
  );
  const tables = new Map<string, Map<string, string>>();
  for (const { table, column, type } of rows) {
    const columns = tables.get(table) ?? new Map<string, string>();
    tables.set(table, columns.set(column, type));
  }
  return tables;
}

/** Every value as the text that PostgreSQL writes for it. */
const asText = { getTypeParser: () => (value: string) => value } as pg.CustomTypesConfig;

async function* rowsOf(
  sql: Sql,
  table: string,
  columns: readonly string[],
  progress: Progress,
): AsyncGenerator<(string | null)[]> {
  const list = columns.map((column) => pg.escapeIdentifier(column)).join(', ');
  await sql.query(`DECLARE part CURSOR FOR SELECT ${list} FROM ${pg.escapeIdentifier(table)}`);
  let count = 0;
  for (;;) {
    const { rows } = await sql.query<(string | null)[]>({
      text: `FETCH ${ROWS} FROM part`,
      rowMode: 'array',
      types: asText,
    });
    yield* rows;
    count += rows.length;
    progress(table, count);
    if (rows.length < ROWS) break;
  }
  await sql.query('CLOSE part');
}

async function writeBlobs(folder: string, before: string | null, options: BackupOptions) {
  const total = { count: 0, bytes: 0 };
  const { dataDir, progress, damaged } = options;
  const older = before && isReadable(before) ? blobsOf(before) : null;
  async function* list() {
    for await (const blob of copyBlobs(blobsOf(dataDir), older, blobsOf(folder), damaged)) {
      total.count += 1;
      total.bytes += blob[1];
      if (total.count % ROWS === 0) progress(BLOB_LIST, total.count);
      yield blob;
    }
    progress(BLOB_LIST, total.count);
  }
  const part = await writePart(folder, { name: BLOB_LIST, columns: ['path', 'bytes'] }, list());
  return { part, total };
}

function isReadable(folder: string): boolean {
  try {
    readManifest(folder);
    return true;
  } catch {
    return false;
  }
}

/** Tells by the next push what is safe now; a bench that went back to an earlier entry meanwhile is not told. */
async function remember(pool: pg.Pool, manifest: Manifest, folder: string, bytes: number): Promise<void> {
  await inTransaction(pool, async (sql) => {
    for (const { id, incarnation, lastSeq } of manifest.stations) {
      await sql.query(
        'UPDATE stations SET backed_up = $3 WHERE id = $1 AND incarnation = $2 AND backed_up < $3',
        [id, incarnation, lastSeq],
      );
    }
    await sql.query('INSERT INTO backups (id, made_at, folder, bytes) VALUES ($1, $2, $3, $4)', [
      ...[manifest.id, manifest.madeAt],
      ...[folder, bytes],
    ]);
  });
}
