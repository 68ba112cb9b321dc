import { afterEach, describe, expect, it } from 'vitest';
import { isBenchError } from '../../../shared/errors/index.ts';
import { emptyIdentity } from '../../../shared/model/units.ts';
import { IMEI_A, IMEI_B, IMEI_C, label, PORT_1, PORT_2, SERIAL, type TestCases } from '../cases/testing.ts';
import { type TestSite, testSite } from '../testing/site.ts';

function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
/*
 * More kinds of work than anybody does in a day, by benches that send, read and go back at random; what people cannot do
 * by hand is written as another version of the program may write it.
 */
describe.each([1000, 1009, 2001])('work of every kind in any order (seed %i)', (seed) => {
  let site: TestSite;
  afterEach(() => site.dispose());

  it('comes to the same on every bench, on one that makes its tables anew, and on one that takes a snapshot over', async () => {
    site = testSite(3);
    const random = randomOf(seed);
    const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
    const ids: string[] = [];
    const identities = [
      { imei1: IMEI_A },
      { imei1: IMEI_A, imei2: IMEI_B },
      { serial: SERIAL, maker: 'Samsung' },
      { serial: SERIAL },
      { serial: SERIAL, imei1: IMEI_C },
      { imei1: IMEI_B, serial: 'SN-77-XYZ' },
      {},
    ];
    const of = (bench: TestCases, id: string) => bench.cases.get({ id });
    const unitIds = (bench: TestCases) => bench.db.prepare('SELECT id FROM units').pluck().all() as string[];
    const raw = (bench: TestCases, kind: string, entityId: string, body: object, caseId: string | null) =>
      void bench.store.append(bench.tess, [{ kind, entityId, caseId, body }]);
    const NONE = { serial: null, imei1: null, imei2: null, meid: null };
    const work: ((bench: TestCases, id: string) => unknown)[] = [
      (bench) =>
        void ids.push(
          bench.open(
            random() < 0.7 ? { label: label(pick(identities) ?? {}), announced: random() < 0.3 } : {},
          ).id,
        ),
      (bench) => void bench.seen(pick(identities) ?? {}, pick([PORT_1, PORT_2, null]) ?? null),
      (bench) => void bench.seen(pick(identities) ?? {}, pick([PORT_1, PORT_2, null]) ?? null),
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
      (bench, id) => void bench.cases.safetyReported(bench.tess, { id, to: 'x', ref: 'y' }),
      (bench, id) => void bench.cases.safetyRelease(bench.tess, { id, reason: 'ok' }),
      (bench, id) => void bench.cases.label(bench.tess, { id, label: label(pick(identities) ?? {}) }),
      (bench, id) => void bench.cases.wrongUnit(bench.tess, { id, reason: 'no' }),
      (bench, id) =>
        void bench.cases.attachUnit(bench.tess, {
          id,
          identity: { ...emptyIdentity(), ...pick(identities) },
          family: 'at',
          portId: pick([PORT_1, PORT_2]) ?? null,
        } as never),
      (bench, id) =>
        bench.cases.identityChange(bench.tess, {
          id,
          field: pick(['serial', 'imei1'] as const) ?? 'serial',
          to: pick([IMEI_A, IMEI_B, IMEI_C, SERIAL, 'SN-77-XYZ']) ?? '',
          reason: 'board',
          witness: { name: 'Quinn', pin: '2468' },
        }),
      (bench, id) =>
        void bench.cases.addCause(bench.tess, {
          id,
          code: 'PWR-BAT-SWO',
          role: pick(['primary', 'contributing'] as const),
        } as never),
      (bench, id) => {
        const c = pick(of(bench, id).causes);
        if (c)
          bench.cases.removeCause(
            { ...bench.tess, role: 'qa' } as never,
            { id, causeId: c.id, reason: 'no' } as never,
          );
      },
      (bench, id) => {
        const opId = pick(
          bench.db
            .prepare('SELECT op_id FROM reviews WHERE case_id = ? AND settled IS NULL')
            .pluck()
            .all(id) as string[],
        );
        if (opId)
          raw(bench, 'case.conflict-settled', id, { opId, choice: 'kept', about: 'x', reason: null }, id);
      },
      (bench, id) => {
        const unitId = pick(unitIds(bench));
        const sup = pick(unitIds(bench));
        if (unitId)
          raw(
            bench,
            'case.unit-linked',
            id,
            {
              unitId,
              supersedes: sup && sup !== unitId && random() < 0.5 ? [sup] : [],
              identifiers: { ...NONE, ...pick(identities) },
              identifiersFrom: 'unit',
              arrived: random() < 0.5,
              conflicts: 0,
            },
            id,
          );
      },
      (bench, id) => {
        const unitId = pick(unitIds(bench));
        if (unitId)
          raw(
            bench,
            'case.unit-unlinked',
            id,
            { unitId, reason: 'x', releases: [], identifiers: NONE, identifiersFrom: 'label' },
            id,
          );
      },
      (bench) => {
        const unitId = pick(unitIds(bench));
        if (unitId)
          raw(
            bench,
            'unit.seen',
            unitId,
            { identity: { ...emptyIdentity(), ...pick(identities) }, family: 'at', portId: null },
            null,
          );
      },
      (bench, id) =>
        raw(
          bench,
          'case.labelled',
          id,
          {
            label: label({ ...pick(identities), model: `m${random()}` }),
            identifiers: { ...NONE, ...pick(identities) },
            identifiersFrom: 'label',
          },
          id,
        ),
    ];
    const check = (what: string) => {
      const hashes = site.benches.map((bench) => bench.store.siteHash());
      expect(new Set(hashes).size, what + JSON.stringify(hashes)).toBe(1);
    };
    for (let step = 0; step < 220; step++) {
      const bench = pick(site.benches) as TestCases;
      const known = ids.filter((id) => bench.db.prepare('SELECT 1 FROM cases WHERE id = ?').get(id));
      const chance = random();
      if (chance < 0.15) site.push(bench, Math.ceil(random() * 6));
      else if (chance < 0.3) site.pull(bench, Math.ceil(random() * 9));
      else if (chance < 0.31)
        bench.store.rewind(Math.floor(random() * (bench.store.readFeed()?.n ?? 0)), { epochs: [], left: [] });
      else {
        try {
          await (
            pick(
              known.length === 0 ? work.slice(0, 3) : known.length > 6 ? work.slice(1) : work,
            ) as (typeof work)[0]
          )(bench, pick(known) ?? '');
        } catch (error) {
          if (!isBenchError(error)) throw error;
        }
      }
    }
    const late = site.join('B9');
    late.open({ label: label({ serial: SERIAL }) });
    late.seen({ imei1: IMEI_A, serial: SERIAL });
    const replica = site.join('R1');
    site.pull(replica);
    const read = replica.store.readFeed();
    if (read) {
      const copy = late.store.copyOfSite();
      for (const line of replica.store.siteLines()) copy.take(JSON.parse(JSON.stringify(line)));
      copy.takeOver(read.n, read.hash);
      copy.dispose();
    }
    site.settle();
    check('settled ');
    for (const bench of site.benches) bench.store.rebuild();
    check('rebuilt ');
  }, 60_000);
});
