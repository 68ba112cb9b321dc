import { accessSync, constants, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { staticBusybox } from '../electron/rack/console/find-busybox.mjs';
import { findElectron, obtainElectron, whyNoDisplay } from './electron.mjs';
import { capture, nodeBinary, taskEnv } from './processes.mjs';

/** @typedef {import('./electron.mjs').Part} Part */

/** What tests may need beyond the packages, and what goes untested without it. */
export const PARTS = /** @type {const} */ (['chromium', 'electron', 'display', 'busybox']);
/** @typedef {typeof PARTS[number]} PartName */

const APT_MS = 600_000;
const BROWSER_DOWNLOAD_MS = 300_000;
/** Electron's shared libraries, as Debian names them. */
const ELECTRON_LIBRARIES = ['libnss3', 'libgtk-3-0', 'libgbm1', 'libasound2', 'libatk-bridge2.0-0'];

/**
 * Looks a part up without installing anything.
 * @param {string} root
 * @param {PartName} name
 * @returns {Part}
 */
export function findPart(root, name) {
  switch (name) {
    case 'chromium':
      return findChromium(root);
    case 'electron':
      return findElectron(root);
    case 'display':
      return findDisplay();
    case 'busybox': {
      const path = staticBusybox();
      return path ? { path } : { missing: 'no statically linked busybox is installed' };
    }
  }
}

/**
 * Installs what can be installed of the missing parts.
 * @param {string} root
 * @returns {Promise<Array<{ name: PartName, missing: string }>>} what stays missing, and why
 */
export async function obtainParts(root) {
  const packages = [];
  if ('missing' in findChromium(root)) packages.push('chromium');
  if ('missing' in findDisplay()) packages.push('xvfb');
  if ('missing' in findPart(root, 'busybox')) packages.push('busybox-static');
  await aptInstall(packages);
  if ('missing' in findChromium(root)) await downloadChromium(root);

  let electron = await obtainElectron(root);
  if ('missing' in electron && 'path' in findElectron(root)) {
    await aptInstall(ELECTRON_LIBRARIES);
    electron = await obtainElectron(root);
  }
  return PARTS.flatMap((name) => {
    const part = name === 'electron' ? electron : findPart(root, name);
    return 'missing' in part ? [{ name, missing: part.missing }] : [];
  });
}

/** @param {string} root @returns {Part} */
function findChromium(root) {
  const named = process.env.REPAIRBENCH_CHROMIUM;
  if (named) return existsSync(named) ? { path: named } : { missing: `REPAIRBENCH_CHROMIUM has no ${named}` };
  const system = onPath(['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']);
  if (system) return system;
  const downloaded = playwrightChromium(root);
  return downloaded && existsSync(downloaded)
    ? { path: downloaded }
    : { missing: 'no Chromium is installed' };
}

/** Where Playwright puts its own build, or null while the packages are not installed. @param {string} root */
function playwrightChromium(root) {
  try {
    return createRequire(join(root, 'package.json'))('playwright-core').chromium.executablePath();
  } catch {
    return null;
  }
}

/** A display there is, or one that can be started. @returns {Part} */
function findDisplay() {
  if (whyNoDisplay() === null) return { path: process.env.DISPLAY ?? '' };
  return onPath(['Xvfb']) ?? { missing: 'there is no display and no Xvfb to make one' };
}

/** @param {string[]} names @returns {{ path: string } | null} */
function onPath(names) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  for (const name of names) {
    for (const folder of folders) {
      const path = join(folder, name);
      if (isExecutable(path)) return { path };
    }
  }
  return null;
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Debian's packages, where that is allowed: elsewhere nothing happens. @param {string[]} packages */
async function aptInstall(packages) {
  if (packages.length === 0 || process.getuid?.() !== 0 || !onPath(['apt-get'])) return;
  console.error(`Installing ${packages.join(', ')} …`);
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, timeoutMs: APT_MS };
  await capture('apt-get', ['update'], options);
  const { code, output } = await capture(
    'apt-get',
    ['install', '-y', '--no-install-recommends', ...packages],
    options,
  );
  if (code !== 0) console.error(output.trim().split('\n').slice(-5).join('\n'));
}

/** Playwright's own build of Chromium. @param {string} root */
async function downloadChromium(root) {
  console.error('Downloading a Chromium for the browser tests …');
  const cli = join(root, 'node_modules', 'playwright-core', 'cli.js');
  const options = { cwd: root, env: taskEnv(root), timeoutMs: BROWSER_DOWNLOAD_MS };
  const { code, output } = await capture(nodeBinary(root), [cli, 'install', 'chromium'], options);
  if (code !== 0) console.error(`No Chromium could be downloaded: ${output.trim().split('\n').at(-1)}`);
}
