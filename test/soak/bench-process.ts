import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  type BenchArgument,
  type Order,
  type Progress,
  places,
  type Settled,
  type Told,
} from './messages.ts';

const PROGRAM = fileURLToPath(new URL('./bench.ts', import.meta.url));

/** A bench in a process of its own, that can be killed and started again. */
export interface BenchProcess {
  readonly argument: BenchArgument;
  /** As it last told. */
  readonly progress: Progress;
  /** Resolves when it is open; it goes on with what it was told before it was killed. */
  start(): Promise<void>;
  kill(): Promise<void>;
  work(): void;
  /** Resolves when it makes no more work. */
  rest(): Promise<void>;
  /** Resolves when everything of it is on the hub and it has read the feed up to `n`. */
  settle(n: number): Promise<Progress & Settled>;
}

/** Characters of what a process said last. */
const LAST_WORDS = 2_000;
const NOTHING: Progress = { entries: 0, acknowledged: 0, readN: 0, refused: 0 };

/** @param trouble told what should not happen, whatever is cut or killed */
export function makeBenchProcess(argument: BenchArgument, trouble: (what: string) => void): BenchProcess {
  mkdirSync(argument.folder, { recursive: true });
  let child: ChildProcess | null = null;
  let progress = NOTHING;
  let isWorking = false;
  const listeners = new Set<(told: Told) => void>();

  function hear(told: Told): void {
    if (told.is === 'progress' || told.is === 'settled') progress = told;
    if (told.is === 'trouble') trouble(`bench ${argument.prefix}: ${told.code}: ${told.message}`);
    for (const listener of [...listeners]) listener(told);
  }

  /** What it tells next of a kind. */
  function told<K extends Told['is']>(is: K): Promise<Extract<Told, { is: K }>> {
    return new Promise((resolve) => {
      const listener = (said: Told) => {
        if (said.is !== is) return;
        listeners.delete(listener);
        resolve(said as Extract<Told, { is: K }>);
      };
      listeners.add(listener);
    });
  }
  const order = (given: Order) => void (child?.connected && child.send(given));

  return {
    argument,
    get progress() {
      return progress;
    },
    async start() {
      const words = openSync(places(argument.folder).log, 'a', 0o600);
      const started = fork(PROGRAM, [JSON.stringify(argument)], { stdio: ['ignore', words, words, 'ipc'] });
      closeSync(words);
      child = started;
      started.on('message', hear);
      const ended = once(started, 'exit').then(([code, signal]: unknown[]) => {
        if (child !== started) return;
        const words = readFileSync(places(argument.folder).log, 'utf8').slice(-LAST_WORDS);
        trouble(`bench ${argument.prefix} ended by itself (${signal ?? `code ${code}`}): …${words}`);
      });
      await Promise.race([told('ready'), ended]);
      if (isWorking) order({ do: 'work' });
    },
    async kill() {
      const ending = child;
      child = null;
      if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
      ending.kill('SIGKILL');
      await once(ending, 'exit');
    },
    work() {
      isWorking = true;
      order({ do: 'work' });
    },
    async rest() {
      isWorking = false;
      const resting = told('resting');
      order({ do: 'rest' });
      await resting;
    },
    async settle(n) {
      const settled = told('settled');
      order({ do: 'settle', n });
      return settled;
    },
  };
}
