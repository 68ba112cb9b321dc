import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OUTCOMES, type Outcome } from '../../../shared/model/runs.ts';
import { judgeWipe, type OverwriteFacts, type ResetFacts, type WipeFacts } from './verdict.ts';

const SIZE = 1_000_000;
const overwrite: OverwriteFacts = {
  targetBytes: SIZE,
  bytes: SIZE,
  errors: 0,
  readBackBytes: SIZE,
  verified: true,
  pastCache: true,
};
const reset: ResetFacts = {
  directed: true,
  answer: 'OK',
  proven: true,
  evidence: 'SETUP(PENDING)',
  sameUnitAfter: true,
};
const passed = (over: Partial<WipeFacts>): WipeFacts => ({
  runOutcome: 'pass',
  runMessage: null,
  errorCode: null,
  destruction: { outcome: 'pass', errorCode: null },
  overwrite: null,
  reset: null,
  ...over,
});
const of = (facts: WipeFacts) => judgeWipe(facts).verdict;
const ended = (outcome: Outcome, errorCode: string | null = null) => ({ outcome, errorCode });

describe('an overwrite', () => {
  it.each<[string, Partial<OverwriteFacts>, string]>([
    ['complete, read back past the cache', {}, 'verified'],
    ['that does not count errors', { errors: null }, 'verified'],
    ['with errors', { errors: 1 }, 'failed'],
    ['that is short', { bytes: SIZE - 512 }, 'failed'],
    ['of nothing', { bytes: 0 }, 'failed'],
    ['that does not say how much', { bytes: null }, 'failed'],
    ['read back and different', { verified: false }, 'failed'],
    ['partly read back and different', { verified: false, readBackBytes: 10 }, 'failed'],
    ['not read back', { readBackBytes: 0, verified: false }, 'unverified'],
    ['not read back, unsaid', { readBackBytes: null, verified: null }, 'unverified'],
    ['partly read back', { readBackBytes: SIZE / 2 }, 'unverified'],
    ['read back from the cache', { pastCache: false }, 'unverified'],
    ['read back from who knows where', { pastCache: null }, 'unverified'],
    ['whose comparison is unsaid', { verified: null }, 'unverified'],
    ['of a target of unknown size', { targetBytes: null }, 'unverified'],
    ['of more than there is', { bytes: SIZE + 1 }, 'unverified'],
  ])('%s is %s', (_, over, verdict) => {
    expect(of(passed({ overwrite: { ...overwrite, ...over } }))).toBe(verdict);
  });
});

describe('a reset', () => {
  it.each<[string, Partial<ResetFacts>, string]>([
    ['proven', {}, 'verified'],
    ['not proven', { proven: false }, 'unverified'],
    ['whose proof was not looked for', { proven: null, evidence: null }, 'unverified'],
    ['after which nobody was seen', { sameUnitAfter: false }, 'unverified'],
    ['that was not taken', { directed: false }, 'cannot-sanitize'],
    ['of which nothing is known', { directed: null }, 'unverified'],
  ])('%s is %s', (_, over, verdict) => {
    expect(of(passed({ reset: { ...reset, ...over } }))).toBe(verdict);
  });
});

describe('a wipe that did not go its way', () => {
  it.each<[string, Partial<WipeFacts>, string]>([
    ['stopped before', { runOutcome: 'aborted', destruction: null }, 'not-started'],
    ['unplugged before', { runOutcome: 'interrupted', destruction: null }, 'not-started'],
    [
      'not begun because something else was refused',
      { runOutcome: 'fail', errorCode: 'unit.refused', destruction: null },
      'not-started',
    ],
    [
      'stopped in the middle',
      { runOutcome: 'aborted', destruction: ended('aborted'), overwrite },
      'interrupted',
    ],
    ['unplugged', { runOutcome: 'interrupted', destruction: ended('interrupted'), overwrite }, 'interrupted'],
    [
      'refused for another unit',
      { runOutcome: 'error', errorCode: 'wipe.identity-mismatch', destruction: null },
      'not-started',
    ],
    [
      'refused for a lock',
      { runOutcome: 'error', errorCode: 'wipe.locked', destruction: null },
      'cannot-sanitize',
    ],
    [
      'not supported',
      { runOutcome: 'error', destruction: ended('error', 'unit.unsupported'), reset },
      'cannot-sanitize',
    ],
    [
      'refused by the unit',
      { runOutcome: 'fail', destruction: ended('fail', 'unit.refused'), reset: null },
      'cannot-sanitize',
    ],
    [
      'that took too long',
      { runOutcome: 'timeout', destruction: ended('timeout'), overwrite: { ...overwrite, bytes: 5 } },
      'failed',
    ],
    ['verified, and then another step failed', { runOutcome: 'fail', overwrite }, 'unverified'],
    [
      'verified, and then another unit answered',
      { runOutcome: 'error', errorCode: 'wipe.other-unit-after-restart', reset },
      'unverified',
    ],
    [
      'verified, and then something else was refused',
      { runOutcome: 'fail', errorCode: 'unit.refused', overwrite },
      'unverified',
    ],
    ['of an unknown kind', {}, 'unverified'],
  ])('%s is %s', (_, over, verdict) => {
    expect(of(passed({ runMessage: 'Because', ...over }))).toBe(verdict);
  });

  const cutOff = (bytes: number | null, runOutcome: Outcome = 'timeout') =>
    judgeWipe(
      passed({
        runOutcome,
        runMessage: 'It took too long',
        destruction: ended(runOutcome, 'procedure.phase-timeout'),
        overwrite: {
          ...overwrite,
          bytes,
          errors: null,
          readBackBytes: null,
          verified: null,
          pastCache: null,
        },
      }),
    );

  it('says how much was overwritten as far as that is known, and no more', () => {
    expect(cutOff(null)).toEqual({
      verdict: 'failed',
      reasons: ['How much was overwritten is not known', 'It took too long'],
    });
    expect(cutOff(0).reasons).toEqual(['Nothing was overwritten', 'It took too long']);
    expect(cutOff(400).reasons).toContain(`400 of ${SIZE} bytes are known to be overwritten`);
    // Written to its end, and cut off while it was read back.
    expect(cutOff(SIZE)).toEqual({
      verdict: 'failed',
      reasons: ['Nothing was read back', 'It took too long'],
    });
    expect(cutOff(400, 'aborted')).toEqual({
      verdict: 'interrupted',
      reasons: [`400 of ${SIZE} bytes are known to be overwritten`, 'It took too long'],
    });
  });

  it('does not say of a reset that nothing happened when nobody knows', () => {
    const unknown = { ...reset, directed: null, answer: null, proven: null, evidence: null };
    const facts = passed({ runOutcome: 'timeout', runMessage: 'No answer', destruction: ended('timeout') });
    expect(judgeWipe({ ...facts, reset: unknown })).toEqual({
      verdict: 'failed',
      reasons: ['It is not known whether the unit took the reset', 'No answer'],
    });
  });

  const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
  const anything = fc.record({
    runOutcome: fc.constantFrom(...OUTCOMES),
    runMessage: maybe(fc.constant('Because')),
    errorCode: maybe(fc.constantFrom('wipe.locked', 'unit.refused', 'port.gone', 'storage.full')),
    destruction: maybe(
      fc.record({
        outcome: maybe(fc.constantFrom(...OUTCOMES)),
        errorCode: maybe(fc.constantFrom('unit.refused', 'port.gone')),
      }),
    ),
    overwrite: maybe(
      fc.record({
        targetBytes: maybe(fc.constantFrom(0, SIZE, SIZE + 1)),
        bytes: maybe(fc.constantFrom(0, SIZE)),
        errors: maybe(fc.constantFrom(0, 1)),
        readBackBytes: maybe(fc.constantFrom(0, 7, SIZE)),
        verified: maybe(fc.boolean()),
        pastCache: maybe(fc.boolean()),
      }),
    ),
    reset: maybe(
      fc.record({
        directed: maybe(fc.boolean()),
        answer: maybe(fc.string()),
        proven: maybe(fc.boolean()),
        evidence: maybe(fc.string()),
        sameUnitAfter: fc.boolean(),
      }),
    ),
  });

  it('is verified only when every proof is there, and says why otherwise', () => {
    fc.assert(
      fc.property(anything, (facts) => {
        const { verdict, reasons } = judgeWipe(facts);
        if (verdict !== 'verified') {
          expect(reasons.length).toBeGreaterThan(0);
          return;
        }
        expect(facts.runOutcome).toBe('pass');
        expect(facts.destruction?.outcome).toBe('pass');
        if (facts.overwrite) {
          const { targetBytes, bytes, readBackBytes } = facts.overwrite;
          expect([bytes, readBackBytes]).toEqual([targetBytes, targetBytes]);
          expect(facts.overwrite).toMatchObject({ verified: true, pastCache: true });
          expect(facts.overwrite.errors ?? 0).toBe(0);
        } else expect(facts.reset).toMatchObject({ directed: true, proven: true, sameUnitAfter: true });
      }),
      { numRuns: 2000 },
    );
  });
});
