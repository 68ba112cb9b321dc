import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CaseFilter, STATUSES } from '../../../shared/model/cases.ts';
import { LEFT_LAB } from '../../../shared/rma/index.ts';
import { IMEI_A, IMEI_B, label, SERIAL, type TestCases, testCases } from './testing.ts';

let bench: TestCases;
const ids: string[] = [];
beforeAll(() => {
  bench = testCases();
  const open = (input: Parameters<TestCases['open']>[0]) => ids.push(bench.open(input).id);
  open({
    label: label({ imei1: IMEI_A, imei2: IMEI_B, serial: SERIAL, model: 'Räder X1' }),
    fields: {
      customer: 'Müller & Söhne',
      fault: 'no picture after a drop',
      priority: 'P2',
      promisedOn: '2026-03-10',
    },
  });
  open({
    announced: true,
    fields: {
      customer: 'Acme “50 %” Ltd.',
      fault: 'battery_drains',
      priority: 'P1',
      promisedOn: '2026-02-01',
    },
  });
  open({
    fields: {
      customer: 'Acme',
      fault: 'picture flickers',
      promisedOn: '2026-03-01',
      assigneeId: bench.quinn.id,
    },
  });
  open({ withoutUnit: true, fields: { customer: 'Zoë', fault: 'stolen' } });
  bench.cases.note(bench.tess, { id: ids[0] ?? '', text: 'called' });
});
afterAll(() => bench.dispose());

const list = (
  filter: Parameters<TestCases['cases']['list']>[0]['filter'],
  sort: Parameters<TestCases['cases']['list']>[0]['sort'] = 'number',
  page: { offset: number; limit: number } = { offset: 0, limit: 100 },
) => bench.cases.list({ filter, sort, ...page });
const numbers = (...args: Parameters<typeof list>) => list(...args).items.map((item) => item.number);

describe('the list of cases', () => {
  it('sorts, pages and counts', () => {
    expect(numbers({})).toEqual(['B1-1', 'B1-2', 'B1-3', 'B1-4']);
    expect(numbers({}, 'changed')).toEqual(['B1-1', 'B1-4', 'B1-3', 'B1-2']);
    expect(numbers({}, 'priority')).toEqual(['B1-2', 'B1-1', 'B1-4', 'B1-3']);
    expect(numbers({}, 'promised')).toEqual(['B1-2', 'B1-3', 'B1-1', 'B1-4']);
    expect(numbers({}, 'number', { offset: 1, limit: 2 })).toEqual(['B1-2', 'B1-3']);
    expect(list({}, 'number', { offset: 9, limit: 2 })).toEqual({
      total: 4,
      items: [],
      counts: { received: 2, announced: 2 },
    });
  });

  it('filters by status, person, priority and what needs attention', () => {
    expect(numbers({ statuses: ['received'] })).toEqual(['B1-1', 'B1-3']);
    expect(numbers({ statuses: [] })).toEqual([]);
    expect(numbers({ open: false })).toEqual([]);
    expect(numbers({ assigneeId: bench.quinn.id })).toEqual(['B1-3']);
    expect(numbers({ priority: 'P1' })).toEqual(['B1-2']);
    // Promised before the site's own day, which is the second of March.
    expect(numbers({ flag: 'overdue' })).toEqual(['B1-2', 'B1-3']);
    expect(numbers({ flag: 'data-open' })).toEqual(['B1-1', 'B1-3']);
    expect(list({ flag: 'data-open' }, 'number', { offset: 1, limit: 1 })).toMatchObject({
      total: 2,
      items: [{ number: 'B1-3', assignee: 'Quinn' }],
    });
    expect(numbers({ flag: 'identity-conflict' })).toEqual([]);
    expect(numbers({ flag: 'overdue', text: 'acme', priority: 'P1' })).toEqual(['B1-2']);
  });

  it('shows in each line what its filter would find', () => {
    for (const flag of CaseFilter.shape.flag.unwrap().options) {
      const flagged = list({}).items.filter((item) => item.flags.includes(flag));
      expect(numbers({ flag })).toEqual(flagged.map((item) => item.number));
    }
  });

  it.each([
    ['picture', ['B1-1', 'B1-3']],
    ['picture drop', ['B1-1']],
    ['drop picture mull', ['B1-1']],
    ['MÜLLER', ['B1-1']],
    ['sohne', ['B1-1']],
    ['rader', ['B1-1']],
    ['zoe', ['B1-4']],
    ['acme', ['B1-2', 'B1-3']],
    ['ac me', ['B1-2', 'B1-3']],
    ['50 %', ['B1-2']],
    ['“50', ['B1-2']],
    ['battery_d', ['B1-2']],
    ['batteryXd', []],
    ['b1-3', ['B1-3']],
    ['x1', ['B1-1']],
    ['49-015420-323751-8', ['B1-1']],
    ['490154 323751', ['B1-1']],
    [IMEI_B.slice(-6), ['B1-1']],
    [SERIAL.slice(2, 8).toLowerCase(), ['B1-1']],
  ])('searches “%s”', (text, expected) => {
    expect(numbers({ text })).toEqual(expected);
  });

  it('takes any text, and finds each word of what it finds', () => {
    const nasty = fc.constantFrom(
      '"',
      '""',
      '*',
      'AND',
      'NEAR(',
      '\u0000',
      '%',
      '_',
      "'",
      'acme',
      'pic',
      'é',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(nasty, fc.string({ maxLength: 5 })), { maxLength: 6 }), (parts) => {
        const found = list({ text: parts.join('') }).items;
        expect(found.length).toBeLessThanOrEqual(4);
      }),
    );
  });

  it('knows the states outside the lab as the table does', () => {
    const inLab = bench.db.prepare('SELECT in_lab FROM cases WHERE id = ?').pluck();
    const set = bench.db.prepare('UPDATE cases SET status = ? WHERE id = ?');
    const id = ids[3] ?? '';
    bench.db.transaction(() => {
      for (const status of STATUSES) {
        set.run(status, id);
        expect(inLab.get(id), status).toBe(LEFT_LAB.has(status) ? 0 : 1);
      }
      set.run('announced', id);
    })();
  });
});
