import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OUTCOMES } from '../model/runs.ts';
import { OUTCOME_ORDER, worse, worst } from './outcome.ts';

const outcome = fc.constantFrom(...OUTCOMES);

describe('the order of outcomes', () => {
  it('ranks every outcome, once', () => {
    expect([...OUTCOME_ORDER].sort()).toEqual([...OUTCOMES].sort());
  });

  it('a run passes only when every phase does', () => {
    fc.assert(
      fc.property(fc.array(outcome, { minLength: 1 }), (outcomes) => {
        expect(worst(outcomes) === 'pass').toBe(outcomes.every((each) => each === 'pass'));
      }),
    );
  });

  it('does not depend on when something happened', () => {
    fc.assert(
      fc.property(fc.array(outcome), fc.array(outcome), (before, after) => {
        expect(worst([...before, ...after])).toBe(worst([...after, ...before]));
      }),
    );
  });

  it('is one of what happened, and none when nothing did', () => {
    expect(worst([])).toBeNull();
    fc.assert(fc.property(outcome, outcome, (a, b) => void expect([a, b]).toContain(worse(a, b))));
  });
});
