import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { describeWith } from '../support/parts.ts';
import { ADMIN, judge, openApp, region, setUpBench } from './bench.ts';

const facts = (page: Page) => page.getByRole('dialog', { name: 'Facts of B2-1' });

async function openFacts(page: Page): Promise<void> {
  await region(page, 'Facts').getByRole('button', { name: 'Edit' }).click();
  await facts(page).waitFor();
}

describeWith(['chromium'], 'two windows on one case', () => {
  test('nobody undoes what a colleague wrote meanwhile', { timeout: 240_000 }, async () => {
    const { page, complaints } = await openApp();
    await setUpBench(page);
    await page.keyboard.press('Alt+2');
    await page.getByRole('button', { name: 'Open a case' }).first().click();
    const opening = page.getByRole('dialog', { name: 'New case' });
    await opening.getByLabel('Serial number').fill('R58T90KKL21');
    // A fault of this length once kept every cause off the case.
    await opening.getByLabel('Fault').fill('It does not charge. '.repeat(150));
    await opening.getByRole('button', { name: 'Open the case' }).click();
    await page.getByRole('heading', { name: 'B2-1', level: 1 }).waitFor();
    await page.getByRole('combobox', { name: 'Record a cause' }).fill('battery capacity');
    await page.getByRole('option').first().click();
    await page.getByRole('button', { name: 'Record as suspected' }).click();
    await region(page, 'Cause').getByText('Suspected').waitFor();

    const colleague = await page.context().newPage();
    colleague.setDefaultTimeout(60_000);
    await colleague.goto(page.url());
    await colleague.getByRole('button', { name: ADMIN.name }).click();
    await colleague.getByLabel(`PIN of ${ADMIN.name}`).fill(ADMIN.pin);
    await colleague.keyboard.press('Enter');
    await colleague.getByRole('navigation', { name: 'Places' }).waitFor();
    await colleague.keyboard.press('Alt+2');
    await colleague.getByRole('grid', { name: 'Cases' }).getByText('B2-1').click();

    await openFacts(page);
    await openFacts(colleague);
    await facts(colleague).getByLabel('Customer', { exact: true }).fill('Nordwind Logistics');
    await facts(colleague).getByLabel('Place').fill('Shelf 9');
    await facts(colleague).getByRole('button', { name: 'Save' }).click();
    await facts(colleague).waitFor({ state: 'hidden' });

    await facts(page).getByLabel('Place').fill('Drawer 2');
    const saving = facts(page).getByRole('button', { name: 'Save' });
    await facts(page).getByText('Place: somebody wrote “Shelf 9” meanwhile.').scrollIntoViewIfNeeded();
    expect(await saving.isDisabled()).toBe(true);
    await judge(page, 'facts-changed-meanwhile');
    await facts(page).getByRole('button', { name: 'Keep mine' }).click();
    await saving.click();
    await facts(page).waitFor({ state: 'hidden' });
    for (const window of [page, colleague]) {
      await region(window, 'Facts').getByText('Nordwind Logistics').waitFor();
      await region(window, 'Facts').getByText('Drawer 2').waitFor();
    }

    // Bytes that are no picture are said to be none.
    await region(page, 'Photos and files')
      .locator('input[type="file"][accept="image/*"]')
      .setInputFiles({ name: 'torn.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
    await region(page, 'Photos and files').getByText('This is no picture that can be shown.').waitFor();
    expect(complaints).toEqual([]);
  });
});
