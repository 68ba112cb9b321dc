import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAnswerSink } from './answers.ts';
import { IMEI_A, IMEI_B, label, PORT_1, refused, SERIAL, type TestCases, testCases } from './testing.ts';

let bench: TestCases;
let sink: ReturnType<typeof createAnswerSink>;
beforeEach(() => {
  bench = testCases();
  sink = createAnswerSink(bench.cases);
});
afterEach(() => bench.dispose());

const show = (id: string) => bench.cases.get({ id });

describe('an identifier from the label', () => {
  it('is refused when it cannot be right, or is of another case’s unit', async () => {
    const { id } = bench.open();
    bench.open({ label: label({ imei1: IMEI_B }) });
    const check = (target: Parameters<typeof sink.check>[1], text: string) =>
      refused(() => sink.check(id, target, text));
    expect(await check('label.imei1', '490154203237519')).toBe('identity.check-digit');
    expect(await check('label.imei1', IMEI_B)).toBe('identity.of-other-unit');
    expect(await check('label.serial', 'unknown')).toBe('identity.placeholder');
    expect(await check('label.imei1', IMEI_A)).toBe('done');
    const claim = bench.open({ withoutUnit: true });
    expect(await refused(() => sink.check(claim.id, 'label.serial', SERIAL))).toBe('case.no-unit');
  });

  it('joins what was read of the label so far, and is compared with the unit', () => {
    const { id } = bench.open({ label: label({ serial: SERIAL }) });
    bench.seen({ serial: SERIAL, imei1: IMEI_A }, PORT_1);
    sink.take(bench.tess, id, 'label.imei1', '49-015420-323751-8');
    expect(show(id)).toMatchObject({ conflicts: [], unit: { label: { serial: SERIAL, imei1: IMEI_A } } });
    sink.take(bench.tess, id, 'label.imei1', IMEI_B);
    expect(show(id).flags).toContain('identity-conflict');
  });
});

describe('a fact of the case', () => {
  it('is added to what stands there, once', () => {
    const fields = { fault: 'no picture', accessories: ['Charger'] };
    const { id } = bench.open({ fields });
    for (const _ of [1, 2]) {
      sink.take(bench.tess, id, 'fields.fault', 'Press power, wait: E-17');
      sink.take(bench.tess, id, 'fields.condition', 'Used: light scratches');
      sink.take(bench.tess, id, 'fields.accessories', 'charger, SIM card; none');
    }
    expect(show(id).fields).toMatchObject({
      fault: 'no picture\nPress power, wait: E-17',
      condition: 'Used: light scratches',
      accessories: ['Charger', 'SIM card'],
    });
    sink.take(bench.tess, id, 'note', 'smells of coffee');
    expect(show(id).notes.map(({ text }) => text)).toEqual(['smells of coffee']);
  });

  it('is refused when it is too much', async () => {
    const { id } = bench.open({ fields: { fault: 'x'.repeat(3990) } });
    expect(await refused(() => sink.check(id, 'fields.fault', 'y'.repeat(20)))).toBe('input.invalid');
    expect(await refused(() => sink.check(id, 'fields.fault', 'y'))).toBe('done');
  });
});

it('raises the safety stop, once', () => {
  const { id } = bench.open();
  sink.take(bench.tess, id, 'safety-stop', 'Inspection by hand: swollen battery');
  sink.take(bench.tess, id, 'safety-stop', 'again');
  expect(show(id).safety).toMatchObject({ reason: 'Inspection by hand: swollen battery', by: 'Tess' });
});
