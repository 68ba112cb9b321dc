import { describe, expect, it } from 'vitest';
import { isLastGroup, looksLikeRecoveryKey } from './recoveryKey.ts';

const KEY = 'K7QWZ-19ABC-D3FGH-J5KMN-P7QRS-T9VWX-Y2Z01';

describe('the part of the recovery key that is typed', () => {
  it('is the last group, in any case, with letters that look like digits', () => {
    expect(isLastGroup(KEY, 'Y2Z01')).toBe(true);
    expect(isLastGroup(KEY, ' y2zo1 ')).toBe(true);
    expect(isLastGroup(KEY, 'Y2ZOl')).toBe(true);
  });
  it('is nothing else', () => {
    expect(isLastGroup(KEY, '')).toBe(false);
    expect(isLastGroup(KEY, ' - ')).toBe(false);
    expect(isLastGroup(KEY, 'T9VWX')).toBe(false);
  });
});

describe('a scan that may be a recovery key', () => {
  it.each([
    [KEY, true],
    [KEY.toLowerCase().replaceAll('-', ' '), true],
    ['Tess Okafor', false],
    ['490154203237518', false],
    [KEY.slice(1), false],
  ])('%s: %s', (text, is) => {
    expect(looksLikeRecoveryKey(text)).toBe(is);
  });
});
