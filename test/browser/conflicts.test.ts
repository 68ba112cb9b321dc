import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { AtPhone } from '../../electron/rack/at/phone.ts';
import { mountOnTcp } from '../../electron/rack/mount.ts';
import type { CaseView } from '../../shared/model/cases.ts';
import type { SyncReport } from '../../shared/model/sync.ts';
import { clientOf, openTestStation } from '../support/bench.ts';
import { type Cli, commandLine } from '../support/cli.ts';
import { temporaryFolder } from '../support/folders.ts';
import { testHub } from '../support/hub.ts';
import { describeWith } from '../support/parts.ts';
import { ADMIN, cardOf, judge, openApp, region } from './bench.ts';

const JON = { name: 'Jon Lund', pin: '8642' } as const;
const AUDITOR = { name: 'Ines Vogel', pin: '7531' } as const;

/** A hub that goes away and comes back at the same address, with everything it had. */
async function leavableHub() {
  const folder = await temporaryFolder();
  // As root, PostgreSQL runs as a user of its own and has to get there.
  await chmod(folder, 0o711);
  let running = await testHub(folder);
  let isThere = true;
  const leave = async () => {
    if (isThere) await running.close();
    isThere = false;
  };
  onTestFinished(leave);
  const { address } = running;
  return {
    address,
    admin: await running.admin(),
    leave,
    async comeBack() {
      running = await testHub(folder, Number(new URL(address).port));
      isThere = true;
    },
  };
}

/** The other bench of the site, in this process; it can be switched off and on. */
async function otherBench() {
  const folder = await temporaryFolder();
  const open = () => openTestStation(join(folder, 'data'), join(folder, 'keys'));
  let station = await open();
  await clientOf(station, null).station.init({
    mode: 'live',
    admin: JON,
    settings: { stationName: 'Bench 7', benchPrefix: 'B7' },
  });
  onTestFinished(() => station.close());
  const signIn = async () => clientOf(station, (await clientOf(station, null).session.signIn(JON)).token);
  return {
    client: await signIn(),
    off: () => station.close(),
    async on() {
      station = await open();
      this.client = await signIn();
    },
  };
}
type OtherBench = Awaited<ReturnType<typeof otherBench>>;

/** What the person at the first bench does beside the window. */
const asTess = <T>(cli: Cli, args: readonly string[]) => cli.expect<T>(0, [...args, '--as', ADMIN.name]);
const exchange = (cli: Cli) => asTess<SyncReport>(cli, ['sync', '--once']);

/** Cases that both benches know: two in the lab, one announced. */
async function sharedCases({ client }: OtherBench) {
  const edited = await client.cases.open({
    label: { serial: 'R58T90KKL21' },
    fields: { fault: 'Does not charge past 80 %', customer: 'Acme', place: 'Rack 1' },
  });
  const moved = await client.cases.open({ label: { serial: 'R58T90KKL22' }, fields: { fault: 'No sound' } });
  await client.cases.move({ id: moved.id, to: 'diagnosing' });
  const left = await client.cases.open({ announced: true, fields: { fault: 'Lost in the mail' } });
  await client.hub.sync();
  return { edited: edited.id, moved: moved.id, left: left.id };
}

/** What both do while they are apart: one field, one status, one unit, one data instruction. */
async function workApart(cli: Cli, bench: OtherBench, cases: Awaited<ReturnType<typeof sharedCases>>) {
  await asTess(cli, ['case', 'set', 'B7-1', 'place=Shelf 4', 'customer=Acme Repairs']);
  await asTess(cli, ['case', 'move', 'B7-2', 'awaiting-approval']);
  await asTess(cli, ['case', 'set', 'B7-3', 'dataInstruction=keep']);
  await asTess(cli, ['case', 'open', '--serial', 'R58T90KKL29']);
  const photo = join(cli.home, 'box.jpg');
  await writeFile(photo, new Uint8Array(182_000));
  await asTess(cli, ['case', 'attach', 'B7-1', photo, '--kind', 'photo']);
  const { client } = bench;
  await client.cases.edit({ id: cases.edited, fields: { place: 'Quarantine', customer: 'Acme Ltd' } });
  await client.cases.move({ id: cases.moved, to: 'final-check' });
  await client.cases.edit({ id: cases.left, fields: { dataInstruction: 'destroy' } });
  await client.cases.open({ label: { serial: 'R58T90KKL29' } });
}

/** The unit of case B7-1 is plugged in at the first bench, and read. */
async function plugIn(cli: Cli): Promise<void> {
  const phone = await mountOnTcp(new AtPhone({ identity: { serial: 'R58T90KKL21' } }));
  onTestFinished(() => phone.close());
  await asTess(cli, ['port', 'add', phone.address, '--driver', 'at', '--label', 'Hub A · 1']);
  await asTess(cli, ['port', 'identify', phone.address]);
}

const rail = (page: Page, words: RegExp) =>
  page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: words });

/** The list of all conflicts by the rail, and from it the case. */
async function goTo(page: Page, words: RegExp, number: string): Promise<void> {
  await rail(page, words).click();
  await page.getByRole('link', { name: new RegExp(`^${number} `) }).click();
  await page.getByRole('heading', { name: number, level: 1 }).waitFor();
}

/** Somebody who changes nothing, at a window of their own. */
async function auditorOf(page: Page): Promise<Page> {
  const auditor = await page.context().newPage();
  auditor.setDefaultTimeout(60_000);
  await auditor.goto(page.url());
  await auditor.getByRole('button', { name: AUDITOR.name }).click();
  await auditor.getByLabel(`PIN of ${AUDITOR.name}`).fill(AUDITOR.pin);
  await auditor.keyboard.press('Enter');
  return auditor;
}

describeWith(['chromium'], 'work that meets another bench’s work', () => {
  test('is shown on both sides, settled at one bench, and then the same on both', {
    timeout: 400_000,
  }, async () => {
    const [hub, bench, cli] = await Promise.all([leavableHub(), otherBench(), commandLine()]);
    await cli.expect(0, ['init', '--admin', ADMIN.name, '--name', 'Bench 2', '--prefix', 'B2']);
    await cli.expect(0, ['person', 'add', AUDITOR.name, '--role', 'auditor'], {
      REPAIRBENCH_NEW_PIN: AUDITOR.pin,
    });
    const { page, complaints } = await openApp(cli.home);
    await page.getByRole('button', { name: ADMIN.name }).click();
    await page.getByLabel(`PIN of ${ADMIN.name}`).fill(ADMIN.pin);
    await page.keyboard.press('Enter');
    await page.getByRole('navigation', { name: 'Places' }).waitFor();

    await bench.client.hub.enrol({ url: hub.address, code: await hub.admin.code() });
    const cases = await sharedCases(bench);
    await page.keyboard.press('Alt+3');
    const panel = region(page, 'Hub');
    await panel.scrollIntoViewIfNeeded();
    await judge(page, 'hub-join');
    await panel.getByLabel('Address of the hub').fill(hub.address);
    await panel.getByLabel('One-time code').fill(await hub.admin.code());
    await panel.getByRole('button', { name: 'Join the hub' }).click();
    await panel.getByText('The hub has everything of this bench.').waitFor();
    await panel.getByText('Everything of the other benches is here.').waitFor();
    await panel.getByRole('button', { name: 'Exchange now' }).click();
    await panel.getByText(/^\d+ sent, \d+ read\.$/).waitFor();
    await page.keyboard.press('Alt+2');
    await page.getByRole('grid', { name: 'Cases' }).getByText('B7-3').waitFor();

    await hub.leave();
    await workApart(cli, bench, cases);
    await page.keyboard.press('Alt+3');
    await panel.getByText('Work goes on here and is sent as soon as the hub answers.').waitFor();
    await panel.getByText('Everything of the other benches was here at the last contact.').waitFor();
    await panel.getByText(/^\d+ changes and 1 file \(182 kB\) wait to be sent\.$/).waitFor();
    await panel.scrollIntoViewIfNeeded();
    await judge(page, 'hub-panel-away');
    await bench.off();
    await hub.comeBack();
    expect(await exchange(cli)).toMatchObject({ pending: 0, conflicts: 0 });
    await bench.on();
    expect(await bench.client.hub.sync()).toMatchObject({ conflicts: 3, toLookAt: 1 });
    expect(await exchange(cli)).toMatchObject({ conflicts: 3, toLookAt: 1, unread: 0 });

    // Seen from everywhere: the rail, the settings, the cases, the bench, the list.
    await rail(page, /^3 conflicts 1 to look at: /).waitFor();
    await panel.getByRole('link', { name: '3 conflicts and 1 change to look at' }).waitFor();
    await panel.scrollIntoViewIfNeeded();
    await judge(page, 'hub-panel');
    await page.keyboard.press('Alt+2');
    await page.getByRole('banner').getByRole('link', { name: '3 conflicts' }).waitFor();
    await judge(page, 'conflicts-cases');
    await page.keyboard.press('Alt+1');
    await plugIn(cli);
    await cardOf(page, 'Hub A · 1').getByText('In conflict').waitFor();
    await judge(page, 'conflicts-bench');
    const strip = region(page, 'Where benches disagree');
    await strip.getByText(/^3 conflicts and 1 change to look at · the oldest /).waitFor();
    await strip.getByRole('link', { name: '3 conflicts' }).click();
    const grid = page.getByRole('grid', { name: 'Cases' });
    await grid.getByText('B2-1').waitFor({ state: 'hidden' });
    expect(await grid.getByRole('link').allTextContents()).toHaveLength(3);
    expect(await grid.getByText('In conflict').count()).toBe(3);
    await judge(page, 'conflicts-found');
    await page.goBack();
    await strip.getByRole('link', { name: '1 change to look at' }).click();
    await grid.getByText('To look at').waitFor();
    expect(await grid.getByRole('link').allTextContents()).toHaveLength(1);
    await page.goBack();
    // The rest of the strip leads to all of them.
    await strip.click({ position: { x: 400, y: 8 } });
    await page.getByRole('heading', { name: 'Conflicts', level: 1 }).waitFor();
    expect(await region(page, 'To choose').getByRole('listitem').count()).toBe(3);
    expect(await region(page, 'To look at').getByRole('listitem').count()).toBe(1);
    await judge(page, 'conflicts-list');

    // One field: what was wanted is taken over, the rest is kept.
    await region(page, 'To choose')
      .getByRole('link', { name: /^B7-1 Changed on two benches at once.* Jon Lund on Bench 7/ })
      .click();
    const card = region(page, 'Changed on two benches at once: “customer” and “place”');
    await card.getByText('Changed customer, place to Quarantine').waitFor();
    await card.getByText(`${ADMIN.name} on Bench 2`).waitFor();
    const timeline = region(page, 'What happened').getByRole('list', { name: 'Timeline, newest first' });
    const lost = timeline.getByRole('listitem').filter({ hasText: 'Changed customer, place to Quarantine' });
    await lost.getByText('Jon Lund on Bench 7').waitFor();
    await lost.getByText('did not hold').scrollIntoViewIfNeeded();
    await judge(page, 'conflict-timeline');
    const place = card.getByRole('radiogroup', { name: 'Place' });
    await place.getByRole('radio', { name: 'Shelf 4 Keep what stands' }).focus();
    await card.getByRole('button', { name: 'Keep what stands' }).waitFor();
    await page.keyboard.press('ArrowRight');
    await card.getByRole('button', { name: 'Take over place, keep the rest' }).waitFor();
    await card.getByLabel('Why').fill('It smells of smoke');
    await page.locator('#main').evaluate((main) => main.scrollTo(0, 0));
    await judge(page, 'conflict-chosen');
    await page.setViewportSize({ width: 720, height: 1000 });
    await judge(page, 'conflict-narrow');
    await page.setViewportSize({ width: 1440, height: 900 });
    await card.getByRole('button', { name: 'Take over place, keep the rest' }).click();
    await card.waitFor({ state: 'hidden' });
    await page.getByText('Settled: place taken over.').waitFor({ state: 'attached' });
    await region(page, 'Facts').getByText('Quarantine').waitFor();
    await region(page, 'Facts').getByText('Acme Repairs').waitFor();
    // Nothing of the case has the focus any more: its heading has.
    await page.getByRole('heading', { name: 'B7-1', level: 1 }).and(page.locator(':focus')).waitFor();
    await timeline
      .getByText('Settled, the other change was taken over: “place” (It smells of smoke)')
      .waitFor();
    await lost.getByText('did not hold').waitFor();
    await lost.scrollIntoViewIfNeeded();
    await judge(page, 'conflict-settled');

    // A move that fits no more cannot be taken over, and says why.
    await goTo(page, /^2 conflicts/, 'B7-2');
    const move = region(page, 'Moved on two benches at once, and both cannot be');
    const blocked = move.getByRole('radio', { name: /^Final check Cannot be taken over now\./ });
    expect(await blocked.isDisabled()).toBe(true);
    await judge(page, 'conflict-blocked');
    const auditor = await auditorOf(page);
    await goTo(auditor, /^2 conflicts/, 'B7-2');
    await auditor.getByText('Whoever works on the case chooses.').waitFor();
    expect(await auditor.getByRole('radio').count()).toBe(0);
    expect(await auditor.getByRole('button', { name: 'Keep what stands' }).count()).toBe(0);
    await judge(auditor, 'conflict-auditor');
    await auditor.close();
    await move.getByRole('button', { name: 'Keep what stands' }).click();
    await move.waitFor({ state: 'hidden' });

    // What becomes impossible while somebody chooses says why, and what was typed stays.
    await goTo(page, /^1 conflict /, 'B7-3');
    const left = region(page, 'Changed on two benches at once: “data instruction”');
    await left.getByRole('radio', { name: /^Destroy/ }).click();
    await left.getByLabel('Why').fill('As the customer wrote');
    await left.getByRole('button', { name: 'Take over data instruction' }).waitFor();
    await bench.client.cases.move({ id: cases.left, to: 'cancelled', reason: 'It will not come' });
    await bench.client.hub.sync();
    const gone = left.getByRole('radio', {
      name: /^Destroy.* Cannot be taken over now\. Case B7-3 is “cancelled”/,
    });
    await gone.waitFor();
    expect(await gone.isDisabled()).toBe(true);
    expect(await left.getByLabel('Why').inputValue()).toBe('As the customer wrote');
    await left.getByRole('button', { name: 'Keep what stands' }).waitFor();
    await judge(page, 'conflict-overtaken');
    await left.getByRole('button', { name: 'Keep what stands' }).click();
    await left.waitFor({ state: 'hidden' });

    // One unit on two cases wants a look; what the other bench settles goes away here too.
    await rail(page, /^1 to look at/).click();
    await region(page, 'To look at').getByRole('link').click();
    const look = page.getByRole('region', { name: /^The same unit is on case B\d-\d too$/ });
    await look.getByRole('button', { name: 'I have looked at it' }).waitFor();
    await judge(page, 'conflict-look');
    const [open] = await bench.client.conflicts.list({});
    await bench.client.conflicts.settle({ id: open?.id ?? '', take: [], reason: null });
    await bench.client.hub.sync();
    await look.waitFor({ state: 'hidden' });
    await rail(page, /^All sent/).click();
    await page.goto(`${new URL(page.url()).origin}/#/cases/conflicts`);
    await page.getByText('All benches agree').waitFor();
    await judge(page, 'conflicts-none');

    await exchange(cli);
    await bench.client.hub.sync();
    expect(await bench.client.conflicts.list({})).toEqual([]);
    for (const id of Object.values(cases)) {
      const here = await asTess<CaseView>(cli, ['case', 'show', id]);
      const { status, fields } = await bench.client.cases.get({ id });
      expect(here).toMatchObject({ status, fields });
    }
    expect((await bench.client.cases.get({ id: cases.edited })).fields).toMatchObject({
      place: 'Quarantine',
      customer: 'Acme Repairs',
    });
    expect(complaints).toEqual([]);
  });
});
