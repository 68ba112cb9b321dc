import { parentPort, workerData } from 'node:worker_threads';
import { type RunOptions, universeOptions } from './options.ts';
import { runUniverse } from './run.ts';

/** Runs every `workers`-th universe of a run, and tells of each. */
const { options, index, workers } = workerData as { options: RunOptions; index: number; workers: number };
for (let number = index; ; number += workers) {
  parentPort?.postMessage(await runUniverse(universeOptions(options, number)));
}
