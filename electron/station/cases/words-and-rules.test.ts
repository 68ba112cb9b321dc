import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StationSettings } from '../../../shared/contract/station.ts';
import { isBenchError } from '../../../shared/errors/index.ts';
import { describeOp } from '../../../shared/ops/index.ts';
import {
  IMEI_A,
  IMEI_B,
  IMEI_C,
  label,
  PORT_1,
  refused,
  SERIAL,
  said,
  type TestCases,
  testCases,
} from './testing.ts';

let bench: TestCases;
beforeEach(() => {
  bench = testCases();
});
afterEach(() => bench.dispose());

const texts = (id: string) => bench.cases.timeline({ id }).map(({ text }) => text);
const everything = { filter: {}, sort: 'changed', offset: 0, limit: 9 } as const;

describe('a second case', () => {
  it('is refused when another one in the lab expects one of these numbers', async () => {
    bench.open({ label: label({ serial: 'ABCD1', imei1: IMEI_A }) });
    const opening = (values: Parameters<typeof label>[0]) =>
      refused(() => bench.open({ label: label(values) }));
    expect(await opening({ serial: 'ABCD2', imei1: IMEI_A })).toBe('identity.of-other-unit');
    expect(await opening({ imei1: IMEI_B, imei2: IMEI_A })).toBe('case.open-already');
    const identity = said({ serial: 'ABCD3', imei1: IMEI_A });
    bench.facts.ports.set(PORT_1, { identity, family: 'at', unitId: null });
    expect(await refused(() => bench.open({ portId: PORT_1 }))).toBe('identity.of-other-unit');
    expect(bench.cases.list(everything).total).toBe(1);
    expect(await opening({ serial: 'ABCD2', imei1: IMEI_C })).toBe('done');
  });
});

describe('the tier', () => {
  it('rises by escalating only', async () => {
    const { id } = bench.open();
    const edit = (tier: 'L1' | 'L2' | 'L3') =>
      refused(() => bench.cases.edit(bench.tess, { id, fields: { tier } }));
    expect(await edit('L2')).toBe('case.tier-escalates');
    bench.cases.escalate(bench.tess, { id, tier: 'L3', reason: 'no idea', summary: 'all tried' });
    expect(await edit('L3')).toBe('done');
    expect(await edit('L1')).toBe('done');
    expect(bench.cases.get({ id }).tier).toBe('L1');
  });
});

describe('a list', () => {
  it('names a case by what it expects, not by the wrong unit on it', () => {
    const { id } = bench.open({ label: label({ imei1: IMEI_A, serial: SERIAL }) });
    const identity = said({ imei1: IMEI_B, serial: 'WRONG-1' });
    bench.cases.attachUnit(bench.tess, { id, identity, family: 'at', portId: PORT_1 });
    expect(bench.cases.list(everything).items).toMatchObject([{ imei1: IMEI_A, serial: SERIAL }]);
  });

  it('knows since when a case is where it is, and where it has been', () => {
    const opened = bench.open();
    expect(opened).toMatchObject({ statusSince: opened.openedAt, visited: ['received'] });
    bench.wait(60_000);
    const { id } = opened;
    const moved = bench.cases.move(bench.tess, { id, to: 'diagnosing' });
    bench.cases.move(bench.tess, { id, to: 'repairing' });
    bench.wait(60_000);
    bench.cases.note(bench.tess, { id, text: 'waiting' });
    const back = bench.cases.move(bench.tess, { id, to: 'diagnosing' });
    expect(back.visited).toEqual(['received', 'diagnosing', 'repairing']);
    expect(back.statusSince > moved.statusSince).toBe(true);
    const noted = bench.cases.note(bench.tess, { id, text: 'still' });
    expect(noted.statusSince).toBe(back.statusSince);
    bench.store.rebuild();
    expect(bench.cases.get({ id })).toEqual(noted);
  });
});

describe('the site’s time zone', () => {
  it('is one that dates can be written in', () => {
    const zone = (timeZone: string) => StationSettings.partial().safeParse({ timeZone }).success;
    expect(['Europe/Vienna', 'UTC', 'America/New_York'].map(zone)).toEqual([true, true, true]);
    expect(['Vienna', '', 'Mars/Base', 'Europe/vienna '].map(zone)).toEqual([false, false, false, false]);
  });

  it('of an older bench that cannot be does not keep it from working', async () => {
    const other = testCases('B2', 'Vienna');
    const { id } = other.open({ fields: { promisedOn: '2026-03-01' } });
    expect(other.cases.get({ id }).flags).toContain('overdue');
    other.cases.safetyStop(other.tess, { id, reason: 'smoke' });
    expect(other.cases.timeline({ id }).at(-1)?.text).toContain('2 Mar 2026, 10:0');
    await other.dispose();
  });
});

describe('words for people', () => {
  it('say what a unit without a number is, and where a label was read', () => {
    const { id } = bench.open({ announced: true });
    bench.cases.move(bench.tess, { id, to: 'received' });
    bench.cases.label(bench.tess, { id, label: label({ imei1: IMEI_A }) });
    bench.seen({ imei1: IMEI_A });
    bench.seen({ imei1: IMEI_A });
    expect(texts(id)).toEqual([
      'Opened as announced (policy rugged@1)',
      'Moved from announced to received',
      'Unit entered by hand: nothing is known of it yet',
      'Unit put on the case; it has no number yet',
      'Label read: IMEI 49-015420-323751-8',
      'Unit read: IMEI 49-015420-323751-8',
      'Unit identified: IMEI 49-015420-323751-8',
    ]);
  });

  it('hold no codes and no machine times', () => {
    const { id } = bench.open();
    bench.cases.safetyStop(bench.tess, { id, reason: 'smoke' });
    expect(texts(id).at(-1)).toMatch(/^Safety stop: smoke\. .* by 2 Mar 2026, 11:\d\d:\d\d$/);
    const message = (work: () => unknown): string => {
      try {
        work();
      } catch (error) {
        if (isBenchError(error)) return `${error.message} ${error.hint}`;
      }
      return '';
    };
    const other = bench.open({ fields: { dataInstruction: 'media-returned' } });
    const move = (to: 'shipped' | 'awaiting-approval') => () =>
      bench.cases.move(bench.tess, { id: other.id, to });
    expect(message(move('awaiting-approval'))).toMatch(/to “awaiting approval”.*wiping, returned unrepaired/);
  });

  it('name a step of a run by its title, and an old one by what is known', () => {
    const ended = { phaseId: 'wipe-safety', outcome: 'pass', message: null };
    const words = (body: object) => describeOp({ kind: 'run.phase-ended', body } as never);
    expect(words({ ...ended, title: 'Safety check' })).toBe('Step “Safety check” passed');
    expect(words(ended)).toBe('Step “wipe-safety” passed');
  });
});
