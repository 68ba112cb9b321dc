import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { strongMatch } from '../../../shared/identity/index.ts';
import type { Identity } from '../../../shared/model/units.ts';
import {
  IMEI_A,
  IMEI_B,
  label,
  PORT_1,
  PORT_2,
  refused,
  SERIAL,
  said,
  type TestCases,
  testCases,
  testRun,
} from './testing.ts';

let bench: TestCases;
beforeEach(() => {
  bench = testCases();
});
afterEach(() => bench.dispose());

const show = (id: string) => bench.cases.get({ id });
const attach = (id: string, values: Partial<Identity>, family: 'at' | 'console' = 'at') =>
  bench.cases.attachUnit(bench.tess, { id, identity: said(values), family, portId: PORT_2 });
const read = (values: Partial<Identity>, portId = PORT_1) =>
  bench.cases.unitSeen(bench.tess, said(values), 'console', portId);
const wrong = (id: string) => bench.cases.wrongUnit(bench.tess, { id, reason: 'plugged in by mistake' });

describe('a serial number that two makers gave', () => {
  it('does not let a unit of the other maker take over a case', () => {
    const { id } = bench.open({ label: label({ serial: '10001' }) });
    const own = read({ maker: 'Acme', model: 'R1', serial: '10001' });
    expect(show(id)).toMatchObject({ unit: { id: own.id }, identifiers: { maker: 'Acme' } });
    for (const port of [PORT_2, PORT_1]) {
      const other = read({ maker: 'Other', model: 'T9', serial: '10001' }, port);
      expect(other.id).not.toBe(own.id);
      expect(show(id)).toMatchObject({ unit: { id: own.id }, conflicts: [] });
      expect(bench.cases.caseForUnit(other.id)).toBeNull();
    }
  });

  it('is a conflict, and no match for a wipe, when a person puts that unit on the case', () => {
    const { id } = bench.open({ label: label({ serial: '10001' }) });
    read({ maker: 'Acme', serial: '10001' });
    const view = attach(id, { maker: 'Other', serial: '10001' }, 'console');
    expect(view.conflicts).toMatchObject([
      {
        field: 'maker',
        unitSays: 'Other',
        caseSays: 'Acme',
        waysOut: ['re-read', 'identity-change', 'wrong-unit', 'escalate'],
      },
    ]);
    const { identifiers, unit } = view;
    expect(identifiers && unit && strongMatch(unit.identity, identifiers).ok).toBe(false);
    // Makers word their own name in more than one way.
    expect(attach(id, { maker: 'ACME Inc.', serial: '10001' }, 'console').conflicts).toEqual([]);
  });

  it('can be told apart by hand when a second unit arrives dead', async () => {
    bench.open({ label: label({ serial: '10001' }) });
    read({ maker: 'Acme', serial: '10001' });
    const opening = (maker?: string) =>
      bench.open({ label: label({ serial: '10001', ...(maker ? { maker } : {}) }) });
    expect(await refused(() => opening())).toBe('case.serial-in-use');
    expect(await refused(() => opening('Acme'))).toBe('case.open-already');
    expect(opening('Other')).toMatchObject({
      number: 'B1-2',
      conflicts: [],
      identifiers: { maker: 'Other' },
    });
  });
});

describe('a unit that says no number', () => {
  const phone = { maker: 'Acme', model: 'X1', imei1: IMEI_A };

  it.each([
    ['of another family', { firmware: '1.0' }, 'console'],
    ['of another model', { maker: 'Acme', model: 'X2' }, 'at'],
    ['of another maker', { maker: 'Other' }, 'at'],
  ] as const)('%s does not become the phone of the case', (_, values, family) => {
    const { id } = bench.open({ label: label({ imei1: IMEI_A }) });
    const own = attach(id, phone).unit;
    bench.facts.runs.push(testRun(id, { kind: 'diagnosis', unitId: own?.id ?? null }));
    const view = attach(id, values, family);
    expect(view.flags).toContain('identity-conflict');
    expect(view.conflicts[0]?.waysOut).toContain('wrong-unit');
    expect(view.unit?.id).not.toBe(own?.id);
    expect(bench.cases.unit(own?.id ?? '')?.identity.imei1).toBe(IMEI_A);
    expect(bench.cases.factsOf(id).passedRun).toBe(false);
    // The right one settles it, read again on any port.
    expect(bench.seen(phone, PORT_1).id).toBe(own?.id);
    expect(show(id)).toMatchObject({ conflicts: [], unit: { id: own?.id } });
  });

  it('is the case’s own when nothing contradicts', () => {
    const { id } = bench.open({ label: label({ imei1: IMEI_A }) });
    const own = attach(id, phone).unit;
    expect(attach(id, { maker: 'Acme', model: 'X1' })).toMatchObject({
      conflicts: [],
      unit: { id: own?.id },
    });
  });
});

describe('taking the wrong unit off', () => {
  it('frees a nameless case, with what was done on its own unit before', () => {
    const { id, unit } = bench.open({ fields: { dataInstruction: 'keep' } });
    bench.facts.runs.push(testRun(id, { unitId: unit?.id ?? null }));
    const stranger = attach(id, { imei1: IMEI_B, model: 'X9' }).unit;
    bench.facts.runs.push(testRun(id, { kind: 'diagnosis', outcome: 'fail', unitId: stranger?.id ?? null }));
    const view = wrong(id);
    expect(view).toMatchObject({ unit: { id: unit?.id }, imei1: null, model: null, conflicts: [] });
    expect(view.identifiers).toEqual({ serial: null, imei1: null, imei2: null, meid: null });
    expect(bench.cases.factsOf(id).passedRun).toBe(true);
    expect(bench.cases.timeline({ id }).map(({ text }) => text)).toContain(
      'Unit taken off the case, it was the wrong one: plugged in by mistake',
    );
    // The stranger is nobody's now, and may have a case of its own.
    bench.seen({ imei1: IMEI_B, model: 'X9' }, PORT_2);
    expect(show(id).unit?.id).toBe(unit?.id);
    expect(bench.open({ label: label({ imei1: IMEI_B }) }).unit?.id).toBe(stranger?.id);
    expect(attach(id, { imei1: IMEI_A })).toMatchObject({ conflicts: [], imei1: IMEI_A });
  });

  it('goes back to what the label says, and to its unit', () => {
    const { id, unit } = bench.open({ label: label({ imei1: IMEI_A }) });
    expect(attach(id, { imei1: IMEI_B, serial: SERIAL }).imei1).toBe(IMEI_A);
    expect(wrong(id)).toMatchObject({
      unit: { id: unit?.id, label: { imei1: IMEI_A } },
      identifiers: { imei1: IMEI_A, serial: null },
      conflicts: [],
    });
  });

  it('goes back to what the customer announced', () => {
    const { id } = bench.open({ announced: true, label: label({ serial: SERIAL }) });
    attach(id, { serial: SERIAL, imei1: IMEI_B });
    expect(show(id).identifiers).toMatchObject({ imei1: IMEI_B });
    const view = wrong(id);
    expect(view.identifiers).toEqual({ serial: SERIAL, imei1: null, imei2: null, meid: null });
    // Something was here: its data instruction binds until somebody signs.
    expect(view.flags).toContain('data-open');
  });

  it('gives a case that was opened on the port a unit without a name', () => {
    const wrongly = said({ imei1: IMEI_B });
    bench.facts.ports.set(PORT_1, { identity: wrongly, family: 'at', unitId: null });
    const { id, unit } = bench.open({ portId: PORT_1 });
    const labelled = bench.cases.label(bench.tess, { id, label: label({ imei1: IMEI_A }) });
    expect(labelled.conflicts[0]?.waysOut).toContain('wrong-unit');
    const view = wrong(id);
    expect(view).toMatchObject({ conflicts: [], imei1: IMEI_A, unit: { label: { imei1: IMEI_A } } });
    expect(view.unit?.id).not.toBe(unit?.id);
    expect(bench.cases.unit(unit?.id ?? '')?.label.imei1).toBeNull();
    expect(bench.seen({ imei1: IMEI_A }).id).toBe(view.unit?.id);
    bench.store.rebuild();
    expect(show(id)).toMatchObject({ conflicts: [], imei1: IMEI_A, unit: { id: view.unit?.id } });
  });

  it('is refused where nobody has read a unit, and while a run is under way', async () => {
    const { id } = bench.open({ label: label({ imei1: IMEI_A }) });
    expect(await refused(() => wrong(id))).toBe('case.unit-unread');
    attach(id, { imei1: IMEI_B });
    bench.facts.runs.push(testRun(id, { state: 'running', outcome: null, endedAt: null }));
    expect(await refused(() => wrong(id))).toBe('case.run-under-way');
    const claim = bench.open({ withoutUnit: true });
    expect(await refused(() => wrong(claim.id))).toBe('case.no-unit');
  });
});
