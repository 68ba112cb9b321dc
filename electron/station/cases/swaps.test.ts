import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestSite, testSite } from '../testing/site.ts';
import { IMEI_A, IMEI_B, label, type TestCases, testWipe } from './testing.ts';

let site: TestSite;
let here: TestCases;
let there: TestCases;
beforeEach(() => {
  site = testSite(2);
  [here, there] = site.benches as [TestCases, TestCases];
});
afterEach(() => site.dispose());

const HOUR = 3_600_000;

/** A unit of a case that is to be wiped, known on both benches. */
function opened(): { id: string; unitId: string } {
  const { id, unit } = here.open({ label: label({ imei1: IMEI_A }) });
  here.seen({ imei1: IMEI_A });
  site.settle();
  return { id, unitId: unit?.id ?? '' };
}

const swap = (bench: TestCases, id: string) =>
  bench.cases.identityChange(bench.tess, {
    ...{ id, field: 'imei1', to: IMEI_B, reason: 'main board swapped' },
    witness: { name: 'Quinn', pin: '2468' },
  });

/** The unit is wiped at a bench, which both hear of sooner or later. */
function wipe(bench: TestCases, id: string, unitId: string): void {
  const done = testWipe(id, unitId, bench.store.clock.now(), bench.start(id));
  for (const each of site.benches) each.facts.wipes.push(done);
}

const settled = (id: string) => site.benches.map((bench) => bench.cases.get({ id }).dataState.settled);

describe('a wipe at one bench and a swapped board at another', () => {
  it('counts when the bench knew of the swap, however late its clock is', async () => {
    const { id, unitId } = opened();
    here.wait(HOUR);
    await swap(here, id);
    site.settle();
    wipe(there, id, unitId);
    site.settle();
    expect(settled(id)).toEqual([true, true]);
  });

  it('does not count when the bench had not heard of the swap, however early its clock is', async () => {
    const { id, unitId } = opened();
    await swap(here, id);
    there.wait(HOUR);
    wipe(there, id, unitId);
    expect(settled(id)).toEqual([false, true]);
    site.settle();
    expect(settled(id)).toEqual([false, false]);
  });

  it('does not count when it was sent before the swap', async () => {
    const { id, unitId } = opened();
    there.wait(HOUR);
    wipe(there, id, unitId);
    site.settle();
    expect(settled(id)).toEqual([true, true]);
    await swap(here, id);
    expect(settled(id)[0]).toBe(false);
    site.settle();
    expect(settled(id)).toEqual([false, false]);
    wipe(here, id, unitId);
    expect(settled(id)[0]).toBe(true);
  });
});
