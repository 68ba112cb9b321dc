import { expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { startHost } from '../support/host.ts';
import { describeWith } from '../support/parts.ts';

describeWith(['chromium'], 'the app on loopback, in a browser', () => {
  test('opens by its address, once; the address bar and scripts never see the secret again', async () => {
    const host = await startHost();
    const browser = await launchChromium();
    const context = await browser.newContext();
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    const socket = page.waitForEvent('websocket');
    await page.goto(host.address);
    expect(page.url()).toBe(`${host.origin}/`);
    expect((await socket).url()).toBe(`${host.origin.replace('http', 'ws')}/rpc`);
    expect(await page.evaluate(() => document.cookie)).toBe('');
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/' });
    await page.reload();
    expect(await page.evaluate(() => document.querySelector('#root')?.childElementCount)).toBeGreaterThan(0);
    expect(problems).toEqual([]);

    const stranger = await (await browser.newContext()).newPage();
    const answer = await stranger.goto(host.address);
    expect(answer?.status()).toBe(403);
  });

  test('a page of another site can neither read it nor talk to it', async () => {
    const host = await startHost();
    const other = await startHost();
    const browser = await launchChromium();
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(host.address);
    // Another origin on this machine, the closest that a foreign page can get; its own policy is lifted.
    const foreign = await (await browser.newContext({ bypassCSP: true })).newPage();
    await foreign.context().addCookies(await context.cookies());
    await foreign.goto(other.address);
    const attempts = await foreign.evaluate(async (target) => {
      const read = await fetch(target, { credentials: 'include' }).then(
        (answer) => `read ${answer.status}`,
        () => 'stopped',
      );
      const socket = new WebSocket(`${target.replace('http', 'ws')}/rpc`);
      const spoken = await new Promise((resolve) => {
        socket.onopen = () => resolve('open');
        socket.onclose = () => resolve('stopped');
      });
      return { read, spoken };
    }, host.origin);
    expect(attempts).toEqual({ read: 'stopped', spoken: 'stopped' });
  });
});
