import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder that holds `resources/` and the sources. */
export const appRoot = fileURLToPath(new URL('../../', import.meta.url));

/** Version of the program, as its package says. */
export const PROGRAM_VERSION: string = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
).version;

/** Where heavy work runs; under Node the source itself. */
export const workerUrl = new URL('../station/evidence/worker.ts', import.meta.url);
