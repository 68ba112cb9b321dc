import type { SearchHit } from '../../../../shared/model/evidence.ts';

/** Characters of a line that a hit shows. */
export const SHOWN = 2000;
/** Bytes that surely hold `SHOWN` characters: no character takes more than three bytes for each unit. */
export const SHOWN_BYTES = SHOWN * 3 + 3;

/** Takes a hit; false when there are enough. */
export type Emit = (hit: SearchHit) => boolean;

/** One way to find lines. */
export interface Matcher {
  /** Bytes at the end of a piece that a match may begin in. */
  readonly overlap: number;
  /** Whether a line's bytes (without its break) match. */
  test(line: Buffer, number: number): boolean;
  /** Emits the matching ones of whole lines; the last may lack its break. */
  scan(lines: Buffer, offset: number, line: number, emit: Emit): void;
}

/** Where a line's text ends when its break is at `lineBreak`: a carriage return before it is not text. */
export function textEnd(bytes: Buffer, start: number, lineBreak: number): number {
  return lineBreak > start && bytes[lineBreak - 1] === 13 ? lineBreak - 1 : lineBreak;
}

/** The start of a line as people see it: bytes that are no UTF-8 replaced, no half character at the end. */
export function shown(line: Buffer): string {
  const text = line.subarray(0, SHOWN_BYTES).toString('utf8').slice(0, SHOWN);
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? text.slice(0, -1) : text;
}

export const hitAt = (
  bytes: Buffer,
  start: number,
  end: number,
  offset: number,
  line: number,
): SearchHit => ({
  line,
  offset: offset + start,
  text: shown(bytes.subarray(start, end)),
});
