import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BenchError, isBenchError } from '../errors/index.ts';
import { DATA_INSTRUCTIONS, STATUSES, type Status } from '../model/cases.ts';
import { rmaDocument } from './document.ts';
import {
  type CaseFacts,
  checkMove,
  dataSettled,
  freshFacts,
  LEFT_LAB,
  moveOptions,
  TRANSITIONS,
  workBlocker,
} from './index.ts';

const refusal = (facts: Partial<CaseFacts>, to: Status, reason?: string): string | null => {
  try {
    checkMove(freshFacts(facts), to, reason);
    return null;
  } catch (error) {
    if (!isBenchError(error)) throw error;
    return error.code;
  }
};
const conflict = { field: 'imei1' as const, message: 'IMEI 1: the unit says 1, the case says 2.' };
const stop = { reason: 'swollen battery', reportDueAt: '2026-01-01T10:00:00.000Z', reportedAt: null };
const wiped = [{ path: '/dev/mmcblk0', label: 'BJTD4R, 24 MB', wiped: true }];
const left = { path: '/dev/mmcblk1', label: 'SC64G, 64 MB', wiped: false };
const primary = { class: 'hardware' as const, role: 'primary' as const };
const noFault = { class: 'no-fault-found' as const, role: 'primary' as const };

describe('the table', () => {
  it('knows every state, leads out of each but the last, and reaches each', () => {
    for (const status of STATUSES) {
      const leaves = TRANSITIONS.some((transition) => transition.from === status);
      expect(leaves, status).toBe(status !== 'closed');
    }
    const reached = new Set<Status>(['announced', 'received']);
    for (let size = 0; size !== reached.size; ) {
      size = reached.size;
      for (const { from, to } of TRANSITIONS) if (reached.has(from)) reached.add(to);
    }
    expect([...reached].sort()).toEqual([...STATUSES].sort());
  });

  it('has no move twice, none to itself, and the safety stop in each', () => {
    const names = TRANSITIONS.map(({ from, to }) => `${from} ${to}`);
    expect(new Set(names).size).toBe(names.length);
    for (const { from, to, guards } of TRANSITIONS) {
      expect(from).not.toBe(to);
      expect(guards[0]).toBe('no-safety-stop');
    }
  });

  it('checks the data wherever a unit leaves the lab, and the cause wherever a case closes', () => {
    for (const { from, to, guards } of TRANSITIONS) {
      if (LEFT_LAB.has(to) && !LEFT_LAB.has(from)) expect(guards).toContain('data-settled');
      if (to === 'closed')
        expect(guards).toEqual(expect.arrayContaining(['primary-cause', 'no-fault-found-tested']));
    }
  });

  it('closes every decision', () => {
    for (const from of LEFT_LAB) {
      if (from !== 'closed') expect(refusal({ status: from, causes: [primary] }, 'closed')).toBeNull();
    }
  });

  it('is the published one', async () => {
    await expect(rmaDocument()).toMatchFileSnapshot('../../docs/rma.md');
  });
});

describe('guards', () => {
  it('stop a move that is not in the table, naming those that are', () => {
    let error: BenchError | null = null;
    try {
      checkMove(freshFacts(), 'shipped', undefined);
    } catch (caught) {
      error = caught as BenchError;
    }
    expect(error?.code).toBe('case.no-such-move');
    expect(error?.hint).toContain('diagnosing');
  });

  it('keep a unit whose identity is in doubt out of diagnosis and of everything destructive', () => {
    const doubt = { conflicts: [conflict], wipeConsent: true, media: wiped };
    expect(refusal(doubt, 'diagnosing')).toBe('case.identity-conflict');
    expect(refusal(doubt, 'wiping')).toBe('case.identity-conflict');
    expect(refusal({ ...doubt, status: 'diagnosing' }, 'scrapped', 'worn')).toBe('case.identity-conflict');
    expect(refusal({ ...doubt, status: 'ready' }, 'shipped')).toBe('case.identity-conflict');
    // The wrong unit goes back to where it came from.
    expect(refusal(doubt, 'returned-unrepaired', 'not the announced unit')).toBeNull();
  });

  it('hold everything while a safety stop stands, and say what is due', () => {
    for (const { from, to } of TRANSITIONS) {
      const facts = { ...settled, status: from, withoutUnit: to !== 'received', safetyStop: stop };
      expect(refusal(facts, to, 'why')).toBe('safety.not-reported');
      const told = { ...stop, reportedAt: '2026-01-01T09:30:00.000Z' };
      expect(refusal({ ...facts, safetyStop: told }, to, 'why')).toBe('safety.not-released');
    }
  });

  it('want consent and instruction before a wipe', () => {
    expect(refusal({}, 'wiping')).toBe('case.no-wipe-consent');
    expect(refusal({ wipeConsent: true }, 'wiping')).toBeNull();
    expect(refusal({ wipeConsent: true, dataInstruction: 'destroy' }, 'wiping')).toBeNull();
    expect(refusal({ wipeConsent: true, dataInstruction: 'keep' }, 'wiping')).toBe(
      'case.wipe-not-instructed',
    );
    expect(refusal({ wipeConsent: true, dataInstruction: 'media-returned' }, 'wiping')).toBe(
      'case.wipe-not-instructed',
    );
  });

  it('want the approval once it was awaited, by whatever way the repair is reached', () => {
    expect(refusal({ status: 'diagnosing' }, 'repairing')).toBeNull();
    const awaited = { approvalAwaited: true };
    expect(refusal({ ...awaited, status: 'awaiting-approval' }, 'repairing')).toBe('case.no-approval');
    expect(refusal({ ...awaited, status: 'diagnosing' }, 'repairing')).toBe('case.no-approval');
    expect(refusal({ ...awaited, status: 'awaiting-approval' }, 'awaiting-parts')).toBe('case.no-approval');
    expect(refusal({ ...awaited, status: 'awaiting-approval', approval: true }, 'repairing')).toBeNull();
  });

  it.each([
    ['wipe', 'case.not-wiped'],
    ['keep', 'case.no-waiver'],
    ['destroy', 'case.not-destroyed'],
    ['media-returned', 'case.media-not-returned'],
  ] as const)('let no unit leave against “%s”', (dataInstruction, code) => {
    const ready = { status: 'ready' as const, dataInstruction };
    expect(refusal(ready, 'shipped')).toBe(code);
    expect(refusal({ ...ready, signedFor: dataInstruction }, 'shipped')).toBeNull();
    for (const other of DATA_INSTRUCTIONS) {
      if (other !== dataInstruction) expect(refusal({ ...ready, signedFor: other }, 'shipped')).toBe(code);
    }
    // A wipe fulfils the instruction to wipe and no other.
    expect(refusal({ ...ready, media: wiped }, 'shipped')).toBe(dataInstruction === 'wipe' ? null : code);
    // What never came cannot leave.
    expect(
      refusal({ status: 'announced', dataInstruction, unitArrived: false }, 'cancelled', 'solved'),
    ).toBeNull();
    expect(refusal({ status: 'announced', dataInstruction }, 'cancelled', 'solved')).toBe(code);
  });

  it('name the media that are not wiped yet', () => {
    const leaving = (media: CaseFacts['media']) =>
      moveOptions(freshFacts({ status: 'ready', media })).find(({ to }) => to === 'shipped')?.reasons ?? [];
    expect(leaving([])[0]?.message).toMatch(/on record: nothing was wiped so far\.$/);
    expect(leaving([...wiped, left])[0]?.message).toMatch(
      /not proven to be wiped: \/dev\/mmcblk1 \(SC64G, 64 MB\)\.$/,
    );
    expect(leaving(wiped)).toEqual([]);
  });

  it('let no unit leave while a run is under way', () => {
    const ready = { status: 'ready' as const, media: wiped };
    expect(refusal({ ...ready, running: 'Wipe' }, 'shipped')).toBe('case.run-under-way');
    expect(refusal({ ...ready, running: 'Wipe' }, 'final-check')).toBeNull();
  });

  it('let nobody work for a case that is closed, gone or stopped', () => {
    for (const status of STATUSES) {
      const code = workBlocker({ number: 'B1-1', status, safetyStop: null })?.code ?? null;
      expect(code).toBe(status === 'closed' ? 'case.closed' : LEFT_LAB.has(status) ? 'case.unit-left' : null);
    }
    const stopped = { number: 'B1-1', status: 'diagnosing' as const, safetyStop: stop };
    expect(workBlocker(stopped)?.code).toBe('safety.not-reported');
  });

  it('want a cause to close, and evidence for no fault found', () => {
    expect(refusal({ status: 'shipped' }, 'closed')).toBe('case.no-cause');
    const contributing = [{ ...primary, role: 'contributing' as const }];
    expect(refusal({ status: 'shipped', causes: contributing }, 'closed')).toBe('case.no-cause');
    expect(refusal({ status: 'shipped', causes: [primary] }, 'closed')).toBeNull();
    expect(refusal({ status: 'shipped', causes: [noFault] }, 'closed')).toBe('case.no-test-evidence');
    expect(refusal({ status: 'shipped', causes: [noFault], passedRun: true }, 'closed')).toBeNull();
  });

  it('decide claims without a unit early, and only those', () => {
    const claim = { status: 'announced' as const, withoutUnit: true, unitArrived: false };
    expect(refusal(claim, 'received')).toBe('case.claim-without-unit');
    expect(refusal(claim, 'replaced', 'stolen, plan P-1')).toBeNull();
    expect(refusal({ ...claim, withoutUnit: false }, 'replaced', 'in advance')).toBe('case.unit-expected');
  });

  it('want a reason for a decision', () => {
    expect(refusal({ media: wiped }, 'cancelled')).toBe('case.reason-needed');
    expect(refusal({ media: wiped }, 'cancelled', '  ')).toBe('case.reason-needed');
    expect(refusal({ media: wiped }, 'cancelled', 'solved by a reset')).toBeNull();
  });
});

const settled = freshFacts({
  wipeConsent: true,
  media: wiped,
  passedRun: true,
  approval: true,
  causes: [primary],
});

describe('moveOptions', () => {
  it('lists each next state with every reason in words', () => {
    const options = moveOptions(freshFacts({ conflicts: [conflict], safetyStop: stop }));
    expect(options.map((option) => option.to)).toEqual([
      'diagnosing',
      'wiping',
      'returned-unrepaired',
      'cancelled',
    ]);
    const wiping = options.find((option) => option.to === 'wiping');
    expect(wiping?.allowed).toBe(false);
    expect(wiping?.reasons.map((reason) => reason.code)).toEqual([
      'safety.not-reported',
      'case.identity-conflict',
      'case.no-wipe-consent',
    ]);
    for (const { message, hint } of wiping?.reasons ?? []) {
      expect(message).not.toMatch(/\{\w+\}/);
      expect(hint).not.toMatch(/\{\w+\}|^$/);
    }
    expect(options.map((option) => option.needsReason)).toEqual([false, false, true, true]);
  });

  it('is empty at the end', () => {
    expect(moveOptions(freshFacts({ status: 'closed' }))).toEqual([]);
  });
});

/** What people and devices can do to a case besides moving it. */
const deed = fc.oneof(
  fc.record({ dataInstruction: fc.constantFrom(...DATA_INSTRUCTIONS) }),
  fc.record({ wipeConsent: fc.boolean() }),
  fc.record({ media: fc.constantFrom([], wiped, [...wiped, left]) }),
  fc.record({ running: fc.constantFrom(null, null, null, 'Wipe of a phone') }),
  fc.record({ signedFor: fc.constantFrom(null, ...DATA_INSTRUCTIONS) }),
  fc.record({ conflicts: fc.constantFrom([], [conflict]) }),
  fc.record({
    causes: fc.constantFrom([], [primary], [noFault], [{ ...primary, role: 'contributing' as const }]),
  }),
  fc.record({ passedRun: fc.boolean() }),
  fc.record({ approval: fc.boolean() }),
  fc.record({
    safetyStop: fc.constantFrom(null, null, stop, { ...stop, reportedAt: '2026-01-01T09:30:00.000Z' }),
  }),
);
const start = fc.constantFrom(
  freshFacts(),
  freshFacts({ status: 'announced', unitArrived: false }),
  freshFacts({ status: 'announced', unitArrived: false, withoutUnit: true }),
);
/** A move to a state of the table, or to any at all. */
const move = fc.oneof(
  { weight: 5, arbitrary: fc.record({ next: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ to: fc.constantFrom(...STATUSES) }) },
);
const step = fc.oneof(move, deed);

describe('whatever is done in whatever order', () => {
  it('nothing leaves against its instruction, closes without a cause, or moves under a safety stop', () => {
    let left = 0;
    let closed = 0;
    fc.assert(
      fc.property(start, fc.array(step, { minLength: 40, maxLength: 150, size: 'max' }), (begin, steps) => {
        let facts: CaseFacts = begin;
        for (const change of steps) {
          if (!('to' in change) && !('next' in change)) {
            facts = { ...facts, ...change };
            continue;
          }
          const nexts = TRANSITIONS.filter((transition) => transition.from === facts.status);
          const to = 'to' in change ? change.to : nexts[change.next % nexts.length]?.to;
          if (to === undefined || refusalOf(facts, to) !== null) continue;
          expect(facts.safetyStop).toBeNull();
          if (LEFT_LAB.has(to) && !LEFT_LAB.has(facts.status) && facts.unitArrived) {
            left += 1;
            const isWiped = facts.dataInstruction === 'wipe' && facts.media === wiped;
            expect(facts.running).toBeNull();
            expect(isWiped || facts.signedFor === facts.dataInstruction).toBe(true);
          }
          if (to === 'wiping') {
            expect(
              facts.wipeConsent && facts.conflicts.length === 0 && facts.dataInstruction !== 'keep',
            ).toBe(true);
          }
          if (to === 'repairing') expect(facts.approval || !facts.approvalAwaited).toBe(true);
          if (to === 'closed') {
            closed += 1;
            expect(facts.causes.some((cause) => cause.role === 'primary')).toBe(true);
            expect(facts.passedRun || facts.causes.every((cause) => cause.class !== 'no-fault-found')).toBe(
              true,
            );
          }
          expect(facts.status).not.toBe('closed');
          if (facts.withoutUnit) expect(to).not.toBe('received');
          facts = {
            ...facts,
            status: to,
            unitArrived: facts.unitArrived || to === 'received',
            ...(to === 'awaiting-approval' ? { approvalAwaited: true, approval: false } : {}),
          };
        }
      }),
      { numRuns: 300 },
    );
    // The walks must get somewhere, or they prove nothing.
    expect(left).toBeGreaterThan(20);
    expect(closed).toBeGreaterThan(5);
  });

  it('a move is offered as allowed exactly when it is made', () => {
    fc.assert(
      fc.property(
        start,
        fc.constantFrom(...STATUSES),
        fc.array(deed, { maxLength: 6 }),
        (begin, status, deeds) => {
          const facts: CaseFacts = Object.assign({}, begin, { status }, ...deeds);
          for (const option of moveOptions(facts)) {
            expect(refusalOf(facts, option.to) === null).toBe(option.allowed);
          }
        },
      ),
    );
  });

  it('settled data is what its instruction asks for', () => {
    expect(dataSettled({ dataInstruction: 'keep', media: wiped, signedFor: 'wipe' })).toBe(false);
  });
});

function refusalOf(facts: CaseFacts, to: Status): string | null {
  return refusal(facts, to, 'a reason');
}
