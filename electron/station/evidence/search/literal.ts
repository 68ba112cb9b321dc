import { isAscii } from 'node:buffer';
import { countLineBreaks } from '../format/common.ts';
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
    scan: (lines, offset, line, emit) =>
      scanFor(lines, (from) => lines.indexOf(query, from), query.length, offset, line, emit),
  };
}

/** `find` gives the next match's position in `lines` at or after a position, or -1. */
function scanFor(
  lines: Buffer,
  find: (from: number) => number,
  matchLength: number,
  offset: number,
  line: number,
  emit: Emit,
): void {
  let counted = 0;
  let number = line;
  for (let match = find(0); match >= 0; ) {
    const start = match === 0 ? 0 : lines.lastIndexOf(10, match - 1) + 1;
    const lineBreak = lines.indexOf(10, match);
    const end = textEnd(lines, start, lineBreak < 0 ? lines.length : lineBreak);
    if (match + matchLength > end) {
      // It used the carriage return that belongs to the line break.
      match = find(match + 1);
      continue;
    }
    number += countLineBreaks(lines, counted, start);
    counted = start;
    if (!emit(hitAt(lines, start, end, offset, number)) || lineBreak < 0) return;
    match = find(lineBreak + 1);
  }
}

function foldedMatcher(query: string): Matcher {
  const queryIsAscii = isAscii(Buffer.from(query, 'utf8'));
  const matches = (line: Buffer) => fold(line.toString('utf8')).includes(query);
  return {
    // A folded unit comes from at most four bytes; three more, because a piece may begin inside a character.
    overlap: query.length * 4 + 3,
    test: matches,
    scan(lines, offset, line, emit) {
      if (isAscii(lines)) {
        if (!queryIsAscii) return;
        const text = lines.toString('latin1').toLowerCase();
        scanFor(lines, (from) => text.indexOf(query, from), query.length, offset, line, emit);
      } else {
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
