import { ArtifactReader } from './format/reader.ts';
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
