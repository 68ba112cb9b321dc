import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { _electron, type ElectronApplication, errors, type Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { electronArguments } from '../../setup/electron.mjs';
import { homeIn, temporaryFolder } from './folders.ts';
import { partPath, ROOT } from './parts.ts';
import { exitOf, hasEnded, lineMatching, startProcess } from './processes.ts';

export interface RunningShell {
  readonly app: ElectronApplication;
  readonly shell: ChildProcess;
  readonly window: Page;
  /** The user's home; pass it on to start again with the same data and window. */
  readonly home: string;
  readonly dataDir: string;
  readonly env: Record<string, string>;
  /** Ends the shell as a person would, by closing the window. */
  close(): Promise<void>;
}

/** Starts the built app in genuine Electron; it ends with the test. */
export async function startShell(
  options: { readonly args?: readonly string[]; readonly home?: string } = {},
): Promise<RunningShell> {
  const home = options.home ?? (await temporaryFolder());
  const env = { ...definedEnv(), ...homeIn(home), ...(await display()) };
  const app = await launch({
    executablePath: partPath('electron'),
    args: electronArguments(ROOT, [...(options.args ?? [])]),
    cwd: ROOT,
    env,
  });
  const shell = app.process();
  onTestFinished(() => endShell(shell));
  const window = await app.firstWindow();
  await window.waitForLoadState('domcontentloaded');
  return {
    app,
    shell,
    window,
    home,
    dataDir: join(home, 'bench'),
    env,
    close: async () => {
      const ended = exitOf(shell);
      await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
      await ended;
    },
  };
}

/**
 * On a busy machine the debugger's connection now and then misses the moment when Electron gets ready, and the
 * launch never returns: the app is not to blame, so it is launched again.
 */
async function launch(options: Parameters<typeof _electron.launch>[0]): Promise<ElectronApplication> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await _electron.launch({ ...options, timeout: 40_000 });
    } catch (error) {
      if (!(error instanceof errors.TimeoutError) || attempt === 3) throw error;
    }
  }
}

/** The process of the shell's station. */
export async function stationPid(app: ElectronApplication): Promise<number> {
  const pid = await app.evaluate(
    (electron) =>
      electron.app.getAppMetrics().find((process) => process.name === 'Repairbench station')?.pid ?? null,
  );
  if (pid === null) throw new Error('there is no station');
  return pid;
}

/** A shell that asks before it closes, or hangs, is ended all the same. */
async function endShell(shell: ChildProcess): Promise<void> {
  if (hasEnded(shell)) return;
  shell.kill('SIGKILL');
  await exitOf(shell);
}

/** The display there is, or a virtual one for this test. */
async function display(): Promise<Record<string, string>> {
  if (process.env.DISPLAY || process.env.WAYLAND_DISPLAY || process.platform !== 'linux') return {};
  // The server picks a free number and prints it, so that tests run side by side.
  const server = startProcess(
    partPath('display'),
    ['-displayfd', '1', '-screen', '0', '1600x1000x24', '-nolisten', 'tcp'],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  if (!server.stdout) throw new Error('the display has no output');
  const [number] = await lineMatching(server.stdout, /^\d+$/);
  return { DISPLAY: `:${number}` };
}

const definedEnv = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
