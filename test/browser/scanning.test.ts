import { expect, test } from 'vitest';
import { describeWith } from '../support/parts.ts';
import { ADMIN, judge, openApp, scan, setUpBench } from './bench.ts';

const IMEI = '356938035643809';

describeWith(['chromium'], 'a scanner at the bench', () => {
  test('fills the field it fits, replaces what it filled, and leaves the rest alone', async () => {
    const { page, complaints } = await openApp();
    await setUpBench(page);
    await page.keyboard.press('Alt+2');
    await page.getByRole('button', { name: 'New case' }).click();
    const dialog = page.getByRole('dialog', { name: 'New case' });
    const value = (label: string) => dialog.getByLabel(label, { exact: true }).inputValue();

    // The serial number has the focus, and the scan is no serial number.
    await dialog.getByLabel('Serial number').focus();
    await scan(page, IMEI);
    await expect.poll(() => value('IMEI')).toBe(IMEI);
    expect(await value('Serial number')).toBe('');

    await scan(page, 'R58T90KKL21');
    await expect.poll(() => value('Serial number')).toBe('R58T90KKL21');
    await dialog.getByLabel('Serial number').focus();
    await scan(page, 'R58T90KKL22');
    await expect.poll(() => value('Serial number')).toBe('R58T90KKL22');

    await dialog.getByLabel('Fault').fill('Dead');
    await scan(page, 'S/N: R58T90KKL23');
    await expect.poll(() => value('Serial number')).toBe('R58T90KKL23');
    expect(await value('Fault')).toBe('Dead');

    // A list has the focus but takes no text; a second IMEI and a MEID have places of their own.
    await dialog.getByRole('combobox', { name: 'Priority' }).focus();
    await scan(page, '490154203237518');
    await scan(page, 'MEID: A10000009296F7');
    await expect.poll(() => value('Second IMEI')).toBe('490154203237518');
    expect(await value('MEID')).toBe('A10000009296F7');
    await dialog.getByLabel('Promised to the customer').fill('2031-05-20');
    await judge(page, 'new-case-scanned');

    // What is typed is not given up for a scan that leads elsewhere, nor for a place key.
    await dialog.getByRole('button', { name: 'Open the case' }).focus();
    await scan(page, 'B2-77');
    await dialog.getByRole('alertdialog').waitFor();
    await page.keyboard.press('Alt+1');
    await dialog.getByRole('button', { name: 'Keep it open' }).click();
    await dialog.getByLabel('Fault').focus();
    await dialog.getByRole('button', { name: 'Open the case' }).click();
    await page.getByRole('heading', { name: 'B2-1', level: 1 }).waitFor();
    await page.getByText('20 May 2031').first().waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'Bench 2', level: 1 }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('goes where it leads from every screen, and a badge names a person', async () => {
    const { page, complaints } = await openApp();
    await setUpBench(page);
    // A slash within a code is no shortcut.
    await scan(page, 'A/17/4');
    const unknown = page.getByRole('dialog', { name: 'Nothing known as A/17/4' });
    await unknown.waitFor();
    await scan(page, 'A/17/5');
    await page.getByRole('dialog', { name: 'Nothing known as A/17/5' }).waitFor();
    await page.getByRole('button', { name: 'Search all cases' }).click();
    const words = page.getByRole('searchbox', { name: 'Search cases' });
    expect(await words.inputValue()).toBe('A/17/5');
    expect(await page.getByRole('button', { name: 'All', exact: true }).getAttribute('aria-pressed')).toBe(
      'true',
    );
    await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: 'Cases' }).click();
    await page.getByText('No open cases').waitFor();
    expect(await words.inputValue()).toBe('');

    // A case begun by a scan is given up where it was begun.
    await page.keyboard.press('Alt+3');
    await scan(page, 'R58T90KKL21');
    await page.getByRole('button', { name: 'Open a case for it' }).click();
    await page.getByRole('dialog', { name: 'New case' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();

    await page.getByRole('button', { name: ADMIN.name }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByLabel(`PIN of ${ADMIN.name}`).focus();
    await scan(page, ADMIN.name.toUpperCase());
    await expect.poll(() => page.getByLabel(`PIN of ${ADMIN.name}`).inputValue()).toBe('');
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(await page.getByLabel('Name').inputValue()).toBe(ADMIN.name);
    expect(complaints).toEqual([]);
  });

  test('a window that nobody uses signs out by itself', async () => {
    const { page, complaints } = await openApp();
    await page.clock.install();
    await page.reload();
    await setUpBench(page);
    await page.keyboard.press('Alt+2');
    await page.clock.fastForward('11:00:00');
    await page.getByText('No open cases').waitFor();
    await page.clock.fastForward('01:30:00');
    await page.getByText('Your session has ended.').waitFor();
    expect(await page.getByText('No open cases').isVisible()).toBe(false);
    expect(complaints).toEqual([]);
  });
});
