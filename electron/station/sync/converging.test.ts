import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isBenchError } from '../../../shared/errors/index.ts';
import type { CaseView } from '../../../shared/model/cases.ts';
import { IMEI_A, IMEI_B, label, PORT_1, SERIAL, type TestCases } from '../cases/testing.ts';
import { type TestSite, testSite } from '../testing/site.ts';

let site: TestSite;
let a: TestCases;
let b: TestCases;
beforeEach(() => {
  site = testSite(2);
  [a, b] = site.benches as [TestCases, TestCases];
});
afterEach(() => site.dispose());

const of = (bench: TestCases, id: string): CaseView => bench.cases.get({ id });
const outcomes = (bench: TestCases, id: string) =>
  bench.store
    .byCase(id)
    .filter(({ outcome }) => outcome && outcome.is !== 'applied')
    .map(({ kind, outcome }) => [kind, outcome?.is]);
function expectEqual(): void {
  const hashes = site.benches.map((bench) => bench.store.siteHash());
  expect(new Set(hashes).size, JSON.stringify(hashes)).toBe(1);
}

describe('two benches of a site', () => {
  it('know each other’s cases, with all that happened to them', () => {
    const { id } = a.open({ label: label({ imei1: IMEI_A }), fields: { fault: 'dead' } });
    a.cases.note(a.tess, { id, text: 'Came in a box' });
    site.settle();
    expect(of(b, id)).toMatchObject({ number: 'B1-1', status: 'received', fields: { fault: 'dead' } });
    b.cases.move(b.tess, { id, to: 'diagnosing' });
    site.settle();
    expect(of(a, id).status).toBe('diagnosing');
    expect(a.cases.timeline({ id }).map(({ kind }) => kind)).toEqual(
      b.cases.timeline({ id }).map(({ kind }) => kind),
    );
    expect(outcomes(a, id)).toEqual([]);
    expectEqual();
  });

  it('a unit that is carried over is known by its number', () => {
    const { id } = a.open({ label: label({ imei1: IMEI_A }) });
    a.seen({ imei1: IMEI_A }, PORT_1);
    site.settle();
    const unit = b.seen({ imei1: IMEI_A });
    expect(b.cases.caseForUnit(unit.id)?.id).toBe(id);
    site.settle();
    expectEqual();
  });

  it('what one bench changed before the other one comes before it, whenever it is heard of', () => {
    const { id } = a.open({ label: label({ serial: SERIAL }) });
    site.settle();
    a.cases.edit(a.tess, { id, fields: { customer: 'Acme' } });
    b.cases.edit(b.tess, { id, fields: { place: 'Shelf 4' } });
    b.cases.move(b.tess, { id, to: 'diagnosing' });
    site.push(a);
    site.pull(b);
    // Bench B has the other's change and its own, which the hub has not seen yet.
    expect(of(b, id)).toMatchObject({ status: 'diagnosing', fields: { customer: 'Acme', place: 'Shelf 4' } });
    site.settle();
    expect(of(a, id)).toMatchObject({ status: 'diagnosing', fields: { customer: 'Acme', place: 'Shelf 4' } });
    expect(outcomes(a, id)).toEqual([]);
    expectEqual();
  });

  it('of two edits of one field the first stands, and the other is shown as lost', () => {
    const { id } = a.open({ label: label({ serial: SERIAL }) });
    site.settle();
    a.cases.edit(a.tess, { id, fields: { place: 'Shelf 1' } });
    b.cases.edit(b.tess, { id, fields: { place: 'Shelf 2', customer: 'Acme' } });
    site.settle();
    for (const bench of [a, b]) {
      expect(of(bench, id).fields).toMatchObject({ place: 'Shelf 1', customer: 'Acme' });
      expect(outcomes(bench, id)).toEqual([['case.fields', 'conflict']]);
    }
    // And work goes on from there, on the version that is shown.
    const { version } = of(b, id);
    b.cases.edit(b.tess, { id, seen: version, fields: { place: 'Shelf 2' } });
    site.settle();
    expect(of(a, id).fields.place).toBe('Shelf 2');
    expect(outcomes(a, id)).toHaveLength(1);
    expectEqual();
  });

  it('a move that fits no more does not happen', () => {
    const { id } = a.open({ label: label({ serial: SERIAL }) });
    a.cases.move(a.tess, { id, to: 'diagnosing' });
    site.settle();
    a.cases.move(a.tess, { id, to: 'awaiting-approval' });
    b.cases.move(b.tess, { id, to: 'final-check' });
    site.settle();
    for (const bench of [a, b]) {
      expect(of(bench, id).status).toBe('awaiting-approval');
      expect(outcomes(bench, id)).toEqual([['case.moved', 'conflict']]);
    }
    expectEqual();
  });

  it('a phone that both meet while they are apart is one unit on two cases', () => {
    const one = a.open({ label: label({ imei1: IMEI_A }) });
    a.seen({ imei1: IMEI_A, imei2: IMEI_B }, PORT_1);
    const two = b.open({ label: label({ imei1: IMEI_A }) });
    b.seen({ imei1: IMEI_A, imei2: IMEI_B });
    site.settle();
    for (const bench of [a, b]) {
      expect(of(bench, one.id).unit?.id).toBe(of(bench, two.id).unit?.id);
      expect(bench.db.prepare('SELECT count(*) FROM units WHERE superseded_by IS NULL').pluck().get()).toBe(
        1,
      );
      expect(bench.db.prepare('SELECT count(*) FROM reviews').pluck().get()).toBeGreaterThan(0);
    }
    expectEqual();
  });

  it('a bench that joins late reads the same, and so does one that makes its tables anew', () => {
    const { id } = a.open({ label: label({ serial: SERIAL }) });
    site.settle();
    a.cases.edit(a.tess, { id, fields: { place: 'Shelf 1' } });
    b.cases.edit(b.tess, { id, fields: { place: 'Shelf 2' } });
    b.seen({ imei1: IMEI_A });
    site.settle();
    site.join('B3');
    site.settle();
    expectEqual();
    const before = a.store.siteHash();
    a.store.rebuild();
    expect(a.store.siteHash()).toBe(before);
    expect(of(a, id).fields.place).toBe('Shelf 1');
  });
});

/** The same numbers for a seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe.each([1, 2, 3, 122, 205, 227])('any work in any order (seed %i)', (seed) => {
  it('comes to the same on every bench', () => {
    const random = randomOf(seed);
    const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
    site.join('B3');
    const ids: string[] = [];
    const identities = [
      { imei1: IMEI_A },
      { imei1: IMEI_A, imei2: IMEI_B },
      { serial: SERIAL, maker: 'Samsung' },
    ];
    const work: ((bench: TestCases, id: string) => void)[] = [
      (bench) => void ids.push(bench.open(random() < 0.5 ? { label: label(pick(identities) ?? {}) } : {}).id),
      (bench) => void bench.seen(pick(identities) ?? {}, pick([PORT_1, null]) ?? null),
      (bench, id) =>
        void bench.cases.edit(bench.tess, {
          id,
          fields: { [pick(['place', 'customer', 'fault']) ?? '']: `${random()}` },
        }),
      (bench, id) => {
        const to = pick(of(bench, id).moves.filter(({ allowed }) => allowed))?.to;
        if (to) bench.cases.move(bench.tess, { id, to, reason: 'because' });
      },
      (bench, id) => void bench.cases.note(bench.tess, { id, text: 'a note' }),
      (bench, id) => void bench.cases.safetyStop(bench.tess, { id, reason: 'smoke' }),
      (bench, id) => void bench.cases.label(bench.tess, { id, label: label(pick(identities) ?? {}) }),
    ];
    for (let step = 0; step < 250; step++) {
      const bench = pick(site.benches) as TestCases;
      const known = ids.filter((id) => bench.db.prepare('SELECT 1 FROM cases WHERE id = ?').get(id));
      const chance = random();
      if (chance < 0.15) site.push(bench, Math.ceil(random() * 6));
      else if (chance < 0.3) site.pull(bench, Math.ceil(random() * 9));
      else {
        try {
          (pick(known.length === 0 ? work.slice(0, 2) : work) as (typeof work)[0])(bench, pick(known) ?? '');
        } catch (error) {
          // What the rules of the lab refuse is not done.
          if (!isBenchError(error)) throw error;
        }
      }
    }
    site.settle();
    expectEqual();
    const [first] = site.benches as [TestCases];
    const before = first.store.siteHash();
    first.store.rebuild();
    expect(first.store.siteHash()).toBe(before);
    site.join('B4');
    site.settle();
    expectEqual();
  });
});
