/**
 * From the start of the process to a window somebody can use, the sign-in of a bench that is set up, beside a bare
 * Electron window on the same runtime: `node test/bench/start.ts`. Needs Electron's runtime and a display (`xvfb-run -a` gives one).
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron } from 'playwright-core';
import { electronArguments, findElectron, whyNoDisplay } from '../../setup/electron.mjs';

const ROUNDS = 5;
const root = fileURLToPath(new URL('../..', import.meta.url));
const electron: { path?: string; missing?: string } = findElectron(root);
const trouble = electron.missing ?? whyNoDisplay();
if (trouble) {
  console.log(`not run: ${trouble}`);
  process.exit(0);
}
const executablePath = electron.path ?? '';

const folder = mkdtempSync(join(tmpdir(), 'repairbench-start-'));
writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'bare', main: 'main.js' }));
writeFileSync(
  join(folder, 'main.js'),
  `const { app, BrowserWindow } = require('electron');
   app.whenReady().then(() => new BrowserWindow({ width: 1440, height: 900 })
     .loadURL('data:text/html,<main>Bare</main>'));`,
);
const env = Object.fromEntries(
  Object.entries({
    ...process.env,
    REPAIRBENCH_DATA: join(folder, 'data'),
    REPAIRBENCH_KEYS: join(folder, 'keys'),
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_RUNTIME_DIR: folder,
  }).filter((entry): entry is [string, string] => entry[1] !== undefined),
);

execFileSync(process.execPath, ['electron/cli/index.ts', 'init', '--admin', 'Ada', '--training'], {
  cwd: root,
  env: { ...env, REPAIRBENCH_PIN: '2468' },
  stdio: ['ignore', 'ignore', 'inherit'],
});

/** Milliseconds from the start of the process until `selector` is shown. */
async function until(args: string[], selector: string): Promise<number> {
  const start = performance.now();
  const app = await _electron.launch({ executablePath, args, cwd: root, env });
  const window = await app.firstWindow();
  await window.locator(selector).first().waitFor();
  const took = performance.now() - start;
  await app.close();
  return took;
}

const bareArguments = [...electronArguments(root, []).filter((arg) => arg === '--no-sandbox'), folder];
const bare: number[] = [];
const ours: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  bare.push(await until(bareArguments, 'main'));
  ours.push(await until(electronArguments(root, []), 'form [aria-label="People of this bench"]'));
}
rmSync(folder, { recursive: true, force: true });
const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
console.table({
  'start to usable window, ms': {
    'this bench': Math.round(median(ours)),
    'bare window': Math.round(median(bare)),
    ratio: +(median(ours) / median(bare)).toFixed(2),
  },
});
