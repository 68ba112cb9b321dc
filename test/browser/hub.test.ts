import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import type { CaseView } from '../../shared/model/cases.ts';
import type { Artifact } from '../../shared/model/evidence.ts';
import { commandLine } from '../support/cli.ts';
import { temporaryFolder } from '../support/folders.ts';
import { testHub } from '../support/hub.ts';
import { describeWith } from '../support/parts.ts';
import { ADMIN, judge, openApp, region, scan, setUpBench } from './bench.ts';

/** A hub that the test may close itself. */
async function startHub() {
  const folder = await temporaryFolder();
  // As root, PostgreSQL runs as a user of its own and has to get there.
  await chmod(folder, 0o711);
  const hub = await testHub(folder);
  let closing: Promise<void> | null = null;
  const close = () => (closing ??= hub.close());
  onTestFinished(close);
  return { address: hub.address, admin: await hub.admin(), close };
}

/** Opens a case by hand, with what its label says. */
async function addCase(page: Page, serial: string, number: string): Promise<void> {
  await page.keyboard.press('Alt+2');
  await page.getByRole('button', { name: 'New case' }).click();
  const opening = page.getByRole('dialog', { name: 'New case' });
  await opening.getByLabel('Serial number').fill(serial);
  await opening.getByRole('button', { name: 'Open the case' }).click();
  await page.getByRole('heading', { name: number, level: 1 }).waitFor();
}

/** One bit of an artifact’s own file is another one. */
async function damage(path: string): Promise<void> {
  const bytes = await readFile(path);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

const rail = (page: Page, words: string | RegExp) =>
  page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: words });

describeWith(['chromium'], 'a bench and its hub', () => {
  test('join by a code, say that all is sent, and say when they are apart', {
    timeout: 240_000,
  }, async () => {
    const [hub, { page, complaints }] = await Promise.all([startHub(), openApp()]);
    await setUpBench(page, 'Live');
    await page.keyboard.press('Alt+3');
    const panel = region(page, 'Hub');
    const address = panel.getByLabel('Address of the hub');
    const code = panel.getByLabel('One-time code');
    await panel.getByRole('button', { name: 'Join the hub' }).click();
    await panel.getByText('The code that was made at the hub.').waitFor();
    await address.fill('http://hub.example:7420');
    // A code scanned into the wrong field finds its own.
    await address.focus();
    await scan(page, 'AAAA-BBBB-CCCC-DDDD');
    await expect.poll(() => code.inputValue()).toBe('AAAA-BBBB-CCCC-DDDD');
    expect(await address.inputValue()).toBe('http://hub.example:7420');
    await panel.getByRole('button', { name: 'Join the hub' }).click();
    await panel.getByText('Without TLS only this machine’s own address is taken.').waitFor();
    await judge(page, 'hub-bad-address');
    await address.fill(hub.address);
    await panel.getByRole('button', { name: 'Join the hub' }).click();
    await panel.getByText('The code is wrong, used up or too old.').waitFor();
    await panel.getByText('Make a new one at the hub').waitFor();
    expect(await rail(page, /sent|send|Hub/).count()).toBe(0);
    await code.fill(await hub.admin.code());
    await panel.getByRole('button', { name: 'Join the hub' }).click();
    await panel.getByText('The hub has everything of this bench.').waitFor();
    await panel.getByText('Lab', { exact: true }).waitFor();
    await panel.getByText(hub.address).waitFor();
    await panel.scrollIntoViewIfNeeded();
    await judge(page, 'hub-joined');
    await panel.getByRole('button', { name: 'Exchange now' }).click();
    await panel.getByText('Last contact: just now').waitFor();

    await addCase(page, 'R58T90KKL21', 'B2-1');
    await rail(page, 'All sent: The hub of Lab has every change of this bench.').waitFor();
    await judge(page, 'hub-all-sent');

    await hub.close();
    await addCase(page, 'R58T90KKL22', 'B2-2');
    await rail(page, /^Hub away \d+ to send: The hub at .* cannot be reached/).waitFor();
    const before = await rail(page, /^Hub away/).textContent();
    // What is added meanwhile counts at once, however long the bench waits before it tries again.
    await addCase(page, 'R58T90KKL23', 'B2-3');
    await expect.poll(() => rail(page, /^Hub away/).textContent()).not.toBe(before);
    await judge(page, 'hub-away');
    expect(await rail(page, /^Hub away/).getAttribute('title')).toMatch(/Since .+ wait to be sent\./);
    await rail(page, /^Hub away/).click();
    await panel.getByText(/\d+ changes wait to be sent\./).waitFor();
    await panel.getByText('Work goes on here and is sent as soon as the hub answers.').waitFor();
    await panel.getByRole('button', { name: 'Exchange now' }).click();
    await panel.getByText('The last try did not go through either.').waitFor();
    await panel.scrollIntoViewIfNeeded();
    await judge(page, 'hub-away-settings');

    await panel.getByRole('button', { name: 'Leave the hub' }).click();
    const dialog = page.getByRole('dialog', { name: 'Leave the hub of Lab?' });
    await judge(page, 'hub-leave');
    await dialog.getByRole('button', { name: 'Leave the hub' }).click();
    await panel.getByRole('button', { name: 'Join the hub' }).waitFor();
    expect(await rail(page, /sent|send|Hub/).count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('a file that cannot be sent says which, why and since when', { timeout: 240_000 }, async () => {
    const [hub, cli] = await Promise.all([startHub(), commandLine()]);
    await cli.expect(0, ['init', '--admin', ADMIN.name, '--name', 'Bench 2', '--prefix', 'B2']);
    const { id: caseId } = await cli.expect<CaseView>(0, ['case', 'open', '--serial', 'R58T90KKL21']);
    const file = join(cli.home, 'box.jpg');
    await writeFile(file, new Uint8Array(182_000));
    const attach = ['case', 'attach', 'B2-1', file, '--kind', 'photo'];
    const { id } = await cli.expect<Artifact>(0, attach);
    await damage(join(cli.home, 'bench', 'artifacts', caseId, `${id}.rba`));
    const { page, complaints } = await openApp(cli.home);
    await page.getByRole('button', { name: ADMIN.name }).click();
    await page.getByLabel(`PIN of ${ADMIN.name}`).fill(ADMIN.pin);
    await page.keyboard.press('Enter');
    await page.getByRole('navigation', { name: 'Places' }).waitFor();
    await page.keyboard.press('Alt+3');
    const panel = region(page, 'Hub');
    await panel.getByLabel('Address of the hub').fill(hub.address);
    await panel.getByLabel('One-time code').fill(await hub.admin.code());
    await panel.getByRole('button', { name: 'Join the hub' }).click();
    await panel.getByText('1 file (182 kB) waits to be sent.').waitFor();
    await panel.getByText(/^“box\.jpg”: /).waitFor();
    await panel.getByText('Since: just now').waitFor();
    await rail(page, /^Files stuck 1 file: “box\.jpg”: /).waitFor();
    await panel.getByRole('button', { name: 'Leave the hub' }).scrollIntoViewIfNeeded();
    await judge(page, 'hub-file-stuck');
    await panel.getByRole('button', { name: 'Leave the hub' }).click();
    await page.getByText('The hub does not have everything: 1 file (182 kB) waits to be sent.').waitFor();
    expect(complaints).toEqual([]);
  });

  test('a training bench says that it joins none', async () => {
    const { page, complaints } = await openApp();
    await setUpBench(page);
    await page.keyboard.press('Alt+3');
    await region(page, 'Hub').getByText('A training bench joins no hub').waitFor();
    expect(await region(page, 'Hub').getByRole('textbox').count()).toBe(0);
    await region(page, 'Hub').scrollIntoViewIfNeeded();
    await judge(page, 'hub-training');
    expect(complaints).toEqual([]);
  });
});
