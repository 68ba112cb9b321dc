import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { electronArguments } from '../../setup/electron.mjs';
import { startShell } from '../support/electron.ts';
import { describeWith, partPath, ROOT } from '../support/parts.ts';
import { exitOf } from '../support/processes.ts';

describeWith(['electron', 'display'], 'the window', () => {
  test('opens where it was left', async () => {
    const first = await startShell();
    // A window that is not on the display yet takes the size it was made with when it gets there.
    await first.app.evaluate(
      ({ BrowserWindow }) =>
        new Promise<void>((resolve) => {
          const [shown] = BrowserWindow.getAllWindows();
          if (!shown || shown.isVisible()) resolve();
          else shown.once('show', () => resolve());
        }),
    );
    // The page hears of its size when the display has given it.
    await first.window.waitForFunction(() => window.outerWidth > 0);
    const left = await first.app.evaluate(({ BrowserWindow }) => {
      const [shown] = BrowserWindow.getAllWindows();
      shown?.setBounds({ x: 120, y: 90, width: 1010, height: 720 });
      return shown?.getBounds();
    });
    await first.window.waitForFunction(() => window.outerWidth === 1010 && window.outerHeight === 720);
    await first.close();
    const second = await startShell({ home: first.home });
    const found = await second.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.getBounds(),
    );
    expect(found).toEqual(left);
    expect(found).toEqual({ x: 120, y: 90, width: 1010, height: 720 });
  });

  test('a page that crashes comes back', async () => {
    const { app, window: page } = await startShell();
    const back = app.evaluate(
      ({ BrowserWindow }) =>
        new Promise<string>((resolve) => {
          const contents = BrowserWindow.getAllWindows()[0]?.webContents;
          contents?.once('did-finish-load', () => resolve(contents.getURL()));
          contents?.forcefullyCrashRenderer();
        }),
    );
    await page.waitForEvent('crash');
    expect(await back).toBe('repairbench://app/');
  });

  test('a second start on the same data shows the first window and ends', async () => {
    const { app, env } = await startShell();
    await app.evaluate(({ app: shell, BrowserWindow }) => {
      BrowserWindow.getAllWindows()[0]?.hide();
      shell.on('second-instance', () => Object.assign(globalThis, { secondSeen: true }));
    });
    const second = spawn(partPath('electron'), electronArguments(ROOT, []), {
      cwd: ROOT,
      env,
      stdio: 'ignore',
    });
    expect(await exitOf(second)).toBe(0);
    const seen = await app.evaluate(({ BrowserWindow }) => ({
      second: 'secondSeen' in globalThis,
      visible: BrowserWindow.getAllWindows().map((shown) => shown.isVisible()),
    }));
    expect(seen).toEqual({ second: true, visible: [true] });
  });
});
