import { describe, expect, it } from 'vitest';
import type { Bytes } from './bytes.ts';
import { contentInRanges } from './ranges.ts';
import { RANGE_LIMIT } from './station.ts';

const SIZE = 5 * RANGE_LIMIT + 10;
/** Bytes whose first tells where the range starts. */
const range = (offset: number, size: number) => ({
  size,
  arrayBuffer: async () => new Uint8Array([offset / RANGE_LIMIT]).buffer,
});

async function collect(ranges: AsyncIterable<Bytes>): Promise<number[][]> {
  const got: number[][] = [];
  for await (const bytes of ranges) got.push([...new Uint8Array(await bytes.arrayBuffer()), bytes.size]);
  return got;
}

describe('content in ranges', () => {
  it('comes whole and in order, whichever range is there first', async () => {
    const asked: [number, number][] = [];
    const held: (() => void)[] = [];
    const all = collect(
      contentInRanges((offset, length) => {
        asked.push([offset, length]);
        return new Promise((resolve) => {
          held.push(() => resolve(range(offset, Math.min(length, SIZE - offset))));
          // The last one asked for is answered first.
          if (held.length === 3) for (const answer of held.splice(0).reverse()) answer();
        });
      }, SIZE),
    );
    expect(asked).toHaveLength(3);
    expect(await all).toEqual([...[0, 1, 2, 3, 4].map((n) => [n, RANGE_LIMIT]), [5, 10]]);
    expect(asked).toEqual([0, 1, 2, 3, 4, 5].map((n) => [n * RANGE_LIMIT, RANGE_LIMIT]));
  });

  it('is nothing of nothing, and no more than comes', async () => {
    const never = () => Promise.reject(new Error('nobody asks'));
    expect(await collect(contentInRanges(never, 0))).toEqual([]);
    const short = async (offset: number) => range(offset, 7);
    expect(await collect(contentInRanges(short, SIZE))).toEqual([[0, 7]]);
  });

  it('fails with the failure, and leaves none behind', async () => {
    const read = async (offset: number, length: number) => {
      if (offset > 0) throw new Error(`range ${offset / RANGE_LIMIT}`);
      return range(offset, length);
    };
    await expect(collect(contentInRanges(read, SIZE))).rejects.toThrow('range 1');
  });
});
