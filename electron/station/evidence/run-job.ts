import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { release } from './format/common.ts';
import { ArtifactReader, damaged } from './format/reader.ts';
import { checkFile } from './format/verify.ts';
import type { Job, JobResults } from './jobs.ts';
import { search } from './search/search.ts';

export interface JobControl {
  /** Told the line a pattern is about to be tested on; 0: none. */
  onLine(line: number): void;
  aborted(): boolean;
}

/** Thrown inside a job that was told to stop; the orderer knows why. */
export class JobAborted extends Error {}

export async function runJob(job: Job, control: JobControl): Promise<JobResults[Job['type']]> {
  const assertWanted = (): void => {
    if (control.aborted()) throw new JobAborted();
  };
  if (job.type === 'verify') return checkFile(job.file, job.expected, assertWanted);
  const reader = await ArtifactReader.open(job.file);
  try {
    if (job.type === 'export') {
      await writeOut(reader, job, assertWanted);
      return null;
    }
    const end = performance.now() + job.pageMs;
    return await search(reader, job.query, {
      onLine: control.onLine,
      enough() {
        assertWanted();
        return performance.now() >= end;
      },
    });
  } finally {
    await reader.close();
  }
}

/** Writes the content to a new file and makes it durable; throws when it is not what the log says. */
async function writeOut(
  reader: ArtifactReader,
  { file, expected, path }: Job & { type: 'export' },
  assertWanted: () => void,
): Promise<void> {
  const out = await open(path, 'wx', 0o600);
  try {
    const hash = createHash('sha256');
    for await (const { bytes } of reader.chunks()) {
      assertWanted();
      hash.update(bytes);
      for (let at = 0; at < bytes.length; ) at += (await out.write(bytes, at)).bytesWritten;
      release(bytes);
    }
    assertContent(file.id, hash.digest('hex'), expected.sha256);
    await out.sync();
  } finally {
    await out.close();
  }
}

/** Throws `artifact.damaged` when the content's hash is not the one in the log. */
export function assertContent(id: string, actual: string, logged: string): void {
  if (actual === logged) return;
  throw damaged(id, 'content.hash', 'the content', `its hash is ${actual}, the log says ${logged}`);
}
