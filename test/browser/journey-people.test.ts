import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { describeWith } from '../support/parts.ts';
import { ADMIN, judge, openApp, region, scan, setUpBench } from './bench.ts';

async function signIn(page: Page, name: string, pin: string): Promise<void> {
  await page.getByRole('button', { name }).click();
  await page.getByLabel(`PIN of ${name}`).fill(pin);
  await page.keyboard.press('Enter');
  await page.getByRole('navigation', { name: 'Places' }).waitFor();
}

describeWith(['chromium'], 'two people at one bench', () => {
  test('a dead unit, a session that ends, a safety stop', { timeout: 240_000 }, async () => {
    const { page: admin, complaints } = await openApp();
    await setUpBench(admin);
    await admin.keyboard.press('Alt+3');
    await admin.getByRole('tab', { name: 'People' }).click();
    await admin.getByRole('button', { name: 'Add a person' }).click();
    const adding = admin.getByRole('dialog', { name: 'Add a person' });
    await adding.getByLabel('Name').fill('Jonas Weber');
    await adding.getByLabel('First PIN').fill('1111');
    await adding.getByLabel('PIN again').fill('1111');
    await judge(admin, 'add-person');
    await adding.getByRole('button', { name: 'Add' }).click();
    await admin.getByText('Jonas Weber').waitFor();

    const technician = await admin.context().newPage();
    technician.setDefaultTimeout(60_000);
    await technician.goto(admin.url().replace(/#.*/, ''));
    await signIn(technician, 'Jonas Weber', '1111');
    await technician.keyboard.press('Alt+2');
    await technician.getByText('No open cases').waitFor();
    await judge(technician, 'cases-empty');
    await technician.getByRole('button', { name: 'Open a case' }).click();
    const opening = technician.getByRole('dialog', { name: 'New case' });
    await opening.getByLabel('Serial number').fill('R58T90KKL21');
    await opening.getByLabel('Fault').fill('Dead after a fall');
    await opening.getByRole('button', { name: 'Open the case' }).click();
    await technician.getByRole('heading', { name: 'B2-1', level: 1 }).waitFor();

    // A unit without a port is looked at by hand.
    await region(technician, 'Runs').getByRole('button', { name: 'Run', exact: true }).click();
    await technician.getByText('The unit is not on a port.').waitFor();
    await judge(technician, 'run-without-port');
    await technician.getByRole('button', { name: 'Start: Inspection by hand' }).click();
    await technician.getByRole('button', { name: 'No, nothing of the kind' }).click();
    await technician.getByText('Photograph the front').waitFor();
    await judge(technician, 'run-asks-for-photos');
    await region(technician, 'Runs').getByRole('button', { name: 'Stop' }).click();
    await region(technician, 'Runs').getByText('Stopped').first().waitFor();

    // The session ends in the middle of a note and behind an open dialog; signing in again finds both.
    const note = 'Water mark under the shield, photographed.';
    await technician.getByRole('textbox', { name: 'New note' }).fill(note);
    await region(technician, 'Data and consent').getByRole('button', { name: 'Record consent' }).click();
    const consent = technician.getByRole('dialog', { name: 'Consent to the wipe' });
    await consent.getByLabel('Who agreed').fill('J. Lund');
    await admin
      .getByRole('listitem')
      .filter({ hasText: 'Jonas Weber' })
      .getByRole('button', { name: 'New PIN' })
      .click();
    const renewing = admin.getByRole('dialog', { name: 'New PIN for Jonas Weber' });
    await renewing.getByLabel('New PIN').fill('2222');
    await renewing.getByLabel('PIN again').fill('2222');
    await renewing.getByRole('button', { name: 'Set the PIN' }).click();
    await renewing.waitFor({ state: 'hidden' });
    await technician.getByText('your place and what you typed are kept').waitFor();
    await consent.waitFor({ state: 'hidden' });
    expect(await technician.getByText('Dead after a fall').isVisible()).toBe(false);
    await judge(technician, 'signed-out');
    // Neither a key nor a scan reaches what is out of sight; the PIN is awaited where the keys go.
    await technician.keyboard.press('Escape');
    await scan(technician, 'jonas weber');
    await technician.keyboard.type('2222');
    await technician.keyboard.press('Enter');
    await consent.waitFor();
    expect(await consent.getByLabel('Who agreed').inputValue()).toBe('J. Lund');
    await technician.keyboard.press('Escape');
    await consent.getByRole('alertdialog').waitFor();
    await judge(technician, 'dialog-asks');
    await consent.getByRole('button', { name: 'Keep it open' }).click();
    await technician.mouse.click(5, 450);
    expect(await consent.isVisible()).toBe(true);
    await consent.getByRole('button', { name: 'Close', exact: true }).click();
    await consent.getByRole('button', { name: 'Close and lose it' }).click();
    await consent.waitFor({ state: 'hidden' });
    expect(await technician.getByRole('textbox', { name: 'New note' }).inputValue()).toBe(note);
    await technician.getByRole('button', { name: 'Add the note' }).click();
    await technician.getByRole('list', { name: 'Notes' }).getByText(note).waitFor();

    // The administrator looks at the same case while it is stopped.
    await scan(admin, 'B2-1');
    await admin.getByRole('heading', { name: 'B2-1', level: 1 }).waitFor();
    await technician.getByRole('button', { name: 'Safety stop' }).click();
    const stopping = technician.getByRole('dialog', { name: 'Safety stop' });
    await stopping.getByRole('button', { name: 'Swollen battery' }).click();
    await judge(technician, 'safety-stop-dialog');
    await stopping.getByRole('button', { name: 'Stop everything on this unit' }).click();
    await region(admin, 'Safety stop').getByText('Product safety must be told').waitFor();
    await judge(admin, 'safety-stop');
    await region(technician, 'Safety stop').getByRole('button', { name: 'Product safety was told' }).click();
    await technician.getByLabel('Who was told').fill('Safety desk');
    await technician.getByLabel('Reference').fill('INC-17');
    await technician.getByRole('button', { name: 'Record it' }).click();
    await technician.getByText('A manager releases the unit.').waitFor();
    await region(admin, 'Safety stop').getByRole('button', { name: 'Release the unit' }).click();
    await admin.getByLabel('Why it is safe again').fill('Battery removed and disposed of.');
    await admin.getByRole('button', { name: 'Release', exact: true }).click();
    await region(technician, 'Safety stop').waitFor({ state: 'hidden' });

    // Another person at the same window starts at the bench, not where the last one stood.
    await technician.goto(`${technician.url()}?at=identity`);
    await admin.getByRole('dialog').waitFor({ state: 'hidden' });
    await admin.keyboard.press('Alt+3');
    await admin.getByRole('tab', { name: 'People' }).click();
    await admin
      .getByRole('listitem')
      .filter({ hasText: 'Jonas Weber' })
      .getByRole('button', { name: 'Deactivate' })
      .click();
    await signIn(technician, ADMIN.name, ADMIN.pin);
    await technician.getByRole('heading', { name: 'Bench 2', level: 1 }).waitFor();
    expect(technician.url()).toMatch(/#\/$/);
    expect(complaints).toEqual([]);
  });
});
