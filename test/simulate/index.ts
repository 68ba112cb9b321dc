import { Worker } from 'node:worker_threads';
import { NO_PLANT } from './bugs/plant.ts';
import { runPlanted } from './bugs/planted.ts';
import { commandOf, type RunOptions, readOptions, USAGE } from './options.ts';
import { runUniverse, type UniverseResult } from './run.ts';
import { shrink } from './shrink.ts';

/** How much of what happened before a failure is shown. */
const LAST = 60;
/** After so many universes in which something did not hold, there is enough to look at. */
const ENOUGH = 20;

/*
 * The simulator: many universes of a hub and a few benches, each drawn from a seed, in which messages are lost, processes
 * end, disks come back from backups and folders are copied; at the end of each, everything that must hold is checked.
 */
process.exitCode = await main();

async function main(): Promise<number> {
  let options: RunOptions;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  if (options.universe)
    return tell(await runUniverse(options.universe, NO_PLANT, true), Number.POSITIVE_INFINITY);
  if (options.isPlanted) return runPlanted(options);
  return runMany(options);
}

async function runMany(options: RunOptions): Promise<number> {
  const began = performance.now();
  const counts = new Map<string, number>();
  let [ops, universes, told] = [0, 0, began];
  const add = (name: string, count: number) => counts.set(name, (counts.get(name) ?? 0) + count);
  const failed: UniverseResult[] = [];
  await new Promise<void>((resolve, reject) => {
    const workers = Array.from({ length: options.workers }, (_, index) => {
      const workerData = { options, index, workers: options.workers };
      const worker = new Worker(new URL('./worker.ts', import.meta.url), {
        workerData,
        // Universes are short-lived: most of what is made is gone before it would be moved.
        resourceLimits: { maxYoungGenerationSizeMb: 64 },
      });
      worker.on('error', reject);
      worker.on('message', (result: UniverseResult) => {
        if (ops >= options.ops) return;
        ops += result.ops;
        universes += 1;
        for (const fault of result.faults) add(`with ${fault}`, 1);
        for (const [name, count] of Object.entries(result.counts)) add(name, count);
        const now = performance.now();
        if (now - told > 10_000) {
          told = now;
          console.error(
            `${ops} operations in ${universes} universes, ${Math.round(ops / ((now - began) / 1000))}/s`,
          );
        }
        if (result.violation) {
          failed.push(result);
          console.error(`${result.violation.invariant}: ${commandOf(result.options)}`);
        }
        if (ops < options.ops && failed.length < ENOUGH) return;
        for (const each of workers) void each.terminate();
        resolve();
      });
      return worker;
    });
  });
  const seconds = (performance.now() - began) / 1000;
  console.table(Object.fromEntries([...counts].sort(([a], [b]) => a.localeCompare(b))));
  console.log(
    `${ops} operations in ${universes} universes of seed ${options.seed}, ${Math.round(ops / seconds)} operations/s`,
  );
  const [first] = failed;
  if (!first) {
    console.log('Everything that must hold did.');
    return 0;
  }
  console.log(`\nSomething did not hold in ${failed.length} of them; looking for less in which it happens…`);
  return tell(await runUniverse(await shrink(first, NO_PLANT), NO_PLANT, true), LAST);
}

/** Tells what happened in a universe; gives the exit code. */
function tell({ options, told, violation, faults, ops }: UniverseResult, last: number): number {
  for (const { ms, what } of last === Number.POSITIVE_INFINITY ? told : told.slice(-last)) {
    console.log(`${(ms / 1000).toFixed(3).padStart(10)}  ${what}`);
  }
  console.log(`\n${ops} operations with ${faults.join(', ') || 'nothing that goes wrong'}`);
  console.log(
    violation ? `${violation.invariant}: ${violation.detail}\n\n${commandOf(options)}` : 'All held.',
  );
  return violation ? 1 : 0;
}
