import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/* The program as it runs from its sources under Node; the desktop shell knows its own places. */

/** The folder that holds `resources/`, `out/` and the sources. */
export const PROGRAM_ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Version of the program, as its package says. */
export const PROGRAM_VERSION: string = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
).version;

/** Where heavy work runs. */
export const WORKER_URL = new URL('../station/evidence/worker.ts', import.meta.url);
