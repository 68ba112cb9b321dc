import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { RACK_PASSWORD } from '../../electron/rack/console/unit.ts';
import type { RackProcess } from '../support/rack.ts';
import { bringIn, cardOf, judge, region, setUpBench } from './bench.ts';

/** A valid IMEI of another phone. */
const OTHER_IMEI = '356938035643809';

/** Taps, and once more on the same spot as soon as the page shows `then`: a gloved hand that bounces. */
async function bounce(page: Page, button: Locator, then: string): Promise<void> {
  const box = await button.boundingBox();
  if (!box) throw new Error('the button is not in sight');
  const spot = { x: box.x + box.width / 2, y: box.y + box.height / 2, then };
  const second = page.evaluate(
    ({ x, y, then: shown }) =>
      new Promise<void>((done) => {
        const watch = new MutationObserver(() => {
          if (!document.body.textContent?.includes(shown)) return;
          watch.disconnect();
          const hit = document.elementFromPoint(x, y)?.closest('button');
          hit?.click();
          done();
        });
        watch.observe(document.body, { childList: true, subtree: true, characterData: true });
      }),
    spot,
  );
  await button.click();
  await second;
}

/** Two units at once: a bounced tap, trouble of every kind, and who is stopped by what. */
export async function busyBench(page: Page, rack: RackProcess): Promise<void> {
  const [phone, router] = [rack.unit('at'), rack.unit('console')];
  await setUpBench(page);

  await bringIn(page, phone, { label: 'Hub A · 1' });
  const opening = page.getByRole('dialog', { name: 'New case' });
  await opening.getByLabel('Serial number').fill(phone.identity.serial ?? '');
  await opening.getByLabel('IMEI').first().fill(OTHER_IMEI);
  await opening.getByLabel('Fault').fill('Restarts by itself');
  await opening.getByRole('button', { name: 'Open the case' }).click();

  // What label and unit disagree in leads the case, with every way out.
  const who = region(page, 'Who it is');
  await page.getByRole('banner').getByRole('button', { name: 'Settle the identity' }).click();
  await who.getByRole('button', { name: 'That is the wrong unit' }).waitFor();
  await judge(page, 'identity-conflict');
  await who.getByRole('button', { name: 'Correct what the label says' }).click();
  const label = page.getByRole('dialog', { name: 'What the label says' });
  await label.getByLabel('MEID').waitFor();
  await label.getByLabel('IMEI 1').fill(phone.identity.imei1 ?? '');
  await label.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('banner').getByRole('button', { name: 'Run intake' }).waitFor();

  await page.keyboard.press('Alt+1');
  await bringIn(page, router, { label: 'Hub A · 2', login: { name: 'root', password: RACK_PASSWORD } });
  await opening.getByLabel('Serial number').fill(router.identity.serial ?? '');
  await opening.getByLabel('Fault').fill('Loses its uplink every night');
  await opening.getByRole('button', { name: 'Open the case' }).click();
  await page.getByRole('heading', { name: 'B2-2', level: 1 }).waitFor();
  await page.keyboard.press('Alt+1');
  const [one, two] = [cardOf(page, 'Hub A · 1'), cardOf(page, 'Hub A · 2')];

  // A bounce starts one run and stops none, and it answers no question that was not read.
  await bounce(page, one.getByRole('button', { name: 'Run intake' }), 'Working');
  await one.getByText('How is the fault reproduced').waitFor();
  await bounce(page, one.getByRole('button', { name: 'Leave it out' }), 'What came with the unit');
  await one.getByRole('heading', { level: 2 }).and(page.locator(':focus')).waitFor();
  await judge(page, 'bench-two-units');
  for (const question of ['What came with the unit', 'look like', 'Photograph the front', 'the parcel']) {
    await one.getByText(question).waitFor();
    await one.getByRole('button', { name: 'Leave it out' }).click();
  }
  await one.getByRole('button', { name: 'Start diagnosing' }).click();
  await one.getByRole('button', { name: 'Run diagnosis' }).click();
  await one.getByRole('button', { name: 'No' }).click();
  await one.getByText('Failed').waitFor();

  // Long work says how much of how much is done; a wipe is not stopped by one tap.
  await two.getByRole('link', { name: 'B2-2' }).click();
  await region(page, 'Data and consent').getByRole('button', { name: 'Record consent' }).click();
  await page.getByLabel('Who agreed').fill('J. Lund');
  await page.getByLabel('Reference').fill('form 7781');
  await page.getByRole('button', { name: 'Record the consent' }).click();
  await region(page, 'What next').getByRole('button', { name: 'Go on to the wipe' }).click();
  await page.getByRole('banner').getByRole('button', { name: 'Wipe' }).click();
  const wipe = page.getByRole('dialog', { name: 'Wipe' });
  await wipe.getByRole('radio', { name: /\/dev\/mmcblk1/ }).click();
  await wipe.getByLabel(/Scan the label on this unit/).fill(router.identity.serial?.slice(-4) ?? '');
  await wipe.getByRole('button', { name: /^Erase/ }).click();
  await region(page, 'Runs')
    .getByText(/of [\d.]+ MB/)
    .waitFor();
  // It stands still from here, so that the wipe is not over before it was looked at.
  await rack.fault(router, 'silence', 'on');
  await page.keyboard.press('Alt+1');
  await two.getByText('Working').waitFor();
  await judge(page, 'bench-working');
  await two.getByRole('button', { name: 'Stop' }).click();
  const stopping = page.getByRole('dialog', { name: 'Stop the wipe?' });
  await judge(page, 'wipe-stop-asks');
  await stopping.getByRole('button', { name: 'Let it go on' }).click();
  await rack.fault(router, 'unplug', 'on');
  await two.getByText('Absent').waitFor();
  await two.getByText('The wipe was cut off; nothing is certified.').waitFor();
  await judge(page, 'bench-interrupted');
  await rack.fault(router, 'silence', 'off');
  await rack.fault(router, 'unplug', 'off');
  await two.getByRole('button', { name: 'Identify', exact: true }).click();
  await two.getByRole('button', { name: 'Take up the wipe' }).waitFor();

  // “Next unit” goes to a card that a filter hides.
  await page.getByRole('button', { name: /^Ready/ }).click();
  await one.waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'Next unit' }).click();
  await one.getByRole('heading', { level: 2 }).and(page.locator(':focus')).waitFor();

  await two.getByRole('link', { name: 'B2-2' }).click();
  await page.getByRole('button', { name: 'Safety stop' }).click();
  const safety = page.getByRole('dialog', { name: 'Safety stop' });
  await safety.getByRole('button', { name: 'Swollen battery' }).click();
  await page.keyboard.press('Escape');
  await safety.waitFor({ state: 'hidden' });
  // A closed dialog forgets: the next one begins without a reason.
  await page.getByRole('button', { name: 'Safety stop' }).click();
  expect(await safety.getByRole('button', { name: 'Stop everything' }).isDisabled()).toBe(true);
  await safety.getByRole('button', { name: 'Heat' }).click();
  await judge(page, 'safety-stop-asks');
  await safety.getByRole('button', { name: 'Stop everything' }).click();
  await region(page, 'Safety stop').waitFor();
  await judge(page, 'safety-stop');

  await page.keyboard.press('Alt+2');
  await page.getByRole('grid', { name: 'Cases' }).getByText('B2-2').waitFor();
  await judge(page, 'cases-two');
}
