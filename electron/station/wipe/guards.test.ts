import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WipeTarget } from '../../../shared/contract/work.ts';
import { STATUSES } from '../../../shared/model/cases.ts';
import { ROLES } from '../../../shared/model/people.ts';
import { emptyIdentity } from '../../../shared/model/units.ts';
import { LEFT_LAB } from '../../../shared/rma/index.ts';
import { firstRefusal, REQUEST_GUARDS, targetOf, UNIT_GUARDS, type WipeUnitFacts } from './guards.ts';

const phone: WipeTarget = {
  id: 'phone',
  title: 'Factory reset',
  kind: 'phone',
  bytes: null,
  model: null,
  serial: null,
  allowed: true,
  reasons: [],
};
const disk = (over: Partial<WipeTarget> = {}): WipeTarget => ({
  ...phone,
  id: '/dev/sda',
  kind: 'disk',
  bytes: 1024,
  ...over,
});

const ready = (over: Partial<WipeUnitFacts> = {}): WipeUnitFacts => ({
  caseNumber: 'B1-000001',
  status: 'wiping',
  instruction: 'wipe',
  consent: { by: 'Customer', ref: 'mail' },
  safetyStop: null,
  role: 'technician',
  confirm: '7518',
  identity: { ...emptyIdentity(), serial: 'R58M12345', imei1: '490154203237518', imei2: '356938035643809' },
  expected: { serial: 'R58M12345', imei1: '490154203237518', imei2: null, meid: null },
  wanted: null,
  targets: [phone],
  conflicts: [],
  lock: null,
  ...over,
});
const code = (over: Partial<WipeUnitFacts>) => firstRefusal(UNIT_GUARDS, ready(over))?.code ?? null;
const without = emptyIdentity();
const stop = { reason: 'heat', reportDueAt: '2026-01-01T10:00:00.000Z', reportedAt: null };

describe('may this unit be wiped?', () => {
  it('yes, when everything is right', () => {
    expect(code({})).toBeNull();
  });

  it.each<[string, Partial<WipeUnitFacts>, string | null]>([
    ['an auditor', { role: 'auditor' }, 'wipe.role'],
    ['a manager', { role: 'manager' }, null],
    ['a closed case', { status: 'closed' }, 'case.closed'],
    ['a case whose unit has left', { status: 'returned-unrepaired' }, 'case.unit-left'],
    ['a safety stop', { safetyStop: stop }, 'safety.not-reported'],
    ['somebody who was taken off the bench', { role: null }, 'wipe.role'],
    ['an open disagreement', { conflicts: [{ message: 'The label says other.' }] }, 'run.identity-conflict'],
    ['the instruction to keep', { instruction: 'keep' }, 'wipe.instruction'],
    ['media to be returned', { instruction: 'media-returned' }, 'wipe.instruction'],
    ['media to be destroyed', { instruction: 'destroy' }, null],
    ['no consent', { consent: null }, 'wipe.no-consent'],
    ['no confirmation', { confirm: null }, 'wipe.not-confirmed'],
    ['an empty confirmation', { confirm: '  ' }, 'wipe.not-confirmed'],
    ['the last four of another', { confirm: '0000' }, 'wipe.confirmation-wrong'],
    ['the last four of the serial, where the IMEI is asked', { confirm: '2345' }, 'wipe.confirmation-wrong'],
    ['the last four of the other IMEI', { confirm: '3809' }, 'wipe.confirmation-wrong'],
    ['fewer than four', { confirm: '518' }, 'wipe.confirmation-wrong'],
    ['a scan of the whole IMEI', { confirm: '490154203237518' }, null],
    ['a scan of the whole IMEI with spaces', { confirm: '49 015420 323751 8' }, null],
    ['a scan of the serial', { confirm: ' r58m12345 ' }, null],
    ['a scan of another IMEI', { confirm: '356938035643817' }, 'wipe.confirmation-wrong'],
    [
      'a case without identifiers',
      { expected: { serial: null, imei1: null, imei2: null, meid: null } },
      'wipe.identity-unproven',
    ],
    ['another serial', { identity: { ...ready().identity, serial: 'R58M99999' } }, 'wipe.identity-mismatch'],
    [
      'another IMEI',
      { identity: { ...ready().identity, imei1: '356938035643817' } },
      'wipe.identity-mismatch',
    ],
    [
      'a unit that says no serial',
      { identity: { ...ready().identity, serial: null } },
      'wipe.identity-unproven',
    ],
    ['a unit that says nothing', { identity: without }, 'wipe.identity-unproven'],
    ['a lock', { lock: 'FRP' }, 'wipe.locked'],
    ['no lock', { lock: 'NONE' }, null],
    ['an unknown target', { wanted: '/dev/sdb', targets: [disk()] }, 'wipe.target-unknown'],
    [
      'no target named where there are two',
      { targets: [disk(), disk({ id: '/dev/sdb' })] },
      'wipe.target-unknown',
    ],
    ['nothing to wipe', { targets: [] }, 'wipe.target-unknown'],
    [
      'a mounted disk',
      { wanted: '/dev/sda', targets: [disk({ allowed: false, reasons: ['mounted on /'] })] },
      'wipe.target-not-allowed',
    ],
    [
      'a free disk',
      { wanted: '/dev/sda', targets: [disk(), disk({ id: '/dev/sdb', allowed: false })] },
      null,
    ],
  ])('%s', (_, over, expected) => {
    expect(code(over)).toBe(expected);
  });

  it('asks for the serial where the unit has no IMEI', () => {
    const identity = { ...without, serial: 'R58M12345' };
    const expected = { serial: 'R58M12345', imei1: null, imei2: null, meid: null };
    expect(code({ identity, expected, confirm: '2345' })).toBeNull();
    expect(code({ identity, expected, confirm: '7518' })).toBe('wipe.confirmation-wrong');
  });

  it('says what differs', () => {
    const refusal = firstRefusal(
      UNIT_GUARDS,
      ready({ identity: { ...ready().identity, serial: 'R58M99999' } }),
    );
    expect(refusal?.message).toContain('serial number R58M12345, the unit says R58M99999');
    expect(refusal?.kind).toBe('refused');
  });

  it('only ever yes when every single condition holds', () => {
    const right = ready().identity;
    const facts = fc.record({
      status: fc.constantFrom(...STATUSES),
      instruction: fc.constantFrom('wipe', 'keep', 'destroy', 'media-returned' as const),
      consent: fc.constantFrom(null, { by: 'C', ref: 'r' }),
      safetyStop: fc.constantFrom(null, stop),
      role: fc.constantFrom(...ROLES),
      confirm: fc.constantFrom(null, '7518', '0000', 'R58M12345'),
      lock: fc.constantFrom(null, 'NONE', 'ON'),
      targets: fc.constantFrom([], [phone], [disk({ allowed: false })]),
      identity: fc.constantFrom(right, right, right, without, { ...right, serial: 'R58M99999' }),
    });
    fc.assert(
      fc.property(facts, (given) => {
        const all = ready(given as Partial<WipeUnitFacts>);
        const allowed = firstRefusal(UNIT_GUARDS, all) === null;
        expect(allowed).toBe(
          !LEFT_LAB.has(all.status) &&
            (all.instruction === 'wipe' || all.instruction === 'destroy') &&
            all.consent !== null &&
            all.safetyStop === null &&
            all.role !== 'auditor' &&
            (all.confirm === '7518' || all.confirm === 'R58M12345') &&
            all.lock !== 'ON' &&
            targetOf(all)?.allowed === true &&
            all.identity === right,
        );
        // What can be refused without the unit is refused then too, for the same reason.
        const early = firstRefusal(REQUEST_GUARDS, all);
        if (early) expect(firstRefusal(UNIT_GUARDS, all)?.code).toBe(early.code);
      }),
      { numRuns: 2000 },
    );
  });
});
