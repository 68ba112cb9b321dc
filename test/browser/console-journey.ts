import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { RACK_PASSWORD } from '../../electron/rack/console/unit.ts';
import type { RackUnit } from '../support/rack.ts';
import { bringIn, judge, region, setUpBench } from './bench.ts';

/** What intake asks a person; all of it may be left out. */
const QUESTIONS = [
  'How is the fault reproduced',
  'What came with the unit',
  'What does the unit look like',
  'Photograph the front',
  'Photograph the parcel',
];

/** A console from the first start: its logs are read, one of its disks is wiped with proof. */
export async function consoleJourney(page: Page, unit: RackUnit): Promise<void> {
  const { serial } = unit.identity;
  if (!serial) throw new Error('the rack’s console says who it is');
  await setUpBench(page);
  await bringIn(page, unit, { login: { name: 'root', password: RACK_PASSWORD } });
  const opening = page.getByRole('dialog', { name: 'New case' });
  await opening.getByLabel('Serial number').fill(serial);
  await opening.getByRole('button', { name: 'Open the case' }).click();
  await page.getByRole('heading', { name: 'B2-1', level: 1 }).waitFor();

  // The case leads with what the bench’s card says.
  await page.getByRole('banner').getByRole('button', { name: 'Run intake' }).click();
  const starting = page.getByRole('dialog', { name: 'Run a procedure' });
  await starting.getByRole('radio', { name: /^Intake/, checked: true }).waitFor();
  await judge(page, 'console-start-run');
  await starting.getByRole('button', { name: /^Start: Intake/ }).click();
  for (const question of QUESTIONS) {
    await region(page, 'Runs').getByText(question).waitFor();
    await region(page, 'Runs').getByRole('button', { name: 'Leave it out' }).click();
  }
  await region(page, 'Runs').getByText('Passed').first().waitFor();
  await judge(page, 'console-intake-passed');

  await region(page, 'Photos and files').getByRole('button', { name: 'Read' }).first().click();
  const log = page.getByRole('dialog');
  await log.getByRole('region', { name: 'Log' }).locator('div').first().waitFor();
  await log.getByRole('textbox', { name: 'Search this log' }).fill('EXT4');
  await log.getByRole('button', { name: 'Search', exact: true }).click();
  await log.getByRole('list', { name: 'Lines found' }).getByRole('button').first().click();
  await judge(page, 'console-log');
  await page.keyboard.press('Escape');

  await region(page, 'Data and consent').getByRole('button', { name: 'Record consent' }).click();
  await page.getByLabel('Who agreed').fill('J. Lund');
  await page.getByLabel('Reference').fill('form 7781');
  await page.getByRole('button', { name: 'Record the consent' }).click();
  await region(page, 'What next').getByRole('button', { name: 'Go on to the wipe' }).click();

  await page.keyboard.press('Alt+1');
  await page.getByRole('article').getByRole('button', { name: 'Wipe' }).click();
  const wipe = page.getByRole('dialog', { name: 'Wipe' });
  await wipe.getByRole('radio', { name: /\/dev\/mmcblk1/ }).click();
  expect(await wipe.getByRole('radio', { name: /\/dev\/mmcblk0p2/ }).count()).toBe(0);
  const erase = wipe.getByRole('button', { name: /^Erase/ });
  expect(await erase.isDisabled()).toBe(true);
  await wipe.getByLabel(/Scan the label on this unit/).fill('ZZZZ');
  await erase.click();
  await wipe.getByRole('alert').waitFor();
  await judge(page, 'console-wipe-refused');
  await wipe.getByLabel(/Scan the label on this unit/).fill(serial.slice(-4));
  await judge(page, 'console-wipe-confirm');
  await erase.click();
  const data = region(page, 'Data and consent');
  await data.getByText('Verified', { exact: true }).waitFor();
  // One disk of two: the record is right, and the unit is not wiped yet.
  await page.getByText('1 of 2 media wiped').waitFor();
  await data.getByRole('listitem').filter({ hasText: '/dev/mmcblk0' }).getByText('not wiped').waitFor();
  await data.getByRole('button', { name: 'Verify the signature' }).click();
  await data.getByRole('alert').waitFor();
  await judge(page, 'console-wiped');
  await page.keyboard.press('Alt+1');
  await page.getByText('One medium is wiped, but not all of them.').waitFor();
  await judge(page, 'bench-one-medium');
}
