import { expect, test } from 'vitest';
import { createEntry } from './entry.ts';

const pairOf = (cookie: string | null) => cookie?.split(';')[0];

test('a token is exchanged once for a cookie that admits', () => {
  const entry = createEntry(() => 8080);
  const token = entry.issue();
  const cookie = pairOf(entry.redeem(token));
  expect(entry.redeem(token)).toBeNull();
  expect(entry.admits(cookie)).toBe(true);
  expect(entry.admits(`a=1; ${cookie}; b=2`)).toBe(true);
  expect(entry.admits(undefined)).toBe(false);
  expect(entry.admits(cookie?.toUpperCase())).toBe(false);
});

test('benches on other ports have cookies of other names', () => {
  const first = createEntry(() => 1);
  const second = createEntry(() => 2);
  const cookie = pairOf(first.redeem(first.issue()));
  expect(second.admits(cookie)).toBe(false);
  expect(second.admits(cookie?.replace('repairbench-1', 'repairbench-2'))).toBe(false);
});

test('after sixteen browsers the oldest has to enter again', () => {
  const entry = createEntry(() => 1);
  const cookies = Array.from({ length: 17 }, () => pairOf(entry.redeem(entry.issue())));
  expect(cookies.map((cookie) => entry.admits(cookie))).toEqual([false, ...Array(16).fill(true)]);
});
