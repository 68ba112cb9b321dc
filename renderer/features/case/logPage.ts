import { visibleText } from '../../ui/format.ts';

/** Bytes of a log that are read and shown at once. */
export const LOG_PAGE = 256 * 1024;
/** A line longer than this is cut on the screen; the file keeps it whole. */
const LINE_LIMIT = 4_000;
/** What is shown before a line that was searched for, so that its circumstances are seen. */
const CONTEXT = 8 * 1024;

export interface LogLine {
  /** Byte offset of the line's start in the file. */
  readonly offset: number;
  readonly text: string;
  readonly cut: boolean;
}

export interface LogPage {
  readonly lines: LogLine[];
  /** Byte offset of the first line shown. */
  readonly start: number;
  /** Where the next page starts, at a line's start; null at the end of the file. */
  readonly next: number | null;
}

/** Which bytes of a log to read for a page. */
export interface LogPlace {
  readonly from: number;
  /** The end, exclusive, at a line's start: the page before one that is known. Null: as far as a page goes. */
  readonly to: number | null;
  /** Whether a line starts at `from`; otherwise the page starts with the first line that does. */
  readonly atLineStart: boolean;
}

export const FIRST_PAGE: LogPlace = { from: 0, to: null, atLineStart: true };

const place = (from: number, to: number | null): LogPlace => ({ from, to, atLineStart: from === 0 });

/** The page that goes on where this one ends; null at the end of the file. */
export const pageAfter = ({ next }: LogPage): LogPlace | null =>
  next === null ? null : { from: next, to: null, atLineStart: true };

/** The page that ends exactly where this one starts, so that no line lies between the two; null at the start. */
export const pageBefore = ({ start }: LogPage): LogPlace | null =>
  start === 0 ? null : place(Math.max(0, start - LOG_PAGE), start);

/** A page with the line at `offset` and what came shortly before it. */
export const pageAround = (offset: number): LogPlace => place(Math.max(0, offset - CONTEXT), null);

/** Bytes to ask for. */
export const pageLength = ({ from, to }: LogPlace): number => (to === null ? LOG_PAGE : to - from);

/**
 * The lines of a piece of a log. The piece may begin and end in the middle of a line: what comes before the
 * first line break belongs to the page before (unless the piece starts the line), the rest to the next page.
 * @param eof whether the file ends with this piece
 */
export function logPage(bytes: Uint8Array, at: LogPlace, eof: boolean): LogPage {
  const whole = eof || at.to !== null;
  let start = 0;
  if (!at.atLineStart) {
    const afterBreak = bytes.indexOf(10) + 1;
    // A line longer than the piece is shown from where the piece begins, so that paging gets past it.
    start = afterBreak < bytes.length ? afterBreak : 0;
  }
  const decoder = new TextDecoder('utf-8');
  const lines: LogLine[] = [];
  const first = at.from + start;
  while (start < bytes.length) {
    const found = bytes.indexOf(10, start);
    if (found < 0 && !whole && lines.length > 0) {
      return { lines, start: first, next: at.from + start };
    }
    const end = found < 0 ? bytes.length : found;
    const stop = end > start && bytes[end - 1] === 13 ? end - 1 : end;
    const cut = stop - start > LINE_LIMIT;
    lines.push({
      offset: at.from + start,
      text: visibleText(decoder.decode(bytes.subarray(start, cut ? start + LINE_LIMIT : stop))),
      cut,
    });
    start = end + 1;
  }
  const next = at.to ?? (eof ? null : at.from + Math.min(start, bytes.length));
  return { lines, start: first, next };
}
