import { afterEach, beforeEach, expect, it } from 'vitest';
import { type TestSite, testSite } from '../testing/site.ts';
import { IMEI_A, label, said, type TestCases } from './testing.ts';

let site: TestSite;
let here: TestCases;
let there: TestCases;
beforeEach(() => {
  site = testSite(2);
  [here, there] = site.benches as [TestCases, TestCases];
});
afterEach(() => site.dispose());

it.each(['the stop', 'the reading'])(
  'a stop holds for the unit that turns out, at another bench, to be the one it was put on: %s first',
  (first) => {
    const earlier = there.open({ label: label({ imei1: IMEI_A }), announced: true });
    there.cases.move(there.tess, { id: earlier.id, to: 'cancelled', reason: 'sent again' });
    const { id } = here.open({ label: label({ model: 'XCover 5' }) });
    site.settle();
    // Here nobody knows yet which unit it is; there it can be read.
    here.cases.safetyStop(here.tess, { id, reason: 'smoke' });
    there.cases.attachUnit(there.tess, { id, identity: said({ imei1: IMEI_A }), family: 'at', portId: null });
    const order = first === 'the stop' ? [here, there] : [there, here];
    for (const bench of order) site.push(bench);
    site.settle();
    for (const bench of site.benches) {
      const { unit, flags } = bench.cases.get({ id });
      expect(flags).toContain('safety-stop');
      expect(unit?.identity?.imei1).toBe(IMEI_A);
      expect(bench.cases.unit(unit?.id ?? '')?.blocked).toMatchObject({ reason: 'smoke' });
      // Whatever else it is on is stopped too.
      expect(bench.cases.get({ id: earlier.id })).toMatchObject({ unit: { id: unit?.id } });
      expect(bench.cases.get({ id: earlier.id }).flags).toContain('safety-stop');
    }
    expect(here.store.siteHash()).toBe(there.store.siteHash());
  },
);
