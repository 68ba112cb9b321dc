import { parentPort, workerData } from 'node:worker_threads';
import { BUGS, hunt } from './planted.ts';

/** Hunts for one planted bug. */
const { bug, seed } = workerData as { bug: string; seed: string };
const plant = BUGS.find(({ name }) => name === bug);
if (!plant) throw new Error(`there is no planted bug “${bug}”`);
parentPort?.postMessage(await hunt(plant, seed));
