import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Matcher, meets } from './expect.ts';
import type { PlainValue } from './measure.ts';

const scalar = fc.oneof(fc.string(), fc.double({ noNaN: true }), fc.boolean());

describe('meets', () => {
  it.each<[Matcher, PlainValue, boolean]>([
    [{ equals: true }, true, true],
    [{ equals: true }, 'true', false],
    [{ equals: 5 }, '5', false],
    [{ differs: 'a' }, 'b', true],
    [{ differs: 'a' }, null, false],
    [{ matches: '^R' }, 'READY', true],
    [{ matches: '^R' }, 'no', false],
    [{ matches: '.*' }, null, false],
    [{ matches: '1' }, 1, false],
    [{ matches: 'x' }, 'x'.repeat(3000), false],
    [{ in: ['a', 2] }, 2, true],
    [{ in: ['a', 2] }, '2', false],
    [{ notIn: ['a'] }, 'b', true],
    [{ notIn: ['a'] }, null, false],
    [{ present: true }, 'x', true],
    [{ present: true }, '', false],
    [{ present: true }, 0, true],
    [{ present: false }, null, true],
    [{ present: false }, 'x', false],
    [{ atLeast: 3 }, 3, true],
    [{ atLeast: 3 }, '4', false],
    [{ atMost: 3 }, 3, true],
    [{ atMost: 3 }, null, false],
    [{}, 'x', false],
  ])('%o of %o is %o', (matcher, value, met) => {
    expect(meets(matcher, value)).toBe(met);
  });

  it('is never met by silence, except where silence is asked for', () => {
    const matcher = fc.oneof(
      scalar.map((equals): Matcher => ({ equals })),
      scalar.map((differs): Matcher => ({ differs })),
      fc.array(scalar).map((list): Matcher => ({ in: list })),
      fc.array(scalar).map((list): Matcher => ({ notIn: list })),
      fc.constant<Matcher>({ matches: '' }),
      fc.constant<Matcher>({ present: true }),
      fc.double({ noNaN: true }).map((atLeast): Matcher => ({ atLeast })),
    );
    fc.assert(fc.property(matcher, (each) => void expect(meets(each, null)).toBe(false)));
  });

  it('equals and differs are opposites for what was said', () => {
    fc.assert(
      fc.property(scalar, scalar, (wanted, value) => {
        expect(meets({ equals: wanted }, value)).toBe(!meets({ differs: wanted }, value));
      }),
    );
  });
});
