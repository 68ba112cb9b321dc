import { createHash, randomUUID } from 'node:crypto';
import { lstat, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BenchError } from '../../../shared/errors/index.ts';
import { syncFolder } from './format/common.ts';
import type { Stored } from './format/layout.ts';
import { type ArtifactFile, ArtifactReader } from './format/reader.ts';

import type { EvidencePool } from './pool.ts';
import { assertContent } from './run-job.ts';

/**
 * Writes the content to a new file, checks it against the log and makes it durable; under its name there is
 * the whole content or nothing. Throws `input.file`, `artifact.damaged`, `artifact.missing`.
 */
export async function exportToFile(
  pool: EvidencePool,
  file: ArtifactFile,
  expected: Stored,
  path: string,
  signal?: AbortSignal,
): Promise<void> {
  const there = await lstat(path).catch(() => null);
  if (there) throw new BenchError('input.file', { path, detail: 'it exists already' });
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.part`);
  try {
    await pool.run({ type: 'export', file, expected, path: temporary }, signal);
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw fileError(error, path);
  }
}

/** Writes the content to a stream, which is left open at the end and destroyed on any failure. */
export async function exportToStream(
  file: ArtifactFile,
  expected: Stored,
  stream: Writable,
  signal?: AbortSignal,
): Promise<void> {
  const reader = await ArtifactReader.open(file);
  async function* content(): AsyncGenerator<Buffer, void> {
    const hash = createHash('sha256');
    for await (const { bytes } of reader.chunks()) {
      hash.update(bytes);
      if (bytes.length > 0) yield bytes;
    }
    assertContent(file.id, hash.digest('hex'), expected.sha256);
  }
  try {
    const source = Readable.from(content(), { objectMode: true, highWaterMark: 1 });
    await pipeline(source, stream, { end: false, ...(signal && { signal }) });
  } catch (error) {
    // Whoever reads the other end must not take what came for the whole.
    stream.destroy();
    throw error;
  } finally {
    await reader.close();
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the disk is read-only',
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'its folder does not exist',
  ENAMETOOLONG: 'its name is too long',
};

function fileError(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (error instanceof BenchError || code === undefined || !/^E[A-Z]+$/.test(code)) return error;
  return new BenchError('input.file', { path, detail: WORDS[code] ?? code }, { cause: error });
}
