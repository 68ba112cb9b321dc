#!/usr/bin/env node
// Every npm script starts here: `node setup/run.mjs TASK [ARGUMENTS]`.
// Only Node's own modules may be used in this folder: on a fresh clone nothing else is there yet.
// Standard output belongs to the task (`npm run -s repairbench -- … --json`); set-up speaks on standard error.
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './install.mjs';
import { runNode } from './processes.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @type {Record<string, (args: string[]) => Promise<number>>} */
const tasks = {
  start: async (args) => (await import('./tasks/start.mjs')).start(root, args),
  test: async (args) => (await import('./tasks/test.mjs')).test(root, args),
  check: async (args) => (await import('./tasks/check.mjs')).check(root, args),
  build: async () => (await import('./build.mjs')).ensureBuilt(root, { force: true }),
  format: (args) => runNode(root, ['node_modules/@biomejs/biome/bin/biome', 'check', '--write', ...args]),
  repairbench: (args) => runNode(root, ['electron/cli/index.ts', ...args], { cwd: process.cwd() }),
  hub: (args) => runNode(root, ['hub/index.ts', ...args], { cwd: process.cwd() }),
  bench: (args) => runNode(root, ['test/bench/index.ts', ...args]),
  simulate: (args) => runNode(root, ['test/simulate/index.ts', ...args]),
  soak: (args) => runNode(root, ['test/soak/index.ts', ...args]),
  /** Only the set-up itself, for machines that prepare themselves ahead of time. */
  install: async () => 0,
};

/** @param {string[]} argv */
async function main([name = '', ...args]) {
  if (Number.parseInt(process.versions.node, 10) < 20) {
    console.error(`Repairbench needs Node 20 or newer; this is Node ${process.versions.node}.`);
    return 2;
  }
  const task = tasks[name];
  if (!task) {
    console.error(`There is no task “${name}”. Tasks: ${Object.keys(tasks).join(', ')}.`);
    return 2;
  }
  const installed = await ensureInstalled(root);
  return installed === 0 ? task(args) : installed;
}

process.exitCode = await main(process.argv.slice(2));
