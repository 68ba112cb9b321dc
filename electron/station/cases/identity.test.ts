import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Identity } from '../../../shared/model/units.ts';
import {
  IMEI_A,
  IMEI_B,
  IMEI_C,
  label,
  PORT_1,
  PORT_2,
  refused,
  SERIAL,
  said,
  type TestCases,
  testCases,
  testRun,
  testWipe,
} from './testing.ts';

let bench: TestCases;
beforeEach(() => {
  bench = testCases();
});
afterEach(() => bench.dispose());

const show = (id: string) => bench.cases.get({ id });
const waysOut = (id: string) => show(id).conflicts.map((conflict) => [conflict.field, conflict.waysOut]);
const change = (id: string, field: 'serial' | 'imei1', to: string, witness = 'Quinn', pin = '2468') =>
  bench.cases.identityChange(bench.tess, {
    id,
    field,
    to,
    reason: 'main board swapped',
    partSerial: 'PB-7',
    witness: { name: witness, pin },
  });
const attach = (id: string, values: Partial<Identity>, portId: string | null = PORT_1) =>
  bench.cases.attachUnit(bench.tess, { id, identity: said(values), family: 'at', portId });
const units = () => (bench.db.prepare('SELECT count(*) AS n FROM units').get() as { n: number }).n;

describe('which unit it is', () => {
  it('is found by any strong identifier, and learns the others', () => {
    const first = bench.seen({ imei1: IMEI_A, model: 'X1' }, PORT_1);
    expect(bench.seen({ imei1: IMEI_A, serial: SERIAL }, PORT_2).id).toBe(first.id);
    expect(bench.seen({ serial: SERIAL.toLowerCase() }, PORT_1).id).toBe(first.id);
    expect(bench.seen({ imei1: '4901542032375178' }).id).toBe(first.id);
    expect(units()).toBe(1);
    expect(bench.cases.unit(first.id)?.identity.imei1).toBe('4901542032375178');
  });

  it('is another one as soon as one identifier contradicts', () => {
    const first = bench.seen({ imei1: IMEI_A, serial: SERIAL });
    expect(bench.seen({ imei1: IMEI_B, serial: SERIAL }).id).not.toBe(first.id);
    expect(bench.seen({ imei1: IMEI_A, serial: 'OTHER-1' }).id).not.toBe(first.id);
    expect(bench.seen({ imei1: IMEI_A, serial: SERIAL }).id).toBe(first.id);
  });

  it('is never found by what names no unit', () => {
    const nothings: Partial<Identity>[] = [
      {},
      { serial: '' },
      { serial: '00000000' },
      { serial: 'unknown' },
      { serial: '0123456789ABCDEF' },
      { imei1: '000000000000000' },
      { imei1: '490154203237519' },
      { macs: ['02:00:00:00:00:01'] },
    ];
    const ids = [...nothings, ...nothings].map((values) => bench.seen(values, PORT_1).id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('of two makers may have the same serial number', () => {
    const first = bench.seen({ maker: 'Acme', serial: '10001' });
    expect(bench.seen({ maker: 'Other', serial: '10001' }).id).not.toBe(first.id);
    expect(bench.seen({ maker: 'ACME', serial: '10001' }).id).toBe(first.id);
  });

  it('without any identifier is the same on the same port with the same hardware addresses', () => {
    const router = { maker: 'Acme', model: 'R1', macs: ['00:11:32:aa:bb:cc', '02:11:32:aa:bb:cc'] };
    const first = bench.seen(router, PORT_1);
    expect(bench.seen(router, PORT_1).id).toBe(first.id);
    expect(bench.seen(router, PORT_2).id).not.toBe(first.id);
    expect(bench.seen({ ...router, macs: ['00:11:32:aa:bb:cd'] }, PORT_1).id).not.toBe(first.id);
  });

  it('was known by its label before it spoke', () => {
    const { id, unit } = bench.open({ label: label({ imei1: IMEI_A }) });
    expect(bench.seen({ imei1: IMEI_A, serial: SERIAL }).id).toBe(unit?.id);
    const view = show(id);
    expect(view.identifiers).toEqual({
      serial: SERIAL,
      imei1: IMEI_A,
      imei2: null,
      meid: null,
      family: 'at',
    });
    expect(view.conflicts).toEqual([]);
    expect(bench.cases.caseForUnit(unit?.id ?? '')?.number).toBe('B1-1');
  });
});

describe('a mismatch and its ways out', () => {
  it('stops the case when the unit on its port now says something else, and lets go when it is read again', async () => {
    const right = { imei1: IMEI_A, serial: SERIAL };
    const { id } = bench.open({ label: label(right) });
    const unit = bench.seen(right, PORT_1);
    const wrong = bench.seen({ ...right, imei1: IMEI_B }, PORT_1);
    expect(wrong.id).not.toBe(unit.id);
    expect(show(id)).toMatchObject({ flags: ['identity-conflict', 'data-open'], unit: { id: wrong.id } });
    expect(waysOut(id)).toEqual([
      ['imei1', ['re-read', 'correct-label', 'identity-change', 'wrong-unit', 'escalate']],
    ]);
    expect(show(id).conflicts[0]?.message).toContain('the unit says 35-693803-564380-9');
    expect(await refused(() => bench.cases.move(bench.tess, { id, to: 'diagnosing' }))).toBe(
      'case.identity-conflict',
    );
    expect(
      bench.cases.list({ filter: { flag: 'identity-conflict' }, sort: 'changed', offset: 0, limit: 9 }).total,
    ).toBe(1);
    bench.seen(right, PORT_2);
    expect(show(id)).toMatchObject({ flags: ['data-open'], conflicts: [], unit: { id: unit.id } });
  });

  it('leaves a case alone when a unit elsewhere shares a number with it', () => {
    const { id } = bench.open({ label: label({ imei1: IMEI_A, serial: SERIAL }) });
    const unit = bench.seen({ imei1: IMEI_A, serial: SERIAL }, PORT_1);
    const other = bench.seen({ imei1: IMEI_B, serial: SERIAL }, PORT_2);
    expect(show(id)).toMatchObject({ conflicts: [], unit: { id: unit.id } });
    // The card of the other one still shows which case may be meant.
    expect(bench.cases.caseForUnit(other.id)?.number).toBe('B1-1');
  });

  it('shows the conflict when a person puts the wrong unit on the case', () => {
    const { id } = bench.open({ label: label({ imei1: IMEI_A }) });
    expect(attach(id, { imei1: IMEI_B }).flags).toContain('identity-conflict');
    expect(show(id).identifiers?.imei1).toBe(IMEI_A);
    expect(attach(id, { imei1: IMEI_A }).conflicts).toEqual([]);
  });

  it('takes a mistyped label back, and the case with it, while only the label had told', async () => {
    const { id } = bench.open({ label: label({ imei1: IMEI_B }) });
    attach(id, { imei1: IMEI_A });
    expect(waysOut(id)).toEqual([
      ['imei1', ['re-read', 'correct-label', 'identity-change', 'wrong-unit', 'escalate']],
    ]);
    const view = bench.cases.label(bench.tess, { id, label: label({ imei1: IMEI_A }) });
    expect(view.conflicts).toEqual([]);
    expect(view.identifiers?.imei1).toBe(IMEI_A);
    expect(await refused(() => bench.cases.move(bench.tess, { id, to: 'diagnosing' }))).toBe('done');
  });

  it('never lets a label overwrite what a customer announced or a unit confirmed', () => {
    const announced = bench.open({ announced: true, label: label({ imei1: IMEI_A }) });
    const labelled = bench.cases.label(bench.tess, { id: announced.id, label: label({ imei1: IMEI_B }) });
    expect(labelled.identifiers?.imei1).toBe(IMEI_A);
    expect(labelled.conflicts).toMatchObject([
      { field: 'imei1', labelSays: IMEI_B, caseSays: IMEI_A, unitSays: null },
    ]);

    const confirmed = bench.open({ label: label({ imei1: IMEI_C }) });
    attach(confirmed.id, { imei1: IMEI_C });
    const view = bench.cases.label(bench.tess, { id: confirmed.id, label: label({ serial: 'A-1234' }) });
    expect(view.identifiers?.imei1).toBe(IMEI_C);
  });

  it('binds a case to its data instruction once the unit was read here, received or not', async () => {
    const { id } = bench.open({ announced: true });
    bench.cases.label(bench.tess, { id, label: label({ imei1: IMEI_A }) });
    expect(show(id).flags).toEqual([]);
    attach(id, { imei1: IMEI_A });
    expect(show(id).flags).toEqual(['data-open']);
    const cancel = () => bench.cases.move(bench.tess, { id, to: 'cancelled', reason: 'solved' });
    expect(await refused(cancel)).toBe('case.not-wiped');
  });

  it('takes the other IMEI of a dual-SIM phone once a person says so', () => {
    const { id } = bench.open({ label: label({ imei1: IMEI_B }) });
    const phone = { imei1: IMEI_A, imei2: IMEI_B };
    attach(id, phone);
    expect(waysOut(id)).toEqual([
      ['imei1', ['re-read', 'other-imei', 'correct-label', 'identity-change', 'wrong-unit', 'escalate']],
    ]);
    const view = bench.cases.label(bench.tess, { id, label: label({ imei2: IMEI_B }) });
    expect(view.conflicts).toEqual([]);
    expect(view.identifiers).toMatchObject(phone);
  });

  it('does so for what the customer announced, too', () => {
    const { id } = bench.open({ announced: true, label: label({ imei1: IMEI_B }) });
    attach(id, { imei1: IMEI_A, imei2: IMEI_B });
    expect(waysOut(id)).toEqual([
      ['imei1', ['re-read', 'other-imei', 'identity-change', 'wrong-unit', 'escalate']],
    ]);
    const view = bench.cases.label(bench.tess, { id, label: label({ imei2: IMEI_B }) });
    expect(view).toMatchObject({ conflicts: [], identifiers: { imei1: IMEI_A, imei2: IMEI_B } });
  });

  it('escalates with the conflict standing', () => {
    const { id } = bench.open({ label: label({ imei1: IMEI_A }) });
    attach(id, { imei1: IMEI_B });
    const escalated = bench.cases.escalate(bench.tess, {
      id,
      tier: 'L2',
      reason: 'wrong unit?',
      summary: 'see label',
    });
    expect(escalated.conflicts).toHaveLength(1);
  });

  it('keeps a unit of another open case away, by port and by label', async () => {
    const first = bench.open({ label: label({ imei1: IMEI_A }) });
    const second = bench.open();
    expect(await refused(() => attach(second.id, { imei1: IMEI_A }))).toBe('case.open-already');
    expect(
      await refused(() => bench.cases.label(bench.tess, { id: second.id, label: label({ imei1: IMEI_A }) })),
    ).toBe('identity.of-other-unit');
    expect(show(first.id).conflicts).toEqual([]);
  });

  it('finds the history of a dead unit by its label', () => {
    const unit = bench.seen({ imei1: IMEI_A, model: 'X1' });
    const { id } = bench.open();
    const view = bench.cases.label(bench.tess, { id, label: label({ imei1: IMEI_A }) });
    expect(view).toMatchObject({ unit: { id: unit.id }, model: 'X1', imei1: IMEI_A, conflicts: [] });
  });

  it('keeps what was done on a unit before it had a name', () => {
    const known = bench.seen({ imei1: IMEI_A });
    const { id, unit } = bench.open({ fields: { dataInstruction: 'keep' } });
    bench.facts.runs.push(testRun(id, { unitId: unit?.id ?? null }));
    const view = bench.cases.label(bench.tess, { id, label: label({ imei1: IMEI_A }) });
    expect(view.unit?.id).toBe(known.id);
    expect(bench.cases.unit(unit?.id ?? '')?.id).toBe(known.id);
    expect(bench.cases.factsOf(id).passedRun).toBe(true);
  });

  it('takes a person’s word for a unit that says nothing', () => {
    const { id, unit } = bench.open({ label: label({ serial: SERIAL }) });
    expect(attach(id, { model: 'R1' }).unit?.id).toBe(unit?.id);
    expect(attach(id, { model: 'R1' }).unit?.id).toBe(unit?.id);
    expect(show(id)).toMatchObject({ conflicts: [], identifiers: { serial: SERIAL } });
  });
});

describe('a recorded change of identity', () => {
  it('needs a second person with their own PIN', async () => {
    const { id } = bench.open({ label: label({ imei1: IMEI_A }) });
    expect(await refused(() => change(id, 'imei1', IMEI_B, 'Tess'))).toBe('people.same-person');
    expect(await refused(() => change(id, 'imei1', IMEI_B, 'Quinn', '0000'))).toBe('people.wrong-pin');
    expect(await refused(() => change(id, 'imei1', IMEI_A))).toBe('identity.unchanged');
    expect(await refused(() => change(id, 'imei1', '490154203237519'))).toBe('identity.check-digit');
    expect(show(id).identifiers?.imei1).toBe(IMEI_A);
  });

  it('carries the history over to the unit with its new board', async () => {
    const { id, unit } = bench.open({ label: label({ imei1: IMEI_A, serial: SERIAL }) });
    bench.seen({ imei1: IMEI_A, serial: SERIAL }, PORT_1);
    const swapped = bench.seen({ imei1: IMEI_B, serial: SERIAL }, PORT_1);
    expect(show(id).unit?.id).toBe(swapped.id);
    const view = await change(id, 'imei1', IMEI_B);
    expect(view).toMatchObject({ conflicts: [], unit: { id: unit?.id, identity: { imei1: IMEI_B } } });
    expect(view.identifiers).toMatchObject({ imei1: IMEI_B, serial: SERIAL });
    // Whoever remembers the record of the first reading is led on.
    expect(bench.cases.unit(swapped.id)?.id).toBe(unit?.id);
    expect(bench.seen({ imei1: IMEI_B, serial: SERIAL }, PORT_1).id).toBe(unit?.id);
    // Both numbers find the case.
    expect(bench.cases.find({ text: IMEI_A }).map((found) => found.id)).toEqual([id]);
    expect(bench.cases.find({ text: IMEI_B }).map((found) => found.id)).toEqual([id]);
    expect(bench.cases.timeline({ id }).at(-1)?.text).toBe(
      `IMEI 1 changed from ${IMEI_A} to ${IMEI_B}, part PB-7, witnessed by Quinn: main board swapped`,
    );
  });

  it('may be recorded before the unit is read again', async () => {
    const { id, unit } = bench.open({ label: label({ imei1: IMEI_A }) });
    bench.seen({ imei1: IMEI_A });
    expect((await change(id, 'imei1', IMEI_B)).conflicts).toEqual([]);
    expect(bench.seen({ imei1: IMEI_B }).id).toBe(unit?.id);
    expect(bench.seen({ imei1: IMEI_A }).id).not.toBe(unit?.id);
  });

  it('does not let the wipe of the old board count for the new one', async () => {
    const { id, unit } = bench.open({ label: label({ imei1: IMEI_A, serial: SERIAL }) });
    bench.seen({ imei1: IMEI_A, serial: SERIAL });
    bench.facts.wipes.push(testWipe(id, unit?.id ?? '', '2026-03-02T09:00:01.000Z', bench.start(id)));
    expect(show(id).flags).toEqual([]);
    const changed = await change(id, 'imei1', IMEI_B);
    expect(changed.flags).toEqual(['data-open']);
    expect(changed.dataState).toEqual({ settled: false, media: [] });
  });

  it('does not add the storage of the old board to the card of the new one', async () => {
    const { id, unit } = bench.open({ label: label({ imei1: IMEI_A, serial: SERIAL }) });
    bench.seen({ imei1: IMEI_A, serial: SERIAL });
    const medium = (path: string, serial: string) => ({ path, label: path, model: null, serial, bytes: 1 });
    const card = medium('/dev/mmcblk1', '0x2f81c40b');
    const wipe = testWipe(id, unit?.id ?? '', '2026-03-02T09:00:01.000Z', bench.start(id));
    bench.facts.wipes.push({
      ...wipe,
      media: [medium('/dev/mmcblk0', '0x71d0a5e2'), card],
      wiped: '/dev/mmcblk0',
    });
    await change(id, 'imei1', IMEI_B);
    const after = { ...wipe, at: '2026-03-02T10:00:00.000Z', runId: bench.start(id) };
    bench.facts.wipes.push({
      ...after,
      media: [medium('/dev/mmcblk0', '0x99d0a5e2'), card],
      wiped: '/dev/mmcblk1',
    });
    expect(show(id).dataState).toMatchObject({ settled: false, media: [{ wiped: false }, { wiped: true }] });
  });

  it('refuses the IMEI of a unit on another open case', async () => {
    const other = bench.open({ label: label({ imei1: IMEI_B }) });
    const { id } = bench.open({ label: label({ imei1: IMEI_A }) });
    expect(await refused(() => change(id, 'imei1', IMEI_B))).toBe('identity.of-other-unit');
    expect(show(other.id).conflicts).toEqual([]);
  });
});

describe('finding', () => {
  it('works by id, number and every identifier, however it is written', () => {
    const { id, number } = bench.open({
      label: label({ imei1: IMEI_A, imei2: IMEI_B, serial: SERIAL, meid: 'AF0123450ABCDE' }),
    });
    bench.open({ label: label({ imei1: IMEI_C }) });
    for (const text of [
      id,
      id.toUpperCase(),
      number,
      number.toLowerCase(),
      IMEI_A,
      '49-015420-323751-8',
      'IMEI: 49 015420 323751 8',
      '4901542032375178',
      IMEI_B,
      SERIAL,
      SERIAL.toLowerCase(),
      `S/N: ${SERIAL}`,
      'AF0123450ABCDE',
      '293608736500703710',
    ]) {
      expect(
        bench.cases.find({ text }).map((found) => found.id),
        text,
      ).toEqual([id]);
      expect(bench.cases.get({ id: text }).number, text).toBe(number);
    }
    for (const text of ['B1-99', '490154203237519', 'RF8N20', 'unknown', '0000', '%', '']) {
      expect(bench.cases.find({ text })).toEqual([]);
    }
  });
});
