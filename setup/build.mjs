import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { capture, nodeBinary, taskEnv } from './processes.mjs';

/** What the build reads; `resources` is read while the app runs, so it is not among them. */
const SOURCES = ['electron', 'renderer', 'shared', 'electron.vite.config.ts', 'package-lock.json'];

/**
 * Builds the app into `out/` unless that was built from these very sources.
 * @param {string} root
 * @param {{ force?: boolean }} [options]
 * @returns {Promise<number>} 0, or the build's exit code
 */
export function ensureBuilt(root, { force = false } = {}) {
  return withLock(root, 'build', async () => {
    const hash = sourcesHash(root);
    const stamp = join(root, 'out', '.sources');
    if (!force && readOrNull(stamp) === hash) return 0;
    console.error('Building the app …');
    // A build that fails or is killed leaves half of its output: from here on that is nobody's.
    rmSync(stamp, { force: true });
    const args = [
      join(root, 'node_modules/electron-vite/bin/electron-vite.js'),
      'build',
      '--logLevel',
      'warn',
    ];
    const { code, output } = await capture(nodeBinary(root), args, { cwd: root, env: taskEnv(root) });
    if (code !== 0) {
      console.error(`${output}\nThe app could not be built: correct what the lines above name.`);
      return code;
    }
    mkdirSync(join(root, 'out'), { recursive: true });
    writeFileSync(stamp, hash);
    return 0;
  });
}

/** One hash over names and contents: dates say nothing after a checkout. @param {string} root */
export function sourcesHash(root) {
  const hash = createHash('sha256');
  for (const source of SOURCES) addTo(hash, root, source);
  return hash.digest('hex');
}

/** @param {import('node:crypto').Hash} hash @param {string} root @param {string} path */
function addTo(hash, root, path) {
  let children;
  try {
    children = readdirSync(join(root, path), { withFileTypes: true });
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'ENOTDIR') hash.update(`${path}\0`).update(readFileSync(join(root, path)));
    else if (code !== 'ENOENT') throw error;
    return;
  }
  children.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const child of children) {
    if (!child.name.includes('.test.')) addTo(hash, root, `${path}/${child.name}`);
  }
}

/** @param {string} file */
function readOrNull(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
