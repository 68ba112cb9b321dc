import { parentPort } from 'node:worker_threads';
import { isBenchError } from '../../../shared/errors/index.ts';
import { CONTROL, type JobOrder, type JobReply } from './jobs.ts';
import { JobAborted, runJob } from './run-job.ts';

/** A worker thread of the evidence pool: one job at a time, each answered exactly once. */
const port = parentPort;
if (!port) throw new Error('the evidence worker runs in a worker thread');

port.on('message', async ({ job, control }: JobOrder) => {
  const flags = new Int32Array(control);
  let reply: JobReply;
  try {
    const result = await runJob(job, {
      onLine: (line) => Atomics.store(flags, CONTROL.line, line),
      aborted: () => Atomics.load(flags, CONTROL.abort) === 1,
    });
    reply = { type: 'done', result };
  } catch (error) {
    reply = toReply(error);
  }
  job.file.caseKey.fill(0);
  port.postMessage(reply);
});

function toReply(error: unknown): JobReply {
  if (error instanceof JobAborted) return { type: 'aborted' };
  if (isBenchError(error)) return { type: 'failed', code: error.code, params: error.params };
  return { type: 'crashed', detail: error instanceof Error ? error.message : String(error) };
}
