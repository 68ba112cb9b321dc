import { expect, test } from 'vitest';
import { startShell, stationPid } from '../support/electron.ts';
import { temporaryFolder } from '../support/folders.ts';
import { startHost } from '../support/host.ts';
import { speakFrom } from '../support/page-rpc.ts';
import { describeWith } from '../support/parts.ts';
import { exitOf } from '../support/processes.ts';

const BLANK = 'repairbench://app/stopped.html';
const ADMIN = { name: 'Ada', pin: '271828' };

describeWith(['electron', 'display'], 'the station behind the window', () => {
  test('is killed: the page gets a new port by itself, and its session still counts', async () => {
    const { app, window: page } = await startShell();
    await page.goto(BLANK);
    const station = await speakFrom(page);
    await station.ports(1);
    const made = await station.call('/station/init', { mode: 'training', admin: ADMIN });
    expect(made.status).toBe(200);
    const { session } = made.body.json as { session: { token: string } };

    for (const [round, ports] of [2, 3].entries()) {
      const pid = await stationPid(app);
      process.kill(pid, 'SIGKILL');
      await station.ports(ports);
      const me = await station.call('/session/me', undefined, session.token);
      expect(me.status, `round ${round}`).toBe(200);
      expect(me.body.json).toMatchObject({ person: { name: 'Ada' } });
      expect(await stationPid(app)).not.toBe(pid);
    }
  });

  test('hangs: it is ended and started again', async () => {
    const { app, window: page } = await startShell();
    await page.goto(BLANK);
    const station = await speakFrom(page);
    await station.ports(1);
    const pid = await stationPid(app);
    process.kill(pid, 'SIGSTOP');
    await station.ports(2);
    expect((await station.call('/station/activeRuns', undefined)).status).toBe(200);
  });

  test('takes garbage from the page without harm', async () => {
    const { app, window: page } = await startShell();
    await page.goto(BLANK);
    const station = await speakFrom(page);
    await station.ports(1);
    const pid = await stationPid(app);
    await page.evaluate(() => {
      const { speaker } = window as unknown as { speaker: { port: MessagePort } };
      const bytes = crypto.getRandomValues(new Uint8Array(60_000));
      for (const message of ['', '{', 'null', '[]', '{"i":"1"}', '{"i":{},"p":7}', bytes]) {
        speaker.port.postMessage(message);
      }
    });
    expect((await station.call('/station/activeRuns', undefined)).status).toBe(200);
    expect(await stationPid(app)).toBe(pid);
  });

  test('cannot have its folder: the window says who holds it, and opens the app when that has ended', async () => {
    const home = await temporaryFolder();
    const host = await startHost({ home });
    const { window: page } = await startShell({ home });
    await page.waitForURL(BLANK);
    await expect
      .poll(() => page.textContent('main'))
      .toContain('is in use by another station (the app on loopback');
    await host.stop();
    await page.click('text=Start it again');
    await page.waitForURL('repairbench://app/');
    await page.goto(BLANK);
    const station = await speakFrom(page);
    await station.ports(1);
    expect((await station.call('/station/activeRuns', undefined)).status).toBe(200);
  });

  test.each(['closed', 'SIGTERM', 'SIGINT', 'SIGKILL'] as const)('ends with the shell: %s', async (how) => {
    const running = await startShell();
    const ended = await stationEnd(running);
    if (how === 'closed') await running.close();
    else running.shell.kill(how);
    await ended();
    await exitOf(running.shell);
    // The folder is free again, and nothing in it is hurt.
    const again = await startShell({ home: running.home });
    await stationEnd(again);
  });
});

/** Waits for the station to be there; then resolves to a wait for its end. */
async function stationEnd({ app }: Awaited<ReturnType<typeof startShell>>): Promise<() => Promise<void>> {
  await expect.poll(() => stationPid(app).catch(() => null), { timeout: 30_000 }).not.toBeNull();
  const pid = await stationPid(app);
  return () => expect.poll(() => isAlive(pid), { timeout: 30_000 }).toBe(false);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
