import { describe, expect, it } from 'vitest';
import { initials, suggestPrefix } from './prefix.ts';

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
