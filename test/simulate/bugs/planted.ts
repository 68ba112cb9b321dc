import { Worker } from 'node:worker_threads';
import type { RunOptions } from '../options.ts';
import { runUniverse } from '../run.ts';
import type { UniverseOptions } from '../universe/plan.ts';
import { BENCH_BUGS } from './bench.ts';
import { HUB_BUGS } from './hub.ts';
import type { Plant } from './plant.ts';
import { RULE_BUGS } from './rules.ts';

/** Every bug that can be built in on purpose. */
export const BUGS: readonly Plant[] = [...HUB_BUGS, ...RULE_BUGS, ...BENCH_BUGS];

/** How a bug was found. */
export interface Found {
  readonly bug: string;
  /** Null where no universe showed it. */
  readonly invariant: string | null;
  readonly detail: string;
  /** Operations that had been committed by then. */
  readonly ops: number;
  readonly seed: string;
}

/** Universes in which a bug has to show. */
const UNIVERSES = 30;

const universeFor = (seed: string, number: number, { needs = [] }: Plant): UniverseOptions => ({
  ...{ seed: `${seed}/${number}`, ops: 1200, benches: 3, real: 0, withFaults: needs },
});

/** Builds a bug in and looks for it in one universe after the other. */
export async function hunt(plant: Plant, seed: string): Promise<Found> {
  let ops = 0;
  for (let number = 0; number < UNIVERSES; number++) {
    const universe = universeFor(seed, number, plant);
    const result = await runUniverse(universe, plant);
    ops += result.ops;
    if (!result.violation) continue;
    const { invariant, detail } = result.violation;
    // The same universe without the bug has nothing wrong: it was this bug that was found.
    const { violation } = await runUniverse(universe);
    const found = violation
      ? { invariant: null, detail: `without it as well: ${violation.detail}` }
      : { invariant, detail };
    return { bug: plant.name, ...found, ops, seed: universe.seed };
  }
  return { bug: plant.name, invariant: null, detail: '', ops, seed };
}

/** Builds in one bug after the other and shows what found it; the exit code is 1 where one was not found. */
export async function runPlanted({ seed, workers, only }: RunOptions): Promise<number> {
  const bugs = BUGS.filter(({ name }) => name.includes(only)).map(({ name }) => name);
  const found = new Map<string, Found>();
  const queue = [...bugs];
  await Promise.all(
    Array.from({ length: Math.min(workers, bugs.length) }, async () => {
      for (let bug = queue.shift(); bug !== undefined; bug = queue.shift()) {
        const result = await huntInWorker(bug, seed);
        found.set(bug, result);
        console.error(
          `${result.invariant === null ? 'NOT FOUND' : 'found'}: ${bug}\n    ${result.detail.split('\n')[0]}`,
        );
      }
    }),
  );
  const all = bugs.flatMap((bug) => found.get(bug) ?? []);
  console.table(
    all.map(({ bug, invariant, ops, seed: by }) => ({
      'planted bug': bug,
      'found by': invariant ?? 'NOTHING',
      'after operations': ops,
      seed: by,
    })),
  );
  const missed = all.filter(({ invariant }) => invariant === null);
  console.log(`${all.length - missed.length} of ${all.length} planted bugs were found.`);
  return missed.length === 0 ? 0 : 1;
}

function huntInWorker(bug: string, seed: string): Promise<Found> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: { bug, seed } });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}
