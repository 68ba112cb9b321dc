import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt } from '../build.mjs';
import { obtainParts } from '../parts.mjs';
import { runNode, taskEnv } from '../processes.mjs';
import { tally } from '../tally.mjs';

/**
 * Installs what the tests need, builds the app and runs every test; the last line counts them.
 * @param {string} root
 * @param {string[]} args handed to vitest, e.g. a file or `--project unit`
 * @returns {Promise<number>}
 */
export async function test(root, args) {
  const missing = await obtainParts(root);
  const built = await ensureBuilt(root);
  if (built !== 0) {
    console.log('0 passed, 1 failed');
    return built;
  }
  const folder = mkdtempSync(join(tmpdir(), 'repairbench-test-'));
  const report = join(folder, 'report.json');
  try {
    const code = await runNode(
      root,
      [
        'node_modules/vitest/vitest.mjs',
        'run',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
        ...args,
      ],
      { env: testEnv(root) },
    );
    for (const part of missing) console.log(`not run: tests that need ${part.name}: ${part.missing}`);
    const counts = tally(readOrNull(report), code);
    console.log(`${counts.passed} passed, ${counts.failed} failed`);
    return counts.failed === 0 ? 0 : code || 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Tests never touch the user's own data folder, and a part that is missing fails them where all are required.
 * @param {string} root
 */
function testEnv(root) {
  const { REPAIRBENCH_DATA: _data, REPAIRBENCH_PIN: _pin, ...env } = taskEnv(root);
  const required = env.REPAIRBENCH_REQUIRE_ALL || (env.CI === 'true' ? '1' : '');
  return required ? { ...env, REPAIRBENCH_REQUIRE_ALL: required } : env;
}

/** @param {string} file */
function readOrNull(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
