import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { RackUnit } from '../support/rack.ts';
import { ADMIN, bringIn, judge, region, scan, setUpBench } from './bench.ts';

const status = (page: Page, word: string) =>
  page
    .getByRole('list', { name: 'Status' })
    .getByRole('listitem')
    .filter({ hasText: word })
    .and(page.locator('[aria-current]'));

/** A picture of one point. */
const PHOTO = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** A phone from the first start of a bench to its closed case, in whatever window the app runs. */
export async function phoneJourney(page: Page, phone: RackUnit): Promise<void> {
  const { serial, imei1 } = phone.identity;
  if (!serial || !imei1) throw new Error('the rack’s phone says who it is');

  await setUpBench(page);
  await page.getByText('No ports yet').waitFor();
  await judge(page, 'bench-empty');

  await page.getByRole('button', { name: ADMIN.name }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: ADMIN.name }).click();
  await page.getByLabel(`PIN of ${ADMIN.name}`).fill('1357');
  await page.keyboard.press('Enter');
  await page.getByText('The name and the PIN do not fit.').waitFor();
  await judge(page, 'sign-in');
  for (const digit of ADMIN.pin) await page.getByRole('button', { name: digit, exact: true }).click();
  await page.getByRole('button', { name: 'Sign in with this PIN' }).click();
  await page.getByRole('heading', { name: 'Bench 2', level: 1 }).waitFor();

  await bringIn(page, phone);
  const dialog = page.getByRole('dialog', { name: 'New case' });
  await dialog.getByLabel('Serial number').fill(serial);
  await dialog.getByText('The same as the unit says.').waitFor();
  await dialog.getByLabel('IMEI').fill(`${imei1.slice(0, -1)}${(Number(imei1.at(-1)) + 1) % 10}`);
  await dialog.getByText('One digit is wrong').waitFor();
  await dialog.getByLabel('IMEI').fill(imei1);
  await dialog.getByLabel('Fault').fill('Does not charge past 80 %');
  await dialog.getByLabel('Customer', { exact: true }).fill('Nordwind Logistics');
  await judge(page, 'new-case');
  await dialog.getByRole('button', { name: 'Open the case' }).click();
  await page.getByRole('heading', { name: 'B2-1', level: 1 }).waitFor();
  await judge(page, 'case-received');

  await page.keyboard.press('Alt+1');
  const card = page.getByRole('article');
  await card.getByRole('button', { name: 'Run intake' }).click();
  await card.getByRole('textbox', { name: 'Your answer' }).fill('Charge from empty: stops at 80 %.');
  await judge(page, 'bench-asked');
  await card.getByRole('button', { name: 'Answer' }).click();
  await card.getByText('What came with the unit').waitFor();
  await card.getByRole('button', { name: 'Leave it out' }).click();
  await card.getByRole('button', { name: 'Used: light scratches' }).click();
  await card.getByText('Photograph the front').waitFor();
  await card
    .locator('input[type="file"]')
    .setInputFiles({ name: 'front.png', mimeType: 'image/png', buffer: PHOTO });
  await card.getByText('Photograph the parcel').waitFor();
  await card.getByRole('button', { name: 'Leave it out' }).click();
  await card.getByRole('button', { name: 'Start diagnosing' }).click();
  await card.getByRole('button', { name: 'Run diagnosis' }).click();
  await card.getByRole('button', { name: 'Yes' }).click();
  await card.getByText('Every check passed.').waitFor();
  await judge(page, 'bench-diagnosed');
  await card.getByRole('button', { name: 'Record cause' }).click();

  const search = page.getByRole('combobox', { name: 'Record a cause' });
  await search.fill('battery capacity');
  await page.getByRole('option').first().waitFor();
  await judge(page, 'case-cause');
  await search.press('Enter');
  await page.keyboard.press('Enter');
  await region(page, 'Cause').getByText('Suspected').waitFor();
  await region(page, 'Photos and files').getByRole('img', { name: 'front.png', exact: true }).waitFor();
  await judge(page, 'case-diagnosed');

  const next = region(page, 'What next');
  await next.getByRole('button', { name: 'Go on to the final check' }).click();
  await status(page, 'Final check').waitFor();
  const ready = next.getByRole('listitem').filter({ hasText: 'Mark as ready to ship' });
  await ready.getByText('not yet').waitFor();
  // The diagnosis before the repair is no final check.
  await next.getByText('To be checked once more.').waitFor();
  await page.getByRole('button', { name: 'Run the final check' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Start: Quick diagnosis' }).click();
  await region(page, 'Runs').getByRole('button', { name: 'Yes' }).click();
  await next.getByText('The final check passed. The customer’s data is not dealt with yet.').waitFor();
  await page.getByRole('button', { name: 'Settle the data' }).click();
  await region(page, 'Data and consent').getByRole('button', { name: 'Sign an exception' }).click();
  await page.getByLabel('Reason').fill('The customer wiped it before sending it in; waiver on file.');
  await page.getByLabel('Reference of the paper').fill('W-2201');
  await page.getByRole('button', { name: 'Sign as yourself' }).click();
  // The one filled button leads from here on.
  const lead = page.getByRole('banner');
  await lead.getByRole('button', { name: 'Mark as ready to ship' }).click();
  await lead.getByRole('button', { name: 'Mark as shipped' }).click();
  await lead.getByRole('button', { name: 'Close the case' }).click();
  await page.getByText('The case is closed').waitFor();
  await page.getByRole('main').evaluate((main) => main.scrollTo(0, 0));
  await judge(page, 'case-closed');

  await page.keyboard.press('Alt+3');
  for (const tab of ['Station', 'Ports', 'People', 'My PIN', 'Appearance']) {
    await page.getByRole('tab', { name: tab }).click();
    await page.getByRole('tabpanel').getByRole('heading').first().waitFor();
    await judge(page, `settings-${tab.toLowerCase().replace(' ', '-')}`);
  }

  // From any screen, without a click: the case, and what the bench does not know.
  await scan(page, serial);
  await page.getByRole('heading', { name: 'B2-1', level: 1 }).waitFor();
  await scan(page, '356938035643809');
  await page.getByRole('dialog', { name: 'Nothing known as 356938035643809' }).waitFor();
  await judge(page, 'scan-unknown');
  await page.getByRole('button', { name: 'Open a case for it' }).click();
  expect(await page.getByRole('dialog', { name: 'New case' }).getByLabel('IMEI').inputValue()).toBe(
    '356938035643809',
  );
  await page.keyboard.press('Escape');
  // What was begun with a scan leads back to where it was scanned.
  await page.getByRole('heading', { name: 'B2-1', level: 1 }).waitFor();
  await page.keyboard.press('Alt+2');
  await page.getByRole('button', { name: 'All', exact: true }).click();
  await page.getByRole('grid', { name: 'Cases' }).getByText('B2-1').waitFor();
  await judge(page, 'cases');
  await page.getByRole('grid', { name: 'Cases' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'B2-1', level: 1 }).waitFor();
}
