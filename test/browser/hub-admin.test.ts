import { mkdirSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { v7 } from 'uuid';
import { expect, onTestFinished, test } from 'vitest';
import { makeBackup } from '../../hub/commands.ts';
import { type Hub, startHub } from '../../hub/hub.ts';
import { launchChromium } from '../support/chromium.ts';
import { temporaryFolder } from '../support/folders.ts';
import { BareStation } from '../support/hub.ts';
import { describeWith } from '../support/parts.ts';

/** A folder for a picture of every screen, light and dark; none are taken without it. */
const PICTURES = process.env.REPAIRBENCH_PICTURES;

async function startedHub(): Promise<{ hub: Hub; dataDir: string; folder: string }> {
  const folder = await temporaryFolder();
  // As root, PostgreSQL runs as a user of its own and has to get there.
  await chmod(folder, 0o711);
  const dataDir = join(folder, 'hub');
  const hub = await startHub({ dataDir, host: '127.0.0.1', port: 0, log: () => {} });
  let closing: Promise<void> | null = null;
  const close = () => (closing ??= hub.close());
  onTestFinished(close);
  return { hub: { ...hub, close }, dataDir, folder };
}

/** A window of its own, with what its browser complained of. */
async function openWindow(url: string): Promise<{ page: Page; complaints: string[] }> {
  const browser = await launchChromium();
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(url);
  return { page, complaints };
}

/** No barrier on this screen, in light or dark, wide or narrow. */
async function judge(page: Page, screen: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
    expect(found, `${screen}, ${colorScheme}`).toEqual([]);
    if (!PICTURES) continue;
    mkdirSync(PICTURES, { recursive: true });
    await page.screenshot({ path: join(PICTURES, `${screen}-${colorScheme}.png`), fullPage: true });
  }
}

const claim = async (page: Page, name: string) => {
  await page.getByLabel('Your name').fill(name);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Benches' }).waitFor();
};
const section = (page: Page, name: string) => page.getByRole('region', { name });
const row = (page: Page, name: string) => page.getByRole('row', { name: new RegExp(`^${name}`) });
const dialog = (page: Page, name: string | RegExp) => page.getByRole('dialog', { name });
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

/** A case that two benches edited without knowing of each other. */
async function disagree(one: BareStation, two: BareStation): Promise<void> {
  const id = v7();
  const fields = {
    ...{ fault: null, customer: null, contact: null, contract: null, priority: 'P3', tier: 'L1' },
    ...{ promisedOn: null, purchasedOn: null, accessories: [], condition: null, assigneeId: null },
    ...{ custodian: null, place: null, dataInstruction: 'wipe' },
  };
  const identifiers = { serial: 'SN4711000', imei1: null, imei2: null, meid: null };
  one.append(
    'case.opened',
    id,
    {
      ...{ number: 'A-1', status: 'received', withoutUnit: false, policyVersion: 'consumer@1', fields },
      ...{ identifiers, identifiersFrom: 'label', unitId: null, label: null, unitArrived: true },
    },
    { caseId: id },
  );
  await one.push(0);
  await two.pull();
  for (const [station, customer] of [
    [one, 'Acme'],
    [two, 'Ajax'],
  ] as const) {
    station.append('case.fields', id, { fields: { customer } }, { caseId: id });
    await station.push(station.log.length - 1);
  }
}

describeWith(['chromium'], 'the page behind the administrator’s link', () => {
  test('is claimed once, and administers the hub', { timeout: 180_000 }, async () => {
    const { hub, dataDir, folder } = await startedHub();
    const { page, complaints } = await openWindow(hub.adminLink ?? '');
    await judge(page, 'admin-claim');
    await press(page, 'Administer this hub');
    expect(
      await page.getByLabel('Your name').evaluate((input) => (input as HTMLInputElement).validity.valid),
    ).toBe(false);
    await claim(page, 'Hanna Lind');
    expect(new URL(page.url()).hash).toBe('');
    await section(page, 'Benches').getByText('None has joined yet.').waitFor();
    await page.getByRole('article', { name: 'Newest backup' }).getByText('None yet').waitFor();
    await judge(page, 'admin-empty');

    // The link is used up, and this window stays signed in when it is loaded again.
    const stranger = await openWindow(hub.adminLink ?? '');
    await stranger.page.getByLabel('Your name').fill('Somebody');
    await press(stranger.page, 'Administer this hub');
    await stranger.page.getByText('This link was used already').waitFor();
    expect(stranger.complaints).toEqual([expect.stringContaining('401')]);
    await page.reload();
    await section(page, 'Benches').waitFor();

    const codes: string[] = [];
    for (const name of ['A', 'B']) {
      await press(page, 'Make a code');
      const shown = dialog(page, 'A code for one bench');
      const code = (await shown.locator('#secret').textContent()) ?? '';
      expect(code).toMatch(/^[A-Z2-9]{4}(-[A-Z2-9]{4}){3}$/);
      await shown.getByText('It is shown this once').waitFor();
      if (name === 'A') await judge(page, 'admin-code');
      await shown.getByRole('button', { name: 'Copy' }).click();
      await shown.getByText('Copied').waitFor();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(code);
      await page.keyboard.press('Escape');
      await shown.waitFor({ state: 'detached' });
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('make-code');
      codes.push(code);
    }
    const [one, two] = [new BareStation(hub.address, 'A'), new BareStation(hub.address, 'B')];
    await one.enrol(codes[0] ?? '');
    await two.enrol(codes[1] ?? '');
    await disagree(one, two);
    await makeBackup({ dataDir, to: join(folder, 'backups'), log: () => {} });
    two.skewMs = 120_000;
    await two.pull();
    await page.reload();
    await row(page, 'Bench A').getByText('Active').waitFor();
    await row(page, 'Bench A').getByText('2 entries').waitFor();
    expect(await row(page, 'Bench A').getByText('Everything').count()).toBe(1);
    await row(page, 'Bench A').getByText('3 behind').waitFor();
    await row(page, 'Bench B').getByText('2 minutes fast').waitFor();
    await page.getByRole('article', { name: 'Newest backup' }).getByText('just now').waitFor();
    await page.getByRole('article', { name: 'History of Lab' }).getByText('3 entries').waitFor();
    const waiting = section(page, 'Waiting for a person');
    await waiting.getByText('Changed on two benches at once: customer.').waitFor();
    await waiting.getByText('A-1', { exact: true }).waitFor();
    await judge(page, 'admin-overview');
    await page.setViewportSize({ width: 420, height: 900 });
    await judge(page, 'admin-narrow');
    await page.setViewportSize({ width: 1280, height: 900 });

    await press(page, 'Revoke Bench B');
    const question = dialog(page, 'Revoke Bench B?');
    await question.getByText('Work goes on at the bench and is kept there').waitFor();
    await judge(page, 'admin-revoke');
    // Enter does what is safe.
    await page.keyboard.press('Enter');
    await question.waitFor({ state: 'detached' });
    expect(await two.push(1)).toBe(1);
    await press(page, 'Revoke Bench B');
    await question.getByRole('button', { name: 'Revoke Bench B' }).click();
    await row(page, 'Bench B').getByText('Revoked').waitFor();
    await page.getByRole('status').getByText('Bench B is revoked.').waitFor();
    await expect(two.push(1)).rejects.toThrow('sync.revoked');
    await press(page, 'Let in Bench B');
    await dialog(page, 'Let Bench B in again?').getByRole('button', { name: 'Let Bench B in' }).click();
    await row(page, 'Bench B').getByText('Active').waitFor();
    expect(await two.push(1)).toBe(1);

    // A copied bench.
    const copy = one.clone();
    copy.append('case.noted', v7(), { noteId: v7(), text: 'there' });
    one.append('case.noted', v7(), { noteId: v7(), text: 'here' });
    await one.push(2);
    await expect(copy.push(2)).rejects.toThrow('sync.clone');
    await page.reload();
    await row(page, 'Bench A').getByText('two benches use its identity').waitFor();
    await press(page, 'Let in Bench A');
    await dialog(page, 'Let Bench A in again?').getByText('Switch one of them off first').waitFor();
    await page.keyboard.press('Escape');
    expect(complaints).toEqual([]);
  });

  test('has several administrators, of whom the last one stays', { timeout: 120_000 }, async () => {
    const { hub } = await startedHub();
    const first = await openWindow(hub.adminLink ?? '');
    await claim(first.page, 'Hanna');
    const people = section(first.page, 'Administrators');
    await press(first.page, 'Make a link');
    const shown = dialog(first.page, 'A link for another administrator');
    const link = (await shown.locator('#secret').textContent()) ?? '';
    await shown.getByRole('button', { name: 'Done' }).click();
    await people.getByText('A link that nobody has used yet').waitFor();
    const second = await openWindow(link);
    await claim(second.page, 'Iris');
    await first.page.reload();
    await people.getByText('Iris').waitFor();
    await judge(first.page, 'admin-people');
    await press(first.page, 'Remove Iris');
    await dialog(first.page, 'Remove Iris?').getByRole('button', { name: 'Remove Iris' }).click();
    await people.getByText('Iris').waitFor({ state: 'detached' });
    await second.page.reload();
    await second.page.getByText('You are no longer signed in').waitFor();
    await second.page.getByText('npm run hub -- admin-link').waitFor();
    await judge(second.page, 'admin-stranger');
    await press(first.page, 'Remove Hanna');
    const last = dialog(first.page, 'Remove Hanna?');
    await last.getByRole('button', { name: 'Remove Hanna' }).click();
    await last.getByText('The last administrator stays.').waitFor();
    await last.getByRole('button', { name: 'Keep' }).click();
    await press(first.page, 'Sign out');
    await first.page.getByText('You are not signed in').waitFor();
    expect(await first.page.evaluate(() => sessionStorage.length)).toBe(0);
  });

  test('runs its own files only, and says when the hub is away', { timeout: 120_000 }, async () => {
    const { hub } = await startedHub();
    const { page } = await openWindow(hub.adminLink ?? '');
    await claim(page, 'Hanna');
    const answer = await fetch(`${hub.address}/admin`);
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
    await page.evaluate(() => {
      const text = `document.body.dataset.ran = 'yes'`;
      document.body.append(Object.assign(document.createElement('script'), { textContent: text }));
    });
    expect(await page.evaluate(() => document.body.dataset.ran)).toBeUndefined();
    for (const path of ['/admin/..%2Findex.ts', '/admin/nothing.js', '/admin/%2e%2e/hub.ts']) {
      expect((await fetch(`${hub.address}${path}`)).status).toBe(404);
    }
    expect((await fetch(`${hub.address}/v1/admin/stations`)).status).toBe(401);
    await hub.close();
    await page.getByRole('alert').getByText('The hub does not answer.').waitFor();
    await judge(page, 'admin-away');
  });
});
