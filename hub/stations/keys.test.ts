import { expect, test } from 'vitest';
import type { Sql } from '../storage/database.ts';
import { keysAt, keysOf, signingKey } from './keys.ts';

/** Keys a, b, … in the order in which a station had them, by the first entry of each. */
async function keys(...fromSeqs: readonly number[]) {
  const rows = fromSeqs.map((from_seq, index) => ({
    from_seq,
    public_key: Buffer.from('abcdef'[index] ?? ''),
  }));
  const sql = { query: async () => ({ rows: rows.toReversed() }) } as unknown as Sql;
  const found = await keysOf(sql, 'station');
  return (seq: number) =>
    keysAt(found, seq)
      .map((key) => key.toString())
      .sort()
      .join('');
}

test('a key signs until the next one begins; later keys may sign what came before', async () => {
  const at = await keys(1, 10, 20);
  expect([at(1), at(9), at(10), at(19), at(20), at(500)]).toEqual(['abc', 'abc', 'bc', 'bc', 'c', 'c']);
});

test('a bench that came back with another key from an earlier entry on ends all keys before', async () => {
  const at = await keys(1, 10, 5);
  expect([at(4), at(5), at(12)]).toEqual(['abc', 'c', 'c']);
});

test('one key signs everything', async () => {
  expect((await keys(1))(1_000_000)).toBe('a');
});

test.each(['', 'AAAA', Buffer.from('no key').toString('base64')])('“%s” is no key', (text) => {
  expect(() => signingKey(text)).toThrow('cannot understand');
});
