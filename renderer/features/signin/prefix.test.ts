import { describe, expect, it } from 'vitest';
import { initials, isLastGroup, lastGroup, suggestPrefix } from './prefix.ts';

describe('suggested prefix', () => {
  it.each([
    ['Bench 2', 'B2'],
    ['Lab North', 'LN'],
    ['Århus 12', 'A12'],
    ['2', ''],
    ['', ''],
    ['a b c d e f g h', 'ABCDEF'],
  ])('%s gives %s', (name, prefix) => {
    expect(suggestPrefix(name)).toBe(prefix);
  });
});

describe('the part of the recovery key that is typed', () => {
  const key = 'K7QWZ-19ABC-D3FGH-J5KMN-P7QRS-T9VWX-Y2Z01';
  it('is the last group', () => {
    expect(lastGroup(key)).toBe('Y2Z01');
  });
  it('is taken in any case, with letters that look like digits', () => {
    expect(isLastGroup(key, ' y2zo1 ')).toBe(true);
    expect(isLastGroup(key, 'Y2ZOl')).toBe(true);
  });
  it('is nothing else', () => {
    expect(isLastGroup(key, '')).toBe(false);
    expect(isLastGroup(key, 'T9VWX')).toBe(false);
  });
});

describe('initials', () => {
  it.each([
    ['Tess Okafor', 'TO'],
    ['Maria del Carmen Ruiz', 'MR'],
    ['ada', 'A'],
    ['  ', ''],
  ])('of %s are %s', (name, letters) => {
    expect(initials(name)).toBe(letters);
  });
});
