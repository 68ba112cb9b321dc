import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeOp } from '../../../shared/ops/index.ts';
import { IMEI_A, label, SERIAL, said, type TestCases } from '../cases/testing.ts';
import { systemClock } from '../storage/clock.ts';
import { type TestSite, testSite } from '../testing/site.ts';
import { createConflicts } from './conflicts.ts';

let site: TestSite;
let a: TestCases;
let b: TestCases;
beforeEach(() => {
  site = testSite(2);
  [a, b] = site.benches as [TestCases, TestCases];
});
afterEach(() => site.dispose());

function expectEqual(): void {
  const hashes = site.benches.map((bench) => bench.store.siteHash());
  expect(new Set(hashes).size, JSON.stringify(hashes)).toBe(1);
  for (const bench of site.benches) {
    const before = bench.store.siteHash();
    bench.store.rebuild();
    expect(bench.store.siteHash()).toBe(before);
  }
}
const caseBody = () => ({
  ...{
    number: 'M1-1',
    status: 'received',
    withoutUnit: false,
    policyVersion: '1',
    unitId: null,
    label: null,
  },
  ...{ identifiers: { serial: null, imei1: null, imei2: null, meid: null }, identifiersFrom: 'label' },
  ...{ unitArrived: false, fields: FIELDS },
});
const FIELDS = {
  ...{ fault: 'dead', customer: 'Acme', contact: null, contract: null, priority: 'P2', tier: 'L1' },
  ...{ promisedOn: null, purchasedOn: null, accessories: [], condition: null, assigneeId: null },
  ...{ custodian: null, place: null, dataInstruction: 'wipe' },
};

describe('operations that touch each other by way of a third thing', () => {
  /** Written by whichever version of the program, whatever this one would decide. */
  const write = (
    bench: TestCases,
    kind: string,
    entityId: string,
    body: object,
    caseId: string | null = null,
  ) => bench.store.append(bench.tess, [{ kind, entityId, caseId, body }]);
  const unitOf = (id: string) => a.cases.get({ id }).unit?.id as string;
  const labelled = (id: string, values: object) =>
    write(
      a,
      'case.labelled',
      id,
      { label: { ...label({ serial: SERIAL }), ...values }, identifiers: NOBODY, identifiersFrom: 'label' },
      id,
    );
  const NOBODY = { serial: SERIAL, imei1: null, imei2: null, meid: null };

  it('a label that is read while its unit is read on another bench', () => {
    const { id } = a.open({ label: label({ serial: SERIAL }) });
    site.settle();
    labelled(id, { imei1: IMEI_A });
    write(b, 'unit.seen', unitOf(id), { identity: said({ serial: SERIAL }), family: 'at', portId: null });
    site.push(a);
    site.pull(b);
    site.settle();
    expectEqual();
  });

  it('the label of a unit that another case has too, which is changed on another bench', () => {
    const one = a.open({ label: label({ serial: SERIAL }) });
    const two = a.open({});
    const linked = { unitId: unitOf(one.id), supersedes: [], identifiers: NOBODY, identifiersFrom: 'label' };
    write(a, 'case.unit-linked', two.id, { ...linked, arrived: false, conflicts: 0 }, two.id);
    site.settle();
    labelled(one.id, { model: 'Galaxy' });
    b.cases.edit(b.tess, { id: two.id, fields: { fault: 'dead' } });
    site.push(a);
    site.pull(b);
    site.settle();
    expectEqual();
  });
});

describe('what a bench that keeps to no rule writes', () => {
  it.each([
    ['no JSON', '{"text'],
    ['JSON of another form', '{}'],
    ['a bare value', '7'],
  ])('%s is shown as without effect, and nothing stops', (_what, body) => {
    const { id } = a.open({ label: label({ serial: SERIAL }) });
    site.settle();
    site.forge({ kind: 'case.noted', entity: 'case', entityId: id, caseId: id, body });
    b.cases.edit(b.tess, { id, fields: { place: 'Shelf 1' } });
    site.settle();
    a.cases.edit(a.tess, { id, fields: { place: 'Shelf 2' } });
    b.cases.edit(b.tess, { id, fields: { place: 'Shelf 3' } });
    site.settle();
    expect(a.store.byCase(id).some(({ outcome }) => outcome?.is === 'refused')).toBe(true);
    expect(() => a.cases.timeline({ id })).not.toThrow();
    expect(a.cases.get({ id }).fields.place).toBe('Shelf 2');
    expectEqual();
  });

  it('a change of a case that pretends to be a part of another one', () => {
    const one = a.open({ label: label({ serial: SERIAL }) });
    const two = a.open({ label: label({ imei1: IMEI_A }) });
    site.settle();
    const body = { fields: { place: 'Nowhere' } };
    site.forge({ kind: 'case.fields', entity: 'artifact', entityId: one.id, caseId: two.id, body });
    site.pull(a);
    b.cases.note(b.tess, { id: one.id, text: 'mine' });
    site.settle();
    expectEqual();
  });

  it('a safety stop is released for all benches or for none', () => {
    const one = a.open({ label: label({ serial: SERIAL }) });
    const two = a.open({ label: label({ imei1: IMEI_A }) });
    a.cases.safetyStop(a.tess, { id: one.id, reason: 'smoke' });
    const stopId = a.db.prepare('SELECT id FROM safety_stops').pluck().get();
    site.settle();
    const body = { stopId, reason: 'no' };
    site.forge({ kind: 'case.safety-released', entity: 'case', entityId: two.id, caseId: two.id, body });
    b.cases.note(b.tess, { id: one.id, text: 'mine' });
    site.settle();
    expectEqual();
    expect(a.db.prepare('SELECT released_at FROM safety_stops').pluck().all()).toEqual([null]);
  });

  it('another case’s cause and another case’s conflict stay as they are', () => {
    const one = a.open({ label: label({ serial: SERIAL }) });
    const two = a.open({ label: label({ imei1: IMEI_A }) });
    site.settle();
    a.cases.edit(a.tess, { id: one.id, fields: { place: 'Shelf 1' } });
    b.cases.edit(b.tess, { id: one.id, fields: { place: 'Shelf 2' } });
    site.settle();
    const opId = a.db.prepare('SELECT op_id FROM reviews').pluck().get();
    const body = { opId, choice: 'kept', about: 'it', reason: null };
    site.forge({ kind: 'case.conflict-settled', entity: 'case', entityId: two.id, caseId: two.id, body });
    a.cases.note(a.tess, { id: one.id, text: 'mine' });
    b.cases.note(b.tess, { id: one.id, text: 'mine' });
    site.settle();
    expectEqual();
    expect(a.db.prepare('SELECT settled FROM reviews').pluck().all()).toEqual([null]);
  });

  it('an operation with the id of another one hides nothing', () => {
    const { id } = a.open({ label: label({ serial: SERIAL }) });
    site.settle();
    a.cases.edit(a.tess, { id, fields: { place: 'Shelf 1' } });
    b.cases.edit(b.tess, { id, fields: { place: 'Shelf 2' } });
    site.settle();
    const opId = a.db.prepare('SELECT op_id FROM reviews').pluck().get() as string;
    site.forge({ kind: 'case.noted', entity: 'case', entityId: id, caseId: id, id: opId, body: '' });
    b.cases.note(b.tess, { id, text: 'mine' });
    site.settle();
    expectEqual();
    expect(a.db.prepare('SELECT is_conflict FROM reviews').pluck().all()).toEqual([1]);
  });

  it('an operation on a case under another kind’s name does not make its version stale for ever', () => {
    const { id } = a.open({ label: label({ serial: SERIAL }) });
    site.settle();
    const body = { label: label({ imei1: IMEI_A }), from: 'label' };
    site.forge({ kind: 'unit.registered', entity: 'unit', entityId: id, body });
    site.settle();
    const { version } = a.cases.get({ id });
    a.cases.edit(a.tess, { id, seen: version, fields: { place: 'Shelf 1' } });
    expect(a.cases.get({ id }).fields.place).toBe('Shelf 1');
  });

  it('a change of a case that nobody opened keeps nobody from the other conflicts', () => {
    const { id } = a.open({ label: label({ serial: SERIAL }) });
    const body = { fields: { place: 'Nowhere' } };
    site.forge({ kind: 'case.fields', entity: 'case', entityId: systemClock.id(), caseId: null, body });
    site.settle();
    a.cases.edit(a.tess, { id, fields: { place: 'Shelf 1' } });
    b.cases.edit(b.tess, { id, fields: { place: 'Shelf 2' } });
    site.settle();
    const conflicts = createConflicts({
      ...{ log: a.store, caseOf: (caseId) => a.cases.get({ id: caseId }), personName: () => null },
      ...{ describe: describeOp, edit: a.cases.edit, move: a.cases.move },
    });
    expect(conflicts.list({}).map(({ caseId }) => caseId)).toEqual([id]);
    expectEqual();
  });

  it('kinds named as what every object has, and words in the place of numbers', () => {
    const { id } = a.open({ label: label({ serial: SERIAL }) });
    site.settle();
    for (const kind of ['constructor', '__proto__', 'toString']) {
      site.forge({ kind, entity: 'case', entityId: id, caseId: id, body: { fields: {} } });
    }
    const number = { ...caseBody(), number: 'no number' };
    site.forge({ kind: 'case.opened', entity: 'case', entityId: '__proto__', caseId: id, body: number });
    const fields = '{"fields": {"__proto__": {"place": "x"}, "unknown": 1, "place": "Shelf 1"}}';
    site.forge({ kind: 'case.fields', entity: 'case', entityId: id, caseId: id, body: fields });
    b.cases.note(b.tess, { id, text: 'mine' });
    site.settle();
    expect(a.cases.get({ id }).fields).toMatchObject({ place: 'Shelf 1' });
    expect(Object.keys(a.cases.get({ id }).fields)).not.toContain('unknown');
    expect(() => a.cases.timeline({ id })).not.toThrow();
    expectEqual();
  });

  it('what took the place of an own operation keeps the bench from nothing', () => {
    const { id } = a.open({ label: label({ serial: SERIAL }) });
    site.settle();
    const noteId = systemClock.id();
    // Numbered before the own one, as it can be when a hub was restored.
    site.forge({
      kind: 'case.noted',
      entity: 'case',
      entityId: id,
      caseId: id,
      body: { noteId, text: 'first' },
    });
    const body = { noteId, text: 'mine' };
    b.store.append(b.tess, [{ kind: 'case.noted', entityId: id, caseId: id, body }]);
    site.settle();
    b.cases.edit(b.tess, { id, fields: { place: 'Shelf 1' } });
    site.settle();
    expect(a.cases.get({ id }).fields.place).toBe('Shelf 1');
    expectEqual();
  });
});

describe('what is decided while the unit leaves elsewhere', () => {
  const gone = (bench: TestCases, id: string) =>
    bench.store
      .append(bench.tess, [
        {
          kind: 'case.moved',
          entityId: id,
          caseId: id,
          body: { from: 'received', to: 'shipped', reason: null },
        },
      ])
      .at(-1);
  const codes = (bench: TestCases, id: string) =>
    bench.store
      .byCase(id)
      .flatMap(({ outcome }) =>
        outcome?.is === 'applied' || outcome?.is === 'conflict' ? outcome.unseen : [],
      )
      .map(({ code }) => code);

  it.each([
    ['its data instruction', 'instruction-changed', true],
    ['its data instruction', 'instruction-changed', false],
    ['a safety stop', 'safety-stop', true],
    ['a safety stop', 'safety-stop', false],
  ])('%s is told of, whichever the hub hears of first (%s, %s)', (_what, code, isGoneFirst) => {
    const { id } = a.open({ label: label({ serial: SERIAL }) });
    site.settle();
    gone(a, id);
    if (code === 'safety-stop') b.cases.safetyStop(b.tess, { id, reason: 'smoke' });
    else b.cases.edit(b.tess, { id, fields: { dataInstruction: 'destroy' } });
    site.push(isGoneFirst ? a : b);
    site.settle();
    expect(codes(a, id)).toEqual([code]);
    expect(a.db.prepare('SELECT count(*) FROM reviews').pluck().get()).toBe(1);
    expectEqual();
  });
});
