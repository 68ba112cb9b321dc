import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { nodeBinary, run } from './processes.mjs';

/**
 * Makes `node_modules` what package-lock.json names; quick when it already is.
 * @param {string} root
 * @returns {Promise<number>} 0, or the installer's exit code
 */
export async function ensureInstalled(root) {
  if (isInstalled(root)) return 0;
  return withLock(root, 'install', async () => {
    if (isInstalled(root)) return 0;
    console.error('Installing the packages of package-lock.json (once; about a minute) …');
    const code = await npmInstall(root);
    if (code !== 0) {
      console.error(
        'The packages could not be installed: check the network and the lines above, then try again.',
      );
      return 3;
    }
    if (!existsSync(nodeBinary(root))) {
      console.error(
        'The package “node” brought no Node: allow install scripts (npm config get ignore-scripts).',
      );
      return 3;
    }
    return 0;
  });
}

/**
 * npm keeps a record of what it put into node_modules and writes it last, so an interrupted
 * installation does not count, and neither does one of another package-lock.json.
 * @param {string} root
 */
export function isInstalled(root) {
  const wanted = packagesIn(join(root, 'package-lock.json'));
  const present = packagesIn(join(root, 'node_modules', '.package-lock.json'));
  if (!wanted || !present || !existsSync(nodeBinary(root))) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const found = present[path];
    // Optional packages are those of other platforms.
    if (!found) return entry.optional === true || entry.devOptional === true || entry.peer === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean, peer?: boolean }} Entry
 * @param {string} file
 * @returns {Record<string, Entry> | null}
 */
function packagesIn(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? null;
  } catch {
    return null;
  }
}

/**
 * Exactly the versions of package-lock.json, which stays as it is. Not `npm ci`: that refuses to install at
 * all when the lock file was made from a registry without some other platform's optional packages.
 * @param {string} root
 */
function npmInstall(root) {
  // Tests and builds need the development packages whatever the caller's npm is set to.
  const args = ['install', '--no-save', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const cli = process.env.npm_execpath;
  const [command, ...before] = cli?.endsWith('npm-cli.js') ? [process.execPath, cli] : ['npm'];
  // Standard output belongs to the task that comes after: the installer's goes to standard error.
  return run(command ?? 'npm', [...before, ...args], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: command === 'npm' && process.platform === 'win32',
  });
}
