import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cases as contract } from '../../../shared/contract/work.ts';
import { PORT_1, refused, type TestCases, testCases, testRun } from './testing.ts';

let bench: TestCases;
beforeEach(() => {
  bench = testCases();
});
afterEach(() => bench.dispose());

const CODE = 'HW.DISPLAY.DEAD';
const add = (id: string, values: object = {}) => {
  const input = contract.addCause['~orpc'].inputSchema?.parse({ id, code: CODE, ...values });
  return bench.cases.addCause(bench.tess, input as Parameters<typeof bench.cases.addCause>[1]);
};

describe('who says what a cause is', () => {
  it('confirming is QA’s: nobody adds a confirmed cause', () => {
    const { id } = bench.open();
    const [cause] = add(id, { certainty: 'confirmed' }).causes;
    expect(cause).toMatchObject({ certainty: 'suspected', analysis: null });
  });

  it('a confirmed cause is removed by who may confirm, a suspected one by anybody at the bench', async () => {
    const { id } = bench.open();
    const remove = (actor: typeof bench.tess) => {
      const [cause] = bench.cases.get({ id }).causes;
      return refused(() =>
        bench.cases.removeCause(actor, { id, causeId: cause?.id ?? '', reason: 'not it' }),
      );
    };
    add(id);
    expect(await remove(bench.tess)).toBe('done');
    const causeId = add(id).causes[0]?.id ?? '';
    bench.cases.confirmCause(bench.quinn, { id, causeId, analysis: 'open trace at L7' });
    expect(await remove(bench.tess)).toBe('cause.confirmed');
    expect(bench.cases.get({ id }).causes).toMatchObject([{ certainty: 'confirmed' }]);
    expect(await remove(bench.quinn)).toBe('done');
  });

  it('quotes the reported fault, however long, unless something else is said', () => {
    const fault = 'x'.repeat(4000);
    const { id } = bench.open({ fields: { fault } });
    expect(add(id).causes[0]?.symptomReported).toBe(fault);
    const second = add(id, { role: 'contributing', symptomReported: null });
    expect(second.causes[1]?.symptomReported).toBeNull();
    expect(add(id, { role: 'contributing', symptomReported: fault }).causes).toHaveLength(3);
  });
});

describe('evidence that nothing is wrong', () => {
  it('is the newest result of the unit as it is now', async () => {
    const { id } = bench.open({
      label: { serial: 'ABCD1', imei1: null, imei2: null, meid: null, model: null },
    });
    const unitId = bench.seen({ serial: 'ABCD1' }, PORT_1).id;
    const ran = (outcome: 'pass' | 'fail' | 'error', startedAt: string) =>
      bench.facts.runs.push(
        testRun(id, { id: bench.start(id), kind: 'diagnosis', unitId, outcome, startedAt }),
      );
    const passed = () => bench.cases.factsOf(id).passedRun;
    ran('pass', '2026-03-02T09:00:01.000Z');
    expect(passed()).toBe(true);
    ran('error', '2026-03-02T09:00:02.000Z');
    expect(passed()).toBe(true);
    ran('fail', '2026-03-02T09:00:03.000Z');
    expect(passed()).toBe(false);
    ran('pass', '2026-03-02T09:00:04.000Z');
    expect(passed()).toBe(true);
    bench.wait(60_000);
    await bench.cases.identityChange(bench.tess, {
      id,
      field: 'serial',
      to: 'ABCD2',
      reason: 'board swapped',
      witness: { name: 'Quinn', pin: '2468' },
    });
    expect(passed()).toBe(false);
    ran('pass', '2026-03-02T10:00:00.000Z');
    expect(passed()).toBe(true);
  });
});
