import { createPrivateKey, type KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type pg from 'pg';
import { v7 } from 'uuid';
import { BenchError } from '../../shared/errors/index.ts';
import { beginEpochs } from '../feed/epochs.ts';
import { backupsIn, type Progress, tablesOf } from './backup.ts';
import { blobsOf, copyVerified, hashIn } from './backup-blobs.ts';
import {
  BLOB_LIST,
  diskTrouble,
  hashFile,
  type Manifest,
  type Part,
  partFile,
  readManifest,
  readPart,
  syncFolder,
  TABLES,
} from './backup-format.ts';
import { inTransaction, migrateTo, SCHEMA, type Sql } from './database.ts';
import { transactionOn } from './feed-store.ts';
import { verifyHistory } from './verify.ts';

const ROWS = 250;

/** A backup by its own folder, or the newest one in a folder of backups. Throws `hub.not-a-backup`. */
export async function findBackup(from: string): Promise<{ folder: string; manifest: Manifest }> {
  const [newest] = existsSync(join(from, 'manifest.json')) ? [from] : await backupsIn(from);
  const folder = newest ?? from;
  return { folder, manifest: readManifest(folder) };
}

/** Checks that every part is the file that was written. Throws `hub.not-a-backup`, `hub.newer-database`. */
export async function checkParts(folder: string, manifest: Manifest, progress: Progress): Promise<void> {
  if (manifest.schema > SCHEMA) {
    throw new BenchError('hub.newer-database', { found: manifest.schema, known: SCHEMA });
  }
  for (const part of manifest.parts) {
    const path = partFile(folder, part);
    if (!existsSync(path))
      throw new BenchError('hub.not-a-backup', { path: folder, detail: `${part.name} is missing` });
    if ((await hashFile(path)) !== part.sha256) changed(folder, part.name);
    progress(`checked ${part.name}`, part.rows);
  }
}

function changed(folder: string, what: string): never {
  throw new BenchError('hub.not-a-backup', { path: folder, detail: `${what} was changed` });
}

/**
 * Loads a backup's tables into an empty database, in one transaction: until the whole history was computed anew and ends
 * where the manifest says, nobody sees any of it. A new epoch of each site begins, signed by the hub.
 * Throws `hub.not-empty`, `hub.not-a-backup`, `hub.damaged`.
 */
export async function loadTables(
  pool: pg.Pool,
  folder: string,
  manifest: Manifest,
  progress: Progress,
): Promise<{ entries: number }> {
  return inTransaction(pool, async (sql) => {
    if ((await tablesOf(sql)).size > 0) throw new BenchError('hub.not-empty', { path: 'the database' });
    await migrateTo(sql, manifest.schema);
    // A migration may have put rows in: the backup's own take their place.
    for (const table of TABLES.toReversed()) {
      if (manifest.parts.some(({ name }) => name === table)) await sql.query(`DELETE FROM ${table}`);
    }
    const tables = await tablesOf(sql);
    for (const table of TABLES) {
      const part = manifest.parts.find(({ name }) => name === table);
      if (part) await loadTable(sql, folder, part, tables.get(table) ?? new Map(), progress);
    }
    await migrateTo(sql, SCHEMA);
    const entries = await verifyHistory(sql, progress);
    await checkEnds(sql, folder, manifest);
    const feeds = transactionOn(sql);
    await beginEpochs({ ...feeds, transaction: (work) => work(feeds) }, await keyOf(sql), v7);
    await sql.query('UPDATE stations SET backed_up = last_seq');
    const bytes = manifest.parts.reduce((sum, part) => sum + part.bytes, manifest.blobs.bytes);
    await sql.query('INSERT INTO backups (id, made_at, folder, bytes) VALUES ($1, $2, $3, $4)', [
      ...[manifest.id, manifest.madeAt],
      ...[folder, bytes],
    ]);
    return { entries };
  });
}

async function loadTable(
  sql: Sql,
  folder: string,
  part: Part,
  types: ReadonlyMap<string, string>,
  progress: Progress,
): Promise<void> {
  const { name, columns } = part;
  if (!columns.every((column) => types.has(column))) changed(folder, name);
  const arrays = columns.map((column, index) => `$${index + 1}::${types.get(column)}[]`);
  const insert = `INSERT INTO ${name} (${columns.join(', ')}) SELECT * FROM unnest(${arrays.join(', ')})`;
  let count = 0;
  let rows: (string | null)[][] = [];
  const flush = async () => {
    if (rows.length === 0) return;
    await sql.query(
      insert,
      columns.map((_, index) => rows.map((row) => row[index] ?? null)),
    );
    count += rows.length;
    rows = [];
    progress(name, count);
  };
  for await (const row of readPart(folder, part)) {
    if (rows.push(row) === ROWS) await flush();
  }
  await flush();
  if (count !== part.rows) changed(folder, name);
}

/** That the loaded feeds and logs end where the manifest says. */
async function checkEnds(sql: Sql, folder: string, manifest: Manifest): Promise<void> {
  const { rows: sites } = await sql.query(`SELECT id, n, encode(hash, 'hex') AS hash FROM sites ORDER BY id`);
  const { rows: stations } = await sql.query(
    `SELECT id, incarnation, last_seq AS "lastSeq", encode(last_hash, 'hex') AS "lastHash"
     FROM stations ORDER BY id`,
  );
  if (JSON.stringify(sites) !== JSON.stringify(manifest.sites)) changed(folder, 'where its feeds end');
  if (JSON.stringify(stations) !== JSON.stringify(manifest.stations)) changed(folder, 'where its logs end');
}

/** The hub's own key, as it was backed up. */
async function keyOf(sql: Sql): Promise<KeyObject> {
  const { rows } = await sql.query<{ private_key: Buffer }>('SELECT private_key FROM hub');
  const der = rows[0]?.private_key;
  if (!der) throw new BenchError('hub.damaged', { detail: 'the hub’s own key is missing' });
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

/** Copies a backup's blobs into a hub's new folder, each verified. Throws `hub.not-a-backup`, `hub.disk`. */
export async function loadBlobs(folder: string, dataDir: string, progress: Progress): Promise<number> {
  const folders = new Set<string>();
  let count = 0;
  try {
    for await (const [path] of readPart(folder, { name: BLOB_LIST })) {
      const sha256 = hashIn(path ?? '');
      if (!path || !sha256) changed(folder, 'the list of blobs');
      const to = join(blobsOf(dataDir), path);
      if (!folders.has(dirname(to))) {
        await mkdir(dirname(to), { recursive: true, mode: 0o700 });
        folders.add(dirname(to));
      }
      if ((await copyVerified(join(blobsOf(folder), path), to, sha256)) !== 'copied') {
        changed(folder, `the blob ${path}`);
      }
      count += 1;
      if (count % ROWS === 0) progress(BLOB_LIST, count);
    }
    for (const one of folders) await syncFolder(one);
  } catch (error) {
    throw diskTrouble(error, dataDir);
  }
  progress(BLOB_LIST, count);
  return count;
}
