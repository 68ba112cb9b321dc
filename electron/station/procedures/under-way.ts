import type { z } from 'zod';
import type { RunEvent } from '../../../shared/contract/station.ts';
import { BenchError, toBenchError } from '../../../shared/errors/index.ts';
import type { Progress } from '../../../shared/model/ports.ts';
import type { Runner } from './runner.ts';
import type { Timers } from './timers.ts';
import type { OpenSession, RunEnd, RunPorts } from './types.ts';

/** A run as it is told about while it is under way. */
export interface RunHead {
  readonly id: string;
  readonly caseId: string;
  readonly caseNumber: string;
  readonly title: string;
  readonly portId: string | null;
}

interface Active {
  readonly head: RunHead;
  readonly runner: Runner;
  readonly done: Promise<void>;
  /** What its end waits for; null while the runner itself tells how far it is. */
  held: Progress | null;
}

/** Pause before the end of a run is written again, when the disk was full. */
const RETRY_MS = 5000;

export interface UnderWayOptions {
  readonly ports: RunPorts;
  readonly timers: Timers;
  readonly notify: (event: z.infer<typeof RunEvent>) => void;
  readonly log: (line: string, details: Readonly<Record<string, unknown>>) => void;
}

/** The runs that memory knows: each from the moment it is on record until its end is. */
export function createUnderWay({ ports, timers, notify, log }: UnderWayOptions) {
  const active = new Map<string, Active>();
  let closing = false;

  /**
   * Lets the run begin, holding its port; resolves as soon as it is on record. Rejects when it could not begin:
   * then nothing is on record. `write` puts its end on record; when that fails it is called again.
   */
  function launch(
    head: RunHead,
    prepare: (open: OpenSession | null) => Runner,
    write: (end: RunEnd) => RunEnd,
  ): Promise<void> {
    const { id, title, portId } = head;
    return new Promise((resolve, reject) => {
      let ended = () => {};
      const done = new Promise<void>((settle) => {
        ended = settle;
      });
      const work = (open: OpenSession | null): Promise<RunEnd> => {
        const runner = prepare(open);
        active.set(id, { head, runner, done, held: null });
        const running = runner.run();
        resolve();
        return running;
      };
      const held = portId === null ? (async () => work(null))() : ports.withRun(portId, { id, title }, work);
      const failed = (error: unknown): RunEnd => {
        const problem = toBenchError(error);
        return { outcome: 'error', message: problem.message, error: problem };
      };
      void held
        .catch((error: unknown) => {
          if (active.has(id)) return failed(error);
          reject(error);
          return null;
        })
        .then((end) => end && finish(head, () => write(end)))
        .finally(ended);
    });
  }

  /** Writes the run's end; when the disk refuses, again and again, and the run stays under way until then. */
  async function finish({ id, portId }: RunHead, write: () => RunEnd): Promise<void> {
    let written: RunEnd | null = null;
    while (written === null) {
      try {
        written = write();
      } catch (error) {
        const { message } = toBenchError(error);
        log('the end of a run could not be written', { runId: id, error: message });
        if (closing) break;
        hold(id, message);
        await new Promise<void>((resolve) => timers.after(RETRY_MS, resolve));
      }
    }
    active.delete(id);
    if (written && portId !== null) ports.runEnded(portId, written.outcome, written.error);
  }

  /** Tells whoever watches a run what its end waits for. */
  function hold(id: string, why: string): void {
    const run = active.get(id);
    if (!run) return;
    const { caseId, portId } = run.head;
    run.held = { label: why, done: 0, total: null, unit: 'steps', rate: null, secondsLeft: null };
    notify({ type: 'run', runId: id, caseId, progress: run.held, prompt: null });
    if (portId !== null) ports.runProgress(portId, run.held, null);
  }

  return {
    launch,
    has: (id: string): boolean => active.has(id),
    get size(): number {
      return active.size;
    },
    runner: (id: string): Runner | null => active.get(id)?.runner ?? null,
    heads: (): RunHead[] => [...active.values()].map(({ head }) => head),
    /** What only memory knows of a run. */
    live(id: string): Pick<Runner, 'progress' | 'prompt'> {
      const { runner, held } = active.get(id) ?? {};
      return { progress: held ?? runner?.progress ?? null, prompt: runner?.prompt ?? null };
    },
    /** Stops each run for which `check` throws. */
    recheck(check: (caseId: string) => void): void {
      for (const { head, runner } of active.values()) {
        try {
          check(head.caseId);
        } catch (error) {
          runner.stop(toBenchError(error));
        }
      }
    },
    /** Resolves when the run has ended; at once when it is not under way. */
    ended: (id: string): Promise<void> => active.get(id)?.done ?? Promise.resolve(),

    /** Stops everything as interrupted and waits a while; what does not end is found at the next start. */
    async close(limitMs: number): Promise<void> {
      closing = true;
      for (const { runner } of active.values()) runner.stop(new BenchError('run.station-stopped'));
      const all = Promise.all([...active.values()].map(({ done }) => done));
      await new Promise<void>((resolve) => {
        const cancel = timers.after(limitMs, resolve);
        void all.then(() => {
          cancel();
          resolve();
        });
      });
    },
  };
}
