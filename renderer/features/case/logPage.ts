import { visibleText } from '../../ui/format.ts';

/** Bytes of a log that are read and shown at once. */
export const LOG_PAGE = 256 * 1024;
/** A line longer than this is cut on the screen; the file keeps it whole. */
const LINE_LIMIT = 4_000;

export interface LogLine {
  /** Byte offset of the line's start in the file. */
  readonly offset: number;
  readonly text: string;
  readonly cut: boolean;
}

export interface LogPage {
  readonly lines: LogLine[];
  /** Where the next page starts, at a line's start; null at the end of the file. */
  readonly next: number | null;
}

/**
 * The lines of a piece of a log. The piece may begin and end in the middle of a line: what comes before the
 * first line break belongs to the page before (unless the piece starts the line), the rest to the next page.
 * @param base byte offset of the piece in the file
 */
export function logPage(
  bytes: Uint8Array,
  base: number,
  options: { atLineStart: boolean; eof: boolean },
): LogPage {
  let start = 0;
  if (!options.atLineStart) {
    const firstBreak = bytes.indexOf(10);
    start = firstBreak < 0 ? 0 : firstBreak + 1;
  }
  const decoder = new TextDecoder('utf-8');
  const lines: LogLine[] = [];
  while (start < bytes.length) {
    const found = bytes.indexOf(10, start);
    if (found < 0 && !options.eof && lines.length > 0) return { lines, next: base + start };
    const end = found < 0 ? bytes.length : found;
    const stop = end > start && bytes[end - 1] === 13 ? end - 1 : end;
    const cut = stop - start > LINE_LIMIT;
    lines.push({
      offset: base + start,
      text: visibleText(decoder.decode(bytes.subarray(start, cut ? start + LINE_LIMIT : stop))),
      cut,
    });
    start = end + 1;
  }
  return { lines, next: options.eof ? null : base + Math.min(start, bytes.length) };
}

/** Where the page before one that starts at `offset` starts. */
export const pageBefore = (offset: number): number => Math.max(0, offset - LOG_PAGE);
