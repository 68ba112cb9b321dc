import { describe, expect, it } from 'vitest';
import { step } from './keyboard.ts';

describe('keyboard steps in a list', () => {
  it.each([
    ['j', 4, 5],
    ['ArrowDown', 4, 5],
    ['k', 4, 3],
    ['ArrowUp', 0, 0],
    ['PageDown', 95, 99],
    ['PageUp', 5, 0],
    ['Home', 50, 0],
    ['End', 50, 99],
    ['x', 50, null],
  ])('%s from %d leads to %s', (key, from, to) => {
    expect(step(key, from, 100, 10)).toBe(to);
  });
  it('stays at zero in an empty list', () => {
    expect(step('End', 0, 0, 10)).toBe(0);
  });
});
