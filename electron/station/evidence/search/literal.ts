import { isAscii } from 'node:buffer';
import { countLineBreaks, lowerAscii, scratchFor } from '../format/scan.ts';
import { type Emit, hitAt, type Matcher, textEnd } from './lines.ts';

/**
 * Finds plain text without decoding what does not need it.
 * Case-sensitive: the query's UTF-8 bytes occur in the line.
 * Otherwise: the folded query occurs in the folded line (`fold`).
 */
export function literalMatcher(query: string, caseSensitive: boolean): Matcher {
  return caseSensitive ? bytesMatcher(Buffer.from(query, 'utf8')) : foldedMatcher(fold(query));
}

/** Lower case of every script; the Greek final sigma, which depends on its neighbours, like the other. */
export const fold = (text: string): string => text.toLowerCase().replaceAll('ς', 'σ');

function bytesMatcher(query: Buffer): Matcher {
  return {
    overlap: query.length - 1,
    test: (line) => line.includes(query),
    scan: (lines, offset, line, emit) => scanBytes(lines, [sure(query)], lines, offset, line, emit),
  };
}

/** Bytes to look for, and whether a line that has them at a place matches. */
interface Needle {
  readonly bytes: Buffer;
  accepts(line: Buffer, at: number): boolean;
}

/** A match that reaches past the line's text used the carriage return of the line break. */
const sure = (bytes: Buffer): Needle => ({
  bytes,
  accepts: (line, at) => at + bytes.length <= line.length,
});

/** Finds needles in `searched`: `lines` themselves, or as long as they, with the same line breaks. */
function scanBytes(
  lines: Buffer,
  needles: readonly Needle[],
  searched: Buffer,
  offset: number,
  line: number,
  emit: Emit,
): void {
  const cursors = needles.map((needle) => ({ needle, at: searched.indexOf(needle.bytes) }));
  let counted = 0;
  let number = line;
  for (;;) {
    let first: (typeof cursors)[number] | null = null;
    for (const cursor of cursors) if (cursor.at >= 0 && cursor.at < (first?.at ?? Infinity)) first = cursor;
    if (!first) return;
    const { at, needle } = first;
    const start = at === 0 ? 0 : lines.lastIndexOf(10, at - 1) + 1;
    const lineBreak = lines.indexOf(10, at);
    const end = textEnd(lines, start, lineBreak < 0 ? lines.length : lineBreak);
    let from = at + 1;
    if (needle.accepts(lines.subarray(start, end), at - start)) {
      number += countLineBreaks(lines, counted, start);
      counted = start;
      if (!emit(hitAt(lines, start, end, offset, number)) || lineBreak < 0) return;
      from = lineBreak + 1;
    }
    for (const cursor of cursors) {
      if (cursor.at >= 0 && cursor.at < from) cursor.at = searched.indexOf(cursor.needle.bytes, from);
    }
  }
}

/** The characters outside ASCII whose folded form has ASCII in it: the Kelvin sign, and I with a dot. */
const FOLD_TO_ASCII: readonly [string, Buffer][] = [
  ['k', Buffer.from('\u212a')],
  ['i', Buffer.from('\u0130')],
];

function foldedMatcher(query: string): Matcher {
  const bytes = Buffer.from(query, 'utf8');
  const queryIsAscii = isAscii(bytes);
  const matches = (line: Buffer) => fold(line.toString('utf8')).includes(query);
  // Beside ASCII bytes, whose neighbours no decoding changes, only these can match an ASCII query.
  const special = FOLD_TO_ASCII.filter(([letter]) => query.includes(letter));
  const needles = [sure(bytes), ...special.map(([, character]) => ({ bytes: character, accepts: matches }))];
  let scratch = Buffer.alloc(0);
  return {
    // A folded unit comes from at most four bytes; three more, because a piece may begin inside a character.
    overlap: query.length * 4 + 3,
    test: matches,
    scan(lines, offset, line, emit) {
      if (queryIsAscii) {
        const needed = scratchFor(lines.length);
        if (scratch.length < needed) scratch = Buffer.allocUnsafeSlow(needed);
        scanBytes(lines, needles, lowerAscii(lines, scratch), offset, line, emit);
      } else if (!isAscii(lines)) {
        scanFolded(lines, query, offset, line, emit);
      }
    },
  };
}

/** Folding changes lengths, so positions are carried over by counting line breaks, which it keeps. */
function scanFolded(lines: Buffer, query: string, offset: number, line: number, emit: Emit): void {
  const text = fold(lines.toString('utf8'));
  let number = line;
  let textStart = 0;
  let start = 0;
  for (let match = text.indexOf(query); match >= 0; ) {
    for (;;) {
      const next = text.indexOf('\n', textStart);
      if (next < 0 || next >= match) break;
      textStart = next + 1;
      start = lines.indexOf(10, start) + 1;
      number += 1;
    }
    const textBreak = text.indexOf('\n', match);
    const textLineEnd = textBreak < 0 ? text.length : textBreak;
    const trimmed = text.charCodeAt(textLineEnd - 1) === 13 ? textLineEnd - 1 : textLineEnd;
    if (match + query.length > trimmed) {
      match = text.indexOf(query, match + 1);
      continue;
    }
    const lineBreak = lines.indexOf(10, start);
    const end = textEnd(lines, start, lineBreak < 0 ? lines.length : lineBreak);
    if (!emit(hitAt(lines, start, end, offset, number)) || textBreak < 0) return;
    match = text.indexOf(query, textBreak + 1);
  }
}
