import type { Bytes } from './bytes.ts';
import { RANGE_LIMIT } from './station.ts';

/** Ranges asked for at once: while one is used, others are being prepared and on their way. */
const AT_ONCE = 3;

/**
 * The whole content of an artifact, range by range and in order. Check its hash where it must be the whole: an
 * end that comes too early is no error here. Throws what `read` throws.
 * @param size bytes, as the log has them
 */
export async function* contentInRanges(
  read: (offset: number, length: number) => Promise<Bytes>,
  size: number,
): AsyncGenerator<Bytes, void> {
  const coming: Promise<Bytes>[] = [];
  for (let next = 0; next < size || coming.length > 0; ) {
    for (; next < size && coming.length < AT_ONCE; next += RANGE_LIMIT) {
      const range = read(next, RANGE_LIMIT);
      // Whoever awaits it meets the failure; one that nobody comes to any more is nobody's.
      range.catch(() => undefined);
      coming.push(range);
    }
    const range = await coming.shift();
    if (!range || range.size === 0) return;
    yield range;
    if (range.size < RANGE_LIMIT) return;
  }
}
