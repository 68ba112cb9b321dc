import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture, nodeBinary, taskEnv } from './processes.mjs';

/** The download is about 110 MB; a machine that cannot have it in this time goes on without. */
const DOWNLOAD_MS = 240_000;
const PROBE_MS = 30_000;

/** A part of the machine that may be absent. @typedef {{ path: string } | { missing: string }} Part */

/**
 * Where Electron's runtime is, by the rules of the electron package itself.
 * @param {string} root
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Part}
 */
export function findElectron(root, env = process.env) {
  const folder = join(root, 'node_modules', 'electron');
  const name = readOrNull(join(folder, 'path.txt')) ?? executableName();
  const dist = env.ELECTRON_OVERRIDE_DIST_PATH || join(folder, 'dist');
  const path = join(dist, name);
  return existsSync(path) ? { path } : { missing: `Electron's runtime is not installed (no ${path})` };
}

/**
 * Electron's runtime, downloaded when it is not there, and tried: a runtime whose system libraries
 * are missing is as good as none.
 * @param {string} root
 * @returns {Promise<Part>}
 */
export async function obtainElectron(root) {
  let found = findElectron(root);
  if ('missing' in found && !process.env.ELECTRON_OVERRIDE_DIST_PATH) {
    console.error("Downloading Electron's runtime (once; about 110 MB) …");
    const script = join(root, 'node_modules', 'electron', 'install.js');
    const { code, output } = await capture(nodeBinary(root), [script], {
      cwd: root,
      env: taskEnv(root),
      timeoutMs: DOWNLOAD_MS,
    });
    if (code !== 0) return { missing: `Electron's runtime could not be downloaded (${lastLine(output)})` };
    found = findElectron(root);
  }
  if ('missing' in found) return found;
  const reason = await whyNotRunnable(found.path);
  return reason ? { missing: `Electron's runtime does not run here (${reason})` } : found;
}

/** @param {string} path */
async function whyNotRunnable(path) {
  const { code, output } = await capture(path, ['-p', 'process.versions.electron'], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    timeoutMs: PROBE_MS,
  });
  return code === 0 ? null : lastLine(output) || `it ended with code ${code}`;
}

/**
 * How the app is started in Electron. The app is also named for `-r`, which loads it first of all: it has
 * things to set before Electron is ready, and not every launcher waits for the app it imports.
 * @param {string} root
 * @param {string[]} args the app's own
 */
export function electronArguments(root, args) {
  // Chromium refuses its sandbox to root, and only to root.
  const sandbox = process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return [...sandbox, '-r', join(root, 'out', 'main', 'index.cjs'), root, ...args];
}

/**
 * Why no window can be shown, or null.
 * @param {NodeJS.ProcessEnv} [env]
 * @param {NodeJS.Platform} [platform]
 */
export function whyNoDisplay(env = process.env, platform = process.platform) {
  if (platform !== 'linux' || env.DISPLAY || env.WAYLAND_DISPLAY) return null;
  return 'there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)';
}

function executableName() {
  if (process.platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron';
  return process.platform === 'win32' ? 'electron.exe' : 'electron';
}

/** @param {string} text */
const lastLine = (text) => text.trim().split('\n').at(-1)?.trim() ?? '';

/** @param {string} file */
function readOrNull(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
