import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { commandLine } from '../support/cli.ts';
import { describeWith } from '../support/parts.ts';
import { ADMIN, judge, openApp, region, scan, setUpBench } from './bench.ts';

/** A training bench made by the command line, which tells its recovery key. */
async function benchWithKey(): Promise<{ home: string; recoveryKey: string }> {
  const cli = await commandLine();
  const { recoveryKey } = await cli.expect<{ recoveryKey: string }>(0, [
    ...['init', '--admin', ADMIN.name, '--training'],
  ]);
  return { home: cli.home, recoveryKey };
}

async function signIn(page: Page, pin: string): Promise<void> {
  await page.getByLabel(`PIN of ${ADMIN.name}`).fill(pin);
  await page.keyboard.press('Enter');
}

const places = (page: Page) => page.getByRole('navigation', { name: 'Places' });

describeWith(['chromium'], 'the settings of a bench', () => {
  test('say that they are saved, and keep what is typed while somebody else saves', async () => {
    const { page, complaints } = await openApp();
    await setUpBench(page);
    await page.keyboard.press('Alt+3');
    await page.getByLabel('Product safety contact').fill('Safety desk, 4711');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    await judge(page, 'settings-saved');
    await page.getByLabel('Name', { exact: true }).fill('Bench 7');
    expect(await page.getByText('Saved.').count()).toBe(0);

    const other = await page.context().newPage();
    other.setDefaultTimeout(60_000);
    await other.goto(page.url());
    await other.getByLabel(`PIN of ${ADMIN.name}`).fill(ADMIN.pin);
    await other.keyboard.press('Enter');
    await other.getByRole('navigation', { name: 'Places' }).waitFor();
    await other.keyboard.press('Alt+3');
    await other.getByLabel('Prefix of case numbers').fill('b7!');
    await other.getByRole('button', { name: 'Save' }).click();
    await other.getByText('One to six capitals and digits').waitFor();
    await other.getByLabel('Prefix of case numbers').fill('b7');
    await other.getByRole('button', { name: 'Save' }).click();
    await other.getByText('Saved.').waitFor();

    await expect.poll(() => page.getByLabel('Prefix of case numbers').inputValue()).toBe('B7');
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Bench 7');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    await other.getByRole('navigation', { name: 'Places' }).getByText('Bench 7').waitFor();
    expect(complaints).toEqual([]);
  });

  test('make another recovery key, which then gives a forgotten PIN anew', async () => {
    const { home, recoveryKey: old } = await benchWithKey();
    const { page, complaints } = await openApp(home);
    await signIn(page, ADMIN.pin);
    await places(page).waitFor();
    await page.keyboard.press('Alt+3');
    await page.getByRole('button', { name: 'Make a new one' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Your PIN').fill('1357');
    await dialog.getByRole('button', { name: 'Make the key' }).click();
    await dialog.getByText('The name and the PIN do not fit.').waitFor();
    await judge(page, 'new-recovery-key-pin');
    await dialog.getByLabel('Your PIN').fill(ADMIN.pin);
    await dialog.getByRole('button', { name: 'Make the key' }).click();

    const groups = dialog.getByRole('region', { name: 'Recovery key' }).locator('span');
    await groups.first().waitFor();
    const typed = await groups.allTextContents();
    expect(typed).toHaveLength(7);
    expect(typed.join('-')).not.toBe(old);
    // Nothing but the paper leads out of it.
    await page.keyboard.press('Escape');
    expect(await dialog.getByRole('button', { name: 'Close' }).count()).toBe(0);
    await dialog.getByLabel('Type the last group').fill('wrong');
    await dialog.getByRole('button', { name: 'I have it on paper' }).click();
    await dialog.getByText('That is not the last group of the key.').waitFor();
    await judge(page, 'new-recovery-key');
    await page.emulateMedia({ media: 'print' });
    await groups.last().waitFor();
    expect(await dialog.getByRole('button', { name: 'Print it' }).isVisible()).toBe(false);
    expect(await places(page).isVisible()).toBe(false);
    await page.emulateMedia({ media: 'screen' });
    expect((await page.pdf()).toString('latin1').match(/\/Type \/Page$/gm)).toHaveLength(1);
    await dialog.getByLabel('Type the last group').fill(typed.at(-1)?.toLowerCase() ?? '');
    await dialog.getByRole('button', { name: 'I have it on paper' }).click();
    await page.getByText('The new recovery key is on paper.').waitFor();
    await dialog.waitFor({ state: 'hidden' });
    await region(page, 'Recovery key').scrollIntoViewIfNeeded();
    await judge(page, 'new-recovery-key-kept');

    await page.getByRole('button', { name: ADMIN.name }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Forgot the PIN?' }).click();
    await judge(page, 'forgotten-pin');
    expect(await dialog.getByRole('combobox', { name: 'Administrator' }).inputValue()).toBe(ADMIN.name);
    await scan(page, old);
    expect(await dialog.getByLabel('Recovery key').inputValue()).toBe(old);
    await dialog.getByLabel('New PIN', { exact: true }).fill('9753');
    await dialog.getByLabel('New PIN again').fill('9754');
    await dialog.getByRole('button', { name: 'Set the new PIN' }).click();
    await dialog.getByText('The two PINs are not the same.').waitFor();
    await dialog.getByLabel('New PIN again').fill('9753');
    await dialog.getByRole('button', { name: 'Set the new PIN' }).click();
    await dialog.getByText('That is not the recovery key of this bench.').waitFor();
    await judge(page, 'forgotten-pin-wrong-key');
    await dialog.getByLabel('Recovery key').fill(typed.join(' ').toLowerCase());
    await dialog.getByRole('button', { name: 'Set the new PIN' }).click();
    await page.getByText(`${ADMIN.name} has a new PIN.`).waitFor();
    await judge(page, 'forgotten-pin-set');
    await signIn(page, ADMIN.pin);
    await page.getByText('The name and the PIN do not fit.').waitFor();
    await signIn(page, '9753');
    await places(page).waitFor();
    expect(complaints).toEqual([]);
  });

  test('say where the key is when only the desktop app can ask for it', async () => {
    const { home, recoveryKey } = await benchWithKey();
    const ring = join(home, 'bench', 'keys.json');
    // As the desktop app would have left it.
    writeFileSync(ring, readFileSync(ring, 'utf8').replace('"key-file"', '"keychain"'));
    const { page, complaints } = await openApp(home);
    await page.getByText('which only the desktop app can ask').waitFor();
    await judge(page, 'key-elsewhere');
    await page.getByLabel('Recovery key').fill(recoveryKey);
    await page.getByRole('button', { name: 'Open the bench' }).click();
    await signIn(page, ADMIN.pin);
    await places(page).waitFor();
    expect(complaints).toEqual([]);
  });
});
