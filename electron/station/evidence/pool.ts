import { Worker } from 'node:worker_threads';
import { BenchError } from '../../../shared/errors/index.ts';
import { CONTROL, type Job, type JobOrder, type JobReply, type JobResults } from './jobs.ts';

export interface PoolOptions {
  /** `worker.ts`, or what it was bundled into. */
  readonly workerUrl: URL;
  /** Threads at most; they start when needed. */
  readonly size?: number;
  /** How long one line may take a pattern until its thread is ended. */
  readonly stuckMs?: number;
  /** How long a job told to stop may take until its thread is ended. */
  readonly graceMs?: number;
  /** How long an idle thread is kept. */
  readonly idleMs?: number;
}

const WATCH_MS = 50;
/** A pattern or a damaged file must end the thread, never the station. */
const LIMITS = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 8 };
const WORDS: Readonly<Record<Job['type'], string>> = {
  search: 'search an artifact',
  verify: 'verify an artifact',
};

type Result = JobResults[Job['type']];

interface Order {
  readonly job: Job;
  readonly signal: AbortSignal | undefined;
  resolve(result: Result): void;
  reject(error: unknown): void;
  /** Listens to the signal while the order waits for a thread. */
  giveUp(): void;
}

/** Threads for search and verification, so that the station answers while a gigabyte is read. */
export function createEvidencePool(options: PoolOptions) {
  const { workerUrl, size = 2, stuckMs = 5_000, graceMs = 1_000, idleMs = 30_000 } = options;
  const waiting: Order[] = [];
  const idle = new Map<Worker, NodeJS.Timeout>();
  const all = new Set<Worker>();
  let closed = false;

  function dispatch(): void {
    while (waiting.length > 0) {
      const worker = takeIdle() ?? (all.size < size ? start() : null);
      if (!worker) return;
      const order = waiting.shift();
      if (!order) return;
      order.signal?.removeEventListener('abort', order.giveUp);
      give(worker, order);
    }
  }

  function takeIdle(): Worker | null {
    const [found] = idle;
    if (!found) return null;
    const [worker, timer] = found;
    clearTimeout(timer);
    idle.delete(worker);
    worker.ref();
    return worker;
  }

  function start(): Worker {
    const worker = new Worker(workerUrl, { resourceLimits: LIMITS });
    all.add(worker);
    worker.once('exit', () => forget(worker));
    // Without a listener, an idle thread's death would end the station; `exit` follows.
    worker.on('error', () => undefined);
    return worker;
  }

  function forget(worker: Worker): void {
    all.delete(worker);
    clearTimeout(idle.get(worker));
    idle.delete(worker);
  }

  function rest(worker: Worker): void {
    if (!all.has(worker)) return;
    worker.unref();
    const timer = setTimeout(() => {
      forget(worker);
      void worker.terminate();
    }, idleMs);
    idle.set(worker, timer.unref());
  }

  function give(worker: Worker, order: Order): void {
    const control = new SharedArrayBuffer(CONTROL.bytes);
    const flags = new Int32Array(control);
    let lastLine = 0;
    let lineSince = 0;
    let abortSince: number | null = null;

    function settle(): void {
      clearInterval(watch);
      order.signal?.removeEventListener('abort', onAbort);
      worker.off('message', onReply).off('error', onError).off('exit', onExit);
    }
    /** Ends the thread; it counts as gone at once, so that another can take its place. */
    async function end(error: unknown): Promise<void> {
      settle();
      forget(worker);
      await worker.terminate();
      order.reject(error);
      dispatch();
    }
    function onReply(reply: JobReply): void {
      settle();
      rest(worker);
      if (reply.type === 'done') order.resolve(reply.result);
      else order.reject(replyError(reply, order));
      dispatch();
    }
    function onError(error: Error): void {
      void end(workerDied(order.job, error.message));
    }
    function onExit(code: number): void {
      void end(closed ? new BenchError('bench.interrupted') : workerDied(order.job, `exit code ${code}`));
    }
    function onAbort(): void {
      abortSince = performance.now();
      Atomics.store(flags, CONTROL.abort, 1);
    }
    function look(): void {
      const now = performance.now();
      const line = Atomics.load(flags, CONTROL.line);
      if (abortSince !== null && now - abortSince >= graceMs) {
        void end(order.signal?.reason);
      } else if (line === 0 || line !== lastLine) {
        lastLine = line;
        lineSince = now;
      } else if (now - lineSince >= stuckMs) {
        void end(new BenchError('search.too-slow', { line }));
      }
    }

    const watch = setInterval(look, WATCH_MS);
    worker.on('message', onReply).on('error', onError).on('exit', onExit);
    order.signal?.addEventListener('abort', onAbort);
    worker.postMessage({ job: order.job, control } satisfies JobOrder);
  }

  function enqueue(job: Job, signal: AbortSignal | undefined): Promise<Result> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (closed) return Promise.reject(new BenchError('bench.interrupted'));
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        waiting.splice(waiting.indexOf(order), 1);
        reject(signal?.reason);
      };
      const order: Order = { job, signal, resolve, reject, giveUp };
      signal?.addEventListener('abort', giveUp, { once: true });
      waiting.push(order);
      dispatch();
    });
  }

  return {
    /**
     * Runs a job in a thread. Rejects with the job's BenchError, `search.too-slow` when a pattern does not come
     * back, `evidence.worker-died`, or the signal's reason.
     */
    run<T extends Job['type']>(job: Job & { type: T }, signal?: AbortSignal): Promise<JobResults[T]> {
      // A job is answered with its own type's result (`runJob`).
      return enqueue(job, signal) as Promise<JobResults[T]>;
    },

    /** Ends all threads; what was running or waiting is rejected. */
    async close(): Promise<void> {
      closed = true;
      for (const order of waiting.splice(0)) order.reject(new BenchError('bench.interrupted'));
      await Promise.all([...all].map((worker) => worker.terminate()));
    },
  };
}

function replyError(reply: Exclude<JobReply, { type: 'done' }>, order: Order): unknown {
  if (reply.type === 'aborted') return order.signal?.reason;
  if (reply.type === 'failed') return new BenchError(reply.code, reply.params);
  return workerDied(order.job, reply.detail);
}

const workerDied = (job: Job, detail: string): BenchError =>
  new BenchError('evidence.worker-died', { job: WORDS[job.type], detail });
