import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { z } from 'zod';
import { BenchError } from '../../shared/errors/index.ts';

/*
 * A backup is a folder: a part for each table (compressed JSON, a line for each row, every value as PostgreSQL writes it
 * as text), a list of the blobs, the blobs, and a manifest, written last.
 *
 * It is read and written by SQL of our own. PostgreSQL's own tools are not among the programs that npm brings, their
 * files are bound to its version, and other engines that speak its language have none: this form can be read by any of
 * them, by a later hub, and by a person with `zcat`.
 */

/** The tables, each after those that its rows refer to. */
export const TABLES = [
  ...['hub', 'sites', 'stations', 'station_keys', 'codes', 'admins', 'backups', 'epochs'],
  ...['entries', 'states', 'reviews'],
] as const;
/** What says of itself how it is made. */
export const NOT_IN_A_BACKUP = ['migrations'];

const MANIFEST = 'manifest.json';
export const BLOB_LIST = 'blobs';
const Hex = z.string().regex(/^[0-9a-f]{64}$/);
const Count = z.number().int().nonnegative();

const Part = z.object({
  name: z.string().regex(/^[a-z_]{1,40}$/),
  columns: z.array(z.string().regex(/^[a-z_]{1,40}$/)).min(1),
  rows: Count,
  bytes: Count,
  /** Of the file as it lies there. */
  sha256: Hex,
});
export type Part = z.infer<typeof Part>;

export const Manifest = z.object({
  version: z.literal(1),
  id: z.uuid(),
  madeAt: z.iso.datetime(),
  /** How many migrations the database had. */
  schema: z.number().int().positive(),
  /** Where each feed ends. */
  sites: z.array(z.object({ id: z.uuid(), n: Count, hash: Hex })),
  /** Where the copy of each station's log ends. */
  stations: z.array(z.object({ id: z.uuid(), incarnation: z.uuid(), lastSeq: Count, lastHash: Hex })),
  parts: z.array(Part),
  blobs: z.object({ count: Count, bytes: Count }),
});
export type Manifest = z.infer<typeof Manifest>;

export const partFile = (folder: string, { name }: Pick<Part, 'name'>): string =>
  join(folder, `${name}.jsonl.gz`);

/** Writes rows to a part, on disk when it resolves. */
export async function writePart(
  folder: string,
  { name, columns }: Pick<Part, 'name' | 'columns'>,
  rows: AsyncIterable<readonly unknown[]> | Iterable<readonly unknown[]>,
): Promise<Part> {
  const hash = createHash('sha256');
  let [count, bytes] = [0, 0];
  async function* lines() {
    for await (const row of rows) {
      count += 1;
      yield `${JSON.stringify(row)}\n`;
    }
  }
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  const file = createWriteStream(partFile(folder, { name }), { flags: 'wx', mode: 0o600, flush: true });
  // Most of it are hashes, which nothing makes smaller; more effort costs time only.
  await pipeline(Readable.from(batched(lines())), createGzip({ level: 1 }), measure, file);
  return { name, columns, rows: count, bytes, sha256: hash.digest('hex') };
}

/** Many lines at once: a stream's step costs more than a line. */
async function* batched(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let batch = '';
  for await (const line of lines) {
    batch += line;
    if (batch.length < 64 * 1024) continue;
    yield batch;
    batch = '';
  }
  if (batch) yield batch;
}

/** The rows of a part. */
export async function* readPart(folder: string, part: Pick<Part, 'name'>): AsyncGenerator<(string | null)[]> {
  const text = createGunzip().setEncoding('utf8');
  // What goes wrong is thrown where the text is read.
  void pipeline(createReadStream(partFile(folder, part)), text).catch(() => {});
  let rest = '';
  // Not by `readline`, for which a line ends at characters that JSON leaves as they are.
  for await (const chunk of text) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line);
  }
}

/** Writes the manifest: from now on the folder is a backup. */
export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const file = await open(join(folder, MANIFEST), 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(manifest, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Throws `hub.not-a-backup`. */
export function readManifest(folder: string): Manifest {
  try {
    return Manifest.parse(JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8')));
  } catch (cause) {
    const detail = 'its manifest.json is missing or unreadable';
    throw new BenchError('hub.not-a-backup', { path: folder, detail }, { cause });
  }
}

export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex');
}

/** Makes what was written, renamed or removed in a folder outlive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** What a disk that is full, closed or gone says, for people; anything else as it is. */
export function diskTrouble(error: unknown, path: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (!['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS', 'EIO', 'ENOTDIR', 'EEXIST'].includes(code ?? ''))
    return error;
  return new BenchError('hub.disk', { path, detail: message }, { cause: error });
}
