import { release } from '../format/common.ts';
import { CHUNK, type Index } from '../format/layout.ts';
import type { ArtifactReader } from '../format/reader.ts';

/** A line longer than this is handed on in pieces, so that memory stays bounded. */
export const LONG_LINE = CHUNK;

/**
 * Content cut at line breaks. `bytes` is good until the next block is asked for.
 * A line of more than `LONG_LINE` bytes comes in pieces: blocks without a line break that are `open`
 * (the line goes on in the next block), each next block of it `continues`.
 */
export interface Block {
  readonly bytes: Buffer;
  /** Where it starts in the content. */
  readonly offset: number;
  /** Number of its first line, from 1. */
  readonly line: number;
  /** Number of the line after the last break in it; `line` when it has none. */
  readonly nextLine: number;
  readonly continues: boolean;
  readonly open: boolean;
}

/** What is searched: an `ArtifactReader`. */
export type Content = Pick<ArtifactReader, 'index' | 'size' | 'chunks'>;

/** The content from line `fromLine` on; nothing when there are fewer lines. */
export async function* blocks(reader: Content, fromLine: number): AsyncGenerator<Block, void> {
  const first = chunkOfLine(reader.index, fromLine);
  if (first === null) return;
  const work = Buffer.allocUnsafeSlow(LONG_LINE + CHUNK);
  let length = 0;
  let offset = first * CHUNK;
  let line = fromLine;
  let continues = false;
  let skip = fromLine - 1 - (reader.index.entries[first - 1]?.lineBreaks ?? 0);
  for await (const { k, bytes } of reader.chunks(first)) {
    let fresh = bytes;
    if (skip > 0) {
      // Only in the first chunk: `chunkOfLine` chose the one that holds the break before the line.
      let start = 0;
      for (; skip > 0; skip--) start = bytes.indexOf(10, start) + 1;
      fresh = bytes.subarray(start);
      offset += start;
    }
    fresh.copy(work, length);
    const end = length + fresh.length;
    release(bytes);
    const whole = work.subarray(0, end).lastIndexOf(10) + 1;
    if (whole > 0) {
      const nextLine = (reader.index.entries[k]?.lineBreaks ?? 0) + 1;
      yield { bytes: work.subarray(0, whole), offset, line, nextLine, continues, open: false };
      continues = false;
      offset += whole;
      line = nextLine;
      work.copyWithin(0, whole, end);
    }
    length = end - whole;
    if (length >= LONG_LINE) {
      yield { bytes: work.subarray(0, length), offset, line, nextLine: line, continues, open: true };
      continues = true;
      offset += length;
      length = 0;
    }
  }
  if (length > 0 || continues) {
    yield { bytes: work.subarray(0, length), offset, line, nextLine: line, continues, open: false };
  }
}

/** The chunk in which the line break before `line` stands; 0 for the first line, null when there is none. */
function chunkOfLine({ entries, lineBreaks }: Index, line: number): number | null {
  if (line === 1) return 0;
  if (lineBreaks < line - 1) return null;
  let low = 0;
  let high = entries.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle]?.lineBreaks ?? 0) >= line - 1) high = middle;
    else low = middle + 1;
  }
  return low;
}
