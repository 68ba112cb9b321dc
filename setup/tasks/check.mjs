import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { capture, nodeBinary, taskEnv } from '../processes.mjs';

/** The checks, the longest first so that none is left running alone at the end. */
const CHECKS = [
  ...['electron', '.', 'renderer'].map((scope) => tsc(scope)),
  {
    name: 'imports',
    args: [
      'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs',
      '--config',
      '.dependency-cruiser.cjs',
      'electron',
      'renderer',
      'shared',
      'hub',
    ],
  },
  { name: 'dead code', args: ['node_modules/knip/bin/knip.js', '--no-progress'] },
  ...['shared', 'hub', 'electron/preload'].map((scope) => tsc(scope)),
  { name: 'style', args: ['node_modules/@biomejs/biome/bin/biome', 'ci', '--colors=off'] },
];

/**
 * Types, style, import law and dead code; prints a table, and what each failing check had to say.
 * @param {string} root
 * @param {string[]} only names of checks; none means all
 * @returns {Promise<number>} 0, 1 when a check fails, 2 for a name that is none
 */
export async function check(root, only) {
  const names = CHECKS.map(({ name }) => name);
  const unknown = only.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    console.error(`There is no check “${unknown}”. Checks: ${names.join(', ')}.`);
    return 2;
  }
  mkdirSync(join(root, 'node_modules', '.cache', 'tsc'), { recursive: true });
  const wanted = CHECKS.filter(({ name }) => only.length === 0 || only.includes(name));
  const queue = [...wanted];
  /** @type {Map<string, { code: number, output: string, seconds: number }>} */
  const results = new Map();
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const began = performance.now();
      const { code, output } = await capture(nodeBinary(root), next.args, { cwd: root, env: taskEnv(root) });
      results.set(next.name, { code, output, seconds: (performance.now() - began) / 1000 });
    }
  };
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker));
  return report(
    wanted.map(({ name }) => name),
    results,
  );
}

/**
 * @param {string[]} names
 * @param {Map<string, { code: number, output: string, seconds: number }>} results
 */
function report(names, results) {
  let failed = 0;
  for (const name of names) {
    const result = results.get(name);
    if (!result || result.code === 0) continue;
    failed += 1;
    console.log(`── ${name}\n${result.output.trimEnd()}\n`);
  }
  for (const name of names) {
    const result = results.get(name);
    console.log(
      `${result?.code === 0 ? 'ok    ' : 'FAILED'}  ${name.padEnd(22)} ${result?.seconds.toFixed(1)} s`,
    );
  }
  return failed === 0 ? 0 : 1;
}

/** What was checked before is remembered; only changes cost time. @param {string} scope a folder with a tsconfig.json */
function tsc(scope) {
  const memory = `node_modules/.cache/tsc/${scope === '.' ? 'root' : scope.replaceAll('/', '-')}.tsbuildinfo`;
  const args = ['node_modules/typescript/bin/tsc', '-p', scope, '--incremental', '--tsBuildInfoFile', memory];
  return { name: `types ${scope === '.' ? 'tests' : scope}`, args };
}
