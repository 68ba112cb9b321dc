import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { startShell, stationPid } from '../support/electron.ts';
import { homeIn, temporaryFolder } from '../support/folders.ts';
import { speakFrom } from '../support/page-rpc.ts';
import { describeWith } from '../support/parts.ts';
import { exitOf } from '../support/processes.ts';
import { startRackProcess } from '../support/rack.ts';

const BLANK = 'repairbench://app/stopped.html';
const PIN = '271828';

describeWith(['electron', 'display', 'busybox'], 'a training bench with the virtual rack', () => {
  test('is set up, shows its units by itself, and goes on where it was when the station is killed', async () => {
    const home = await temporaryFolder();
    await startRackProcess([], { ...process.env, ...homeIn(home) });
    const { app, window: page } = await startShell({ home, args: ['--training'] });
    await setUp(page);
    const phone = page.getByRole('article').filter({ hasText: 'at-1' });
    await phone.waitFor();
    await page.getByRole('article').filter({ hasText: 'console-1' }).waitFor();

    const before = await stationPid(app);
    process.kill(before, 'SIGKILL');
    await expect.poll(() => stationPid(app).catch(() => before), { timeout: 30_000 }).not.toBe(before);
    await phone.getByRole('button', { name: 'Identify' }).click();
    await phone.getByText('SM-G991B', { exact: true }).waitFor({ timeout: 30_000 });
    // Still the same person's session: nobody was asked to sign in.
    expect(await page.getByText('Ada', { exact: true }).isVisible()).toBe(true);
  });

  test('asks before it closes during a run, naming it; closed all the same, the run is interrupted', async () => {
    const home = await temporaryFolder();
    const rack = await startRackProcess(['--console', '0'], { ...process.env, ...homeIn(home) });
    const { app, shell, window: page } = await startShell({ home });
    await page.goto(BLANK);
    const station = await speakFrom(page);
    await station.ports(1);
    const ask = async (path: string, input: unknown, token?: string) => {
      const { status, body } = await station.call(path, input, token);
      expect(status, JSON.stringify(body)).toBe(200);
      return body.json as Record<string, string>;
    };
    const { session } = (await ask('/station/init', {
      mode: 'training',
      admin: { name: 'Ada', pin: PIN },
    })) as unknown as { session: { token: string } };
    const { address } = rack.unit('at');
    const port = await ask('/ports/add', { address, family: 'at' }, session.token);
    await ask('/ports/identify', { id: port.id }, session.token);
    const opened = await ask('/cases/open', { portId: port.id, fault: 'Does not charge' }, session.token);
    const run = await ask(
      '/runs/start',
      { procedureId: 'at-intake', caseId: opened.id, portId: port.id },
      session.token,
    );

    const KEEP = 0;
    const CLOSE = 1;
    const closeAndAnswer = (answer: number) =>
      app.evaluate(
        ({ dialog, BrowserWindow }, response) =>
          new Promise<string>((resolve) => {
            dialog.showMessageBox = (async (
              _window: unknown,
              options: { message: string; detail: string },
            ) => {
              resolve(`${options.message} ${options.detail}`);
              return { response, checkboxChecked: false };
            }) as unknown as typeof dialog.showMessageBox;
            BrowserWindow.getAllWindows()[0]?.close();
          }),
        answer,
      );
    const asked = await closeAndAnswer(KEEP);
    expect(asked).toContain('A run is under way');
    expect(asked).toContain(`(case ${opened.number})`);
    await ask('/station/activeRuns', undefined);

    await closeAndAnswer(CLOSE);
    await exitOf(shell);
    const again = await startShell({ home });
    await again.window.goto(BLANK);
    const later = await speakFrom(again.window);
    await later.ports(1);
    const { body } = await later.call('/runs/get', { id: run.id }, session.token);
    expect(body.json).toMatchObject({ outcome: 'interrupted' });
  });
});

/** First start, as a person does it. */
async function setUp(page: Page): Promise<void> {
  await page.getByLabel('Name of the bench').fill('Bench 1');
  expect(await page.getByRole('radio', { name: 'Training' }).isChecked()).toBe(true);
  await page.getByLabel('Name', { exact: true }).fill('Ada');
  await page.getByLabel('PIN', { exact: true }).fill(PIN);
  await page.getByLabel('PIN again').fill(PIN);
  await page.getByRole('button', { name: 'Set up the bench' }).click();
  const lastGroup = await page.getByLabel('Recovery key').locator('span').last().textContent();
  await page.getByLabel('Type the last group').fill(lastGroup ?? '');
  await page.getByRole('button', { name: 'I have it on paper' }).click();
}
