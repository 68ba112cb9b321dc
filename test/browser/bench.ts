import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { startHost } from '../support/host.ts';
import type { RackUnit } from '../support/rack.ts';

/** A folder for a picture of every screen, light and dark; none are taken without it. */
const PICTURES = process.env.REPAIRBENCH_PICTURES;

export const ADMIN = { name: 'Tess Okafor', pin: '2468' } as const;

/**
 * The app as the loopback host serves it, in a browser window.
 * @param home whose data; without it there is none yet
 */
export async function openApp(home?: string): Promise<{ page: Page; complaints: string[] }> {
  const [host, browser] = await Promise.all([startHost(home ? { home } : {}), launchChromium()]);
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    // Nothing moves, so that colours are judged and not what is between two of them.
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(host.address);
  return { page, complaints };
}

/** First start of a bench, recovery key and all; ends on its empty bench. */
export async function setUpBench(page: Page, mode: 'Training' | 'Live' = 'Training'): Promise<void> {
  await page.getByLabel('Name of the bench').fill('Bench 2');
  await page.getByRole('radio', { name: mode }).click();
  await page.getByLabel('Name', { exact: true }).fill(ADMIN.name);
  await page.getByLabel('PIN', { exact: true }).fill(ADMIN.pin);
  await page.getByLabel('PIN again').fill(ADMIN.pin);
  await judge(page, 'first-start');
  await page.getByRole('button', { name: 'Set up the bench' }).click();
  const groups = page.getByRole('region', { name: 'Recovery key' }).locator('span');
  await groups.first().waitFor();
  expect(await groups.count()).toBe(7);
  await judge(page, 'recovery-key');
  await page.getByLabel('Type the last group').fill('wrong');
  await page.getByRole('button', { name: 'I have it on paper' }).click();
  await page.getByText('That is not the last group of the key.').waitFor();
  await page.getByLabel('Type the last group').fill((await groups.last().textContent())?.toLowerCase() ?? '');
  await page.getByRole('button', { name: 'I have it on paper' }).click();
  await page.getByRole('heading', { name: 'Bench 2', level: 1 }).waitFor();
}

/** Adds a port by its path, asks the unit who it is, and opens a case with what its label says. */
export async function bringIn(
  page: Page,
  unit: RackUnit,
  { label = 'Hub A · 1', login }: { label?: string; login?: { name: string; password: string } } = {},
): Promise<void> {
  await page.getByRole('button', { name: 'Add a port' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Address').fill(unit.address);
  await dialog.getByLabel('Name on the bench').fill(label);
  // What the cable's label says; working it out waits for silence, which a busy machine makes longer.
  await dialog.getByText(unit.family === 'at' ? 'Phone or modem' : 'Console', { exact: true }).click();
  if (login) {
    await dialog.getByLabel('Login').fill(login.name);
    await dialog.getByLabel('Password', { exact: true }).fill(login.password);
  }
  await judge(page, `${unit.family}-add-port`);
  await dialog.getByRole('button', { name: 'Add the port' }).click();
  await dialog.waitFor({ state: 'hidden' });
  const card = cardOf(page, label);
  await card.getByText('Not read yet').waitFor();
  await card.getByRole('button', { name: 'Identify', exact: true }).click();
  await card.getByText(unit.identity.model ?? '', { exact: true }).waitFor();
  await card.getByText('Ready').waitFor();
  await judge(page, `${unit.family}-identified`);
  await card.getByRole('button', { name: 'Open a case' }).click();
}

/** The card of a port by its name on the bench. */
export const cardOf = (page: Page, label: string) => page.getByRole('article', { name: label });

/** A section of a screen by its heading. */
export const region = (page: Page, title: string) => page.getByRole('region', { name: title });

/** Milliseconds between two keys of a scanner. */
const SCANNER_GAP = 8;

/**
 * Types as a scanner does, into whatever has the focus: fast keys, then Enter. The keys carry the times at which a
 * scanner would have sent them, so that a busy machine does not make a slow hand of it.
 */
export async function scan(page: Page, text: string): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const keys = [...text, 'Enter'];
  const start = Date.now() - keys.length * SCANNER_GAP;
  const presses = keys.flatMap((key, index) => {
    const timestamp = (start + index * SCANNER_GAP) / 1000;
    const typed = key === 'Enter' ? '\r' : key;
    const code = key === 'Enter' ? { code: 'Enter', windowsVirtualKeyCode: 13 } : {};
    return [
      { type: 'keyDown' as const, key, text: typed, unmodifiedText: typed, timestamp, ...code },
      { type: 'keyUp' as const, key, timestamp, ...code },
    ];
  });
  // All at once: waiting for each answer would be slower than any scanner.
  await Promise.all(presses.map((press) => devtools.send('Input.dispatchKeyEvent', press)));
  await devtools.detach();
}

/** No barrier on this screen, in light or dark. */
export async function judge(page: Page, screen: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await wear(page, colorScheme);
    // A busy machine may still be drawing the other colours: what is wrong must be wrong three times.
    let found = await barriers(page);
    for (let again = 0; again < 2 && found.length > 0; again++) {
      await wear(page, colorScheme);
      found = await barriers(page);
    }
    expect(found, `${screen}, ${colorScheme}`).toEqual([]);
    await picture(page, `${screen}-${colorScheme}`);
  }
  await wear(page, 'light');
}

/** What axe finds. In one page: Electron opens no second one for it, and the app has no frames. */
async function barriers(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

/** Changes the system's colours and waits until the page has followed and stands still. */
async function wear(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await page.locator(`:root[data-mantine-color-scheme="${colorScheme}"]`).waitFor({ state: 'attached' });
  await page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    await frame();
    await frame();
    await Promise.allSettled(document.getAnimations().map((animation) => animation.finished));
  });
}

async function picture(page: Page, name: string): Promise<void> {
  if (!PICTURES) return;
  await mkdir(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}
