import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CaseFields, CaseFilter } from '../../../shared/model/cases.ts';
import { describeOp } from '../../../shared/ops/index.ts';
import { IMEI_A, label, refused, SERIAL, type TestCases } from '../cases/testing.ts';
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

const conflictsOf = (bench: TestCases) =>
  createConflicts({
    ...{ log: bench.store, caseOf: (id) => bench.cases.get({ id }), personName: () => null },
    ...{ describe: describeOp, edit: bench.cases.edit, move: bench.cases.move },
  });

/** Both benches change the same, the first one's change stands. */
function apart(first: Partial<CaseFields>, second: Partial<CaseFields>): string {
  const { id } = a.open({ label: label({ serial: SERIAL }) });
  site.settle();
  a.cases.edit(a.tess, { id, fields: first });
  b.cases.edit(b.tess, { id, fields: second });
  site.settle();
  return id;
}

/** Closes it as a bench of another version might, whatever guards this one has. */
const close = (bench: TestCases, id: string, to = 'closed') =>
  bench.store.append(bench.tess, [
    { kind: 'case.moved', entityId: id, caseId: id, body: { from: 'received', to, reason: null } },
  ]);

it('a field can be taken over while its case is open', () => {
  apart({ place: 'Shelf 1' }, { place: 'Shelf 2' });
  expect(conflictsOf(a).list({})[0]?.parts).toMatchObject([{ key: 'place', blocked: null }]);
});

it.each([
  ['of a closed case', 'closed', { place: 'Shelf 1' }, { place: 'Shelf 2' }, /^Case B1-1 is closed\.$/],
  [
    'that is an instruction for a unit that has left',
    'shipped',
    { dataInstruction: 'keep' },
    { dataInstruction: 'destroy' },
    /^Case B1-1 is “shipped”: its unit is no longer/,
  ],
] as const)(
  'a field %s cannot be taken over, and says why as the refusal would',
  async (_what, to, first, second, why) => {
    const id = apart(first, second);
    close(a, id, to);
    site.settle();
    const [conflict] = conflictsOf(a).list({ caseId: id });
    const [part] = conflict?.parts ?? [];
    expect(part?.blocked).toMatch(why);
    const take = () =>
      conflictsOf(a).settle(a.tess, { id: conflict?.id ?? '', take: [part?.key ?? ''], reason: null });
    expect(take).toThrow(part?.blocked ?? '');
    expect(
      await refused(() => conflictsOf(a).settle(a.tess, { id: conflict?.id ?? '', take: [], reason: null })),
    ).toBe('done');
  },
);

describe('the cases that wait for a person', () => {
  const list = (flag?: CaseFilter['flag']) => {
    const filter = flag ? { flag } : {};
    const { total, items } = a.cases.list({ filter, sort: 'number', offset: 0, limit: 100 });
    expect(total).toBe(items.length);
    return items.map(({ number, flags }) => [number, ...flags]);
  };

  it('are marked and found by what they wait for, until it is settled', () => {
    const id = apart({ place: 'Shelf 1' }, { place: 'Shelf 2' });
    a.open({ label: label({ imei1: IMEI_A }) });
    b.open({ label: label({ imei1: IMEI_A }) });
    site.settle();
    expect(list('in-conflict')).toEqual([['B1-1', 'in-conflict', 'data-open']]);
    expect(list('to-look-at')).toEqual([['B2-1', 'to-look-at', 'data-open']]);
    expect(list()).toEqual([
      ['B1-1', 'in-conflict', 'data-open'],
      ['B1-2', 'data-open'],
      ['B2-1', 'to-look-at', 'data-open'],
    ]);
    expect(a.cases.get({ id }).flags).toContain('in-conflict');
    const [conflict] = conflictsOf(a).list({ caseId: id });
    conflictsOf(a).settle(a.tess, { id: conflict?.id ?? '', take: [], reason: null });
    expect(list('in-conflict')).toEqual([]);
    expect(a.cases.get({ id }).flags).not.toContain('in-conflict');
  });

  it('are counted once, however many changes of theirs met others', () => {
    const id = apart({ place: 'Shelf 1' }, { place: 'Shelf 2' });
    a.cases.edit(a.tess, { id, fields: { customer: 'Acme' } });
    b.cases.edit(b.tess, { id, fields: { customer: 'Acme Ltd' } });
    site.settle();
    expect(conflictsOf(a).list({})).toHaveLength(2);
    expect(list('in-conflict')).toEqual([['B1-1', 'in-conflict', 'data-open']]);
  });
});
