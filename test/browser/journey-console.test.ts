import { expect, test } from 'vitest';
import { RACK_PASSWORD } from '../../electron/rack/console/unit.ts';
import { describeWith } from '../support/parts.ts';
import { startRackProcess } from '../support/rack.ts';
import { bringIn, judge, openApp, region, setUpBench } from './bench.ts';

/** What intake asks a person; all of it may be left out. */
const QUESTIONS = [
  'How is the fault reproduced',
  'What came with the unit',
  'What does the unit look like',
  'Photograph the front',
  'Photograph the parcel',
];

describeWith(['chromium', 'busybox'], 'the journey of a console on screen', () => {
  test('its logs are read and its disk is wiped with proof', { timeout: 240_000 }, async () => {
    const [{ page, complaints }, rack] = await Promise.all([openApp(), startRackProcess(['--at', '0'])]);
    const unit = rack.unit('console');
    const { serial } = unit.identity;
    if (!serial) throw new Error('the rack’s console says who it is');
    await setUpBench(page);
    await bringIn(page, unit, { name: 'root', password: RACK_PASSWORD });
    const opening = page.getByRole('dialog', { name: 'New case' });
    await opening.getByLabel('Serial number').fill(serial);
    await opening.getByRole('button', { name: 'Open the case' }).click();
    await page.getByRole('heading', { name: 'B2-1', level: 1 }).waitFor();

    await region(page, 'Runs').getByRole('button', { name: 'Run', exact: true }).click();
    const starting = page.getByRole('dialog', { name: 'Run a procedure' });
    await starting.getByRole('radio', { name: /^Intake/ }).click();
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
    await region(page, 'What next').getByRole('button', { name: 'Wiping' }).click();

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
    await wipe.getByLabel(/Scan the label on this unit/).fill(serial);
    await erase.click();
    await region(page, 'Data and consent').getByText('Verified').waitFor();
    await region(page, 'Data and consent').getByRole('button', { name: 'Verify the signature' }).click();
    await region(page, 'Data and consent').getByRole('alert').waitFor();
    await judge(page, 'console-wiped');
    expect(complaints).toEqual([]);
  });
});
