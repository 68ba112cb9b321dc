import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startShell } from '../support/electron.ts';
import { speakFrom } from '../support/page-rpc.ts';
import { describeWith, ROOT } from '../support/parts.ts';

/** A page of the app without scripts of its own, to try things from. */
const BLANK = 'repairbench://app/stopped.html';

describeWith(['electron', 'display'], 'the page is fenced in', () => {
  test('it has no Node, no Electron and no bridge, and cannot reach the preload’s world', async () => {
    const { app, window: page } = await startShell();
    expect(await page.evaluate(() => window.location.origin)).toBe('repairbench://app');
    const globals = await page.evaluate(() =>
      ['require', 'module', 'process', 'Buffer', 'global', '__dirname', 'electron', 'ipcRenderer'].filter(
        (name) => name in window,
      ),
    );
    expect(globals).toEqual([]);
    const preferences = await app.evaluate(({ BrowserWindow }) => {
      const [shown] = BrowserWindow.getAllWindows();
      // Not in Electron's public types; it is what the running page really has.
      const contents = shown?.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> };
      const { sandbox, contextIsolation, nodeIntegration, webviewTag, webSecurity } =
        contents.getLastWebPreferences();
      return { sandbox, contextIsolation, nodeIntegration, webviewTag, webSecurity };
    });
    expect(preferences).toEqual({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      webSecurity: true,
    });
  });

  test('its policy stops inline scripts, eval, frames and everything from elsewhere', async () => {
    const { window: page } = await startShell();
    await page.goto(BLANK);
    const attempts = await page.evaluate(async () => {
      const stopped: string[] = [];
      document.addEventListener('securitypolicyviolation', (event) => stopped.push(event.effectiveDirective));
      const inline = document.createElement('script');
      inline.textContent = 'window.inlineRan = true';
      document.head.append(inline);
      const remote = document.createElement('script');
      remote.src = 'https://example.invalid/x.js';
      const remoteEnd = new Promise((resolve) => {
        remote.onerror = () => resolve('stopped');
        remote.onload = () => resolve('loaded');
      });
      document.head.append(remote);
      const image = new Image();
      const imageEnd = new Promise((resolve) => {
        image.onerror = () => resolve('stopped');
        image.onload = () => resolve('loaded');
      });
      image.src = 'https://example.invalid/x.png';
      // A timer with text is eval by another name, and runs with the page's policy.
      setTimeout('window.evalRan = true', 0);
      const fetched = await fetch('https://example.invalid/').then(
        () => 'loaded',
        () => 'stopped',
      );
      const ends = [await remoteEnd, await imageEnd, fetched];
      await new Promise((resolve) => setTimeout(resolve, 0));
      const ran = ['inlineRan', 'evalRan'].filter((name) => name in window);
      return { ends, ran, stopped: [...new Set(stopped)].sort() };
    });
    expect(attempts.ends).toEqual(['stopped', 'stopped', 'stopped']);
    expect(attempts.ran).toEqual([]);
    expect(attempts.stopped).toEqual(['connect-src', 'img-src', 'script-src', 'script-src-elem']);
  });

  test('every permission and device is denied', async () => {
    // Devices that are always there: what is denied is denied by the app, not by their absence.
    const { app, window: page } = await startShell({ args: ['--use-fake-device-for-media-stream'] });
    // A page without the policy that denies most of it a second time: here the shell alone decides.
    await app.evaluate(({ protocol }) => {
      protocol.unhandle('repairbench');
      protocol.handle(
        'repairbench',
        () => new Response('<title>Bare</title>', { headers: { 'content-type': 'text/html' } }),
      );
    });
    await page.goto(BLANK);
    const ask = () =>
      page.evaluate(async () => {
        const outcome = (media: MediaStreamConstraints) =>
          navigator.mediaDevices.getUserMedia(media).then(
            () => 'granted',
            (error: Error) => (error.name === 'NotAllowedError' ? 'denied' : error.name),
          );
        const query = async (name: string) =>
          (await navigator.permissions.query({ name: name as PermissionName })).state;
        return {
          geolocation: await query('geolocation'),
          notifications: await query('notifications'),
          clipboard: await query('clipboard-read'),
          microphone: await outcome({ audio: true }),
          camera: await outcome({ video: true }),
          notification: await Notification.requestPermission(),
        };
      });
    const all = (state: string) => ({
      ...{ geolocation: state, notifications: state, clipboard: state },
      ...{ microphone: state, camera: state, notification: state },
    });
    expect(await ask()).toEqual(all('denied'));
    // The same questions with an app that allows everything: each would have been granted.
    await app.evaluate(({ session }) => {
      session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(true));
      session.defaultSession.setPermissionCheckHandler(() => true);
    });
    await page.goto(`${BLANK}?allowed`);
    expect(await ask()).toEqual(all('granted'));
  });

  test('it cannot leave the app, open windows or embed other pages', async () => {
    const { origin, hits } = await countingServer();
    const { app, window: page } = await startShell();
    await page.goto(BLANK);
    /** What the shell decided on each navigation. */
    const decisions = await app.evaluateHandle(({ BrowserWindow }) => {
      const seen: { url: string; stopped: boolean }[] = [];
      BrowserWindow.getAllWindows()[0]?.webContents.on('will-frame-navigate', (event) => {
        seen.push({ url: event.url, stopped: event.defaultPrevented });
      });
      return seen;
    });
    expect(await page.evaluate((url) => window.open(url) === null, `${origin}/opened`)).toBe(true);
    await page.evaluate((url) => {
      const frame = document.createElement('iframe');
      frame.src = `${url}/framed`;
      const webview = document.createElement('webview');
      webview.setAttribute('src', `${url}/webview`);
      document.body.append(frame, webview);
      window.location.href = `${url}/left`;
    }, origin);
    const left = { url: `${origin}/left`, stopped: true };
    await expect.poll(() => decisions.jsonValue(), { timeout: 20_000 }).toEqual([left]);
    await page.evaluate(() => {
      window.location.href = 'file:///etc/passwd';
    });
    const contents = await app.evaluate(({ webContents, BrowserWindow }) => ({
      windows: BrowserWindow.getAllWindows().length,
      addresses: webContents.getAllWebContents().map((each) => each.getURL()),
    }));
    expect(contents).toEqual({ windows: 1, addresses: [BLANK] });
    expect(page.frames().map((frame) => frame.url())).not.toContain(`${origin}/framed`);
    // Its own pages it may go to; by then all that was asked for before has been decided.
    const own = `${BLANK}?after`;
    await page.evaluate((url) => {
      window.location.href = url;
    }, own);
    await page.waitForURL(own);
    expect(await decisions.jsonValue()).toEqual([left, { url: own, stopped: false }]);
    expect(hits).toEqual([]);
    await fetch(`${origin}/there`);
    expect(hits).toEqual(['/there']);
  });

  test('the scheme hands out the page’s own files and nothing else', async () => {
    const { app, window: page } = await startShell();
    const html = await readFile(join(ROOT, 'out/renderer/index.html'), 'utf8');
    await page.goto(BLANK);
    const statuses = await page.evaluate(async () => {
      const paths = [
        '/index.html',
        '/cases/B1-2025-0001',
        '/..%2f..%2fpackage.json',
        '/%2e%2e/%2e%2e/package.json',
        '/assets/..%5c..%5c..%5cpackage.json',
        '/assets/%00.js',
        '/.sources',
        '/package.json',
      ];
      return Promise.all(paths.map(async (path) => [path, (await fetch(path)).status] as const));
    });
    expect(Object.fromEntries(statuses)).toEqual({
      '/index.html': 200,
      '/cases/B1-2025-0001': 200,
      '/..%2f..%2fpackage.json': 403,
      '/%2e%2e/%2e%2e/package.json': 404,
      '/assets/..%5c..%5c..%5cpackage.json': 403,
      '/assets/%00.js': 403,
      '/.sources': 403,
      '/package.json': 404,
    });
    const served = await app.evaluate(async ({ net }) => {
      const response = await net.fetch('repairbench://app/');
      return { text: await response.text(), policy: response.headers.get('content-security-policy') };
    });
    expect(served.text).toBe(html);
    expect(served.policy).toContain("script-src 'self'");
    const elsewhere = await app.evaluate(async ({ net }) => (await net.fetch('repairbench://other/')).status);
    expect(elsewhere).toBe(403);
  });

  test('a frame that is not the app’s own page gets no port', async () => {
    const { app, window: page } = await startShell();
    await page.goto(BLANK);
    // The station is up: whoever may have a port is given one at once.
    await (await speakFrom(page)).ports(1);
    const asked = await app.evaluate(({ ipcMain, BrowserWindow }) => {
      const [shown] = BrowserWindow.getAllWindows();
      const sent: string[] = [];
      const contents = shown?.webContents;
      if (!contents) return null;
      contents.postMessage = (channel: string) => sent.push(channel);
      const ask = (url: string, parent: unknown) =>
        ipcMain.emit('page:want-port', { sender: contents, senderFrame: { url, parent } });
      ask('https://example.invalid/', null);
      ask('repairbench://app.example.invalid/', null);
      ask('repairbench://app/', {});
      const denied = sent.length;
      ask('repairbench://app/', null);
      return { denied, given: sent.length };
    });
    expect(asked).toEqual({ denied: 0, given: 1 });
  });
});

/** A server of this machine that notes each path it is asked for. */
async function countingServer(): Promise<{ origin: string; hits: string[] }> {
  const hits: string[] = [];
  const server = createServer((request, response) => {
    hits.push(request.url ?? '');
    response.end();
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, hits };
}
