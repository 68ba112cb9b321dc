import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** Racks register in the user's runtime folder: a test file's own are seen by nobody else, nor does it see others. */
const folder = mkdtempSync(join(tmpdir(), 'repairbench-run-'));
process.env.XDG_RUNTIME_DIR = folder;
afterAll(() => rmSync(folder, { recursive: true, force: true }));
