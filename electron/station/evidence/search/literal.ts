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
    scan: (lines, offset, line, emit) => scanBytes(lines, lines, query, offset, line, emit),
  };
}

/** Finds `query` in `searched`, which is `lines` or of the same length as it, with the same line breaks. */
function scanBytes(
  lines: Buffer,
  searched: Buffer,
  query: Buffer,
  offset: number,
  line: number,
  emit: Emit,
): void {
  let counted = 0;
  let number = line;
  for (let match = searched.indexOf(query); match >= 0; ) {
    const start = match === 0 ? 0 : lines.lastIndexOf(10, match - 1) + 1;
    const lineBreak = lines.indexOf(10, match);
    const end = textEnd(lines, start, lineBreak < 0 ? lines.length : lineBreak);
    if (match + query.length > end) {
      // It used the carriage return that belongs to the line break.
      match = searched.indexOf(query, match + 1);
      continue;
    }
    number += countLineBreaks(lines, counted, start);
    counted = start;
    if (!emit(hitAt(lines, start, end, offset, number)) || lineBreak < 0) return;
    match = searched.indexOf(query, lineBreak + 1);
  }
}

/** Characters outside ASCII whose folded form has ASCII in it: the Kelvin sign (k), capital I with a dot (i). */
const FOLD_TO_ASCII = ['\u212a', '\u0130'].map((character) => Buffer.from(character, 'utf8'));

function foldedMatcher(query: string): Matcher {
  const bytes = Buffer.from(query, 'utf8');
  const queryIsAscii = isAscii(bytes);
  let scratch = Buffer.alloc(0);
  const matches = (line: Buffer) => fold(line.toString('utf8')).includes(query);
  return {
    // A folded unit comes from at most four bytes; three more, because a piece may begin inside a character.
    overlap: query.length * 4 + 3,
    test: matches,
    scan(lines, offset, line, emit) {
      if (queryIsAscii && FOLD_TO_ASCII.every((character) => !lines.includes(character))) {
        // Then only ASCII bytes can match, and no decoding changes which of them are neighbours.
        if (scratch.length < lines.length) scratch = Buffer.allocUnsafeSlow(lines.length);
        scanBytes(lines, lowerAscii(lines, scratch), bytes, offset, line, emit);
      } else if (queryIsAscii || !isAscii(lines)) {
        scanFolded(lines, query, offset, line, emit);
      }
    },
  };
}

function lowerAscii(from: Buffer, scratch: Buffer): Buffer {
  for (let at = 0; at < from.length; at++) {
    const byte = from[at] ?? 0;
    scratch[at] = byte >= 65 && byte <= 90 ? byte + 32 : byte;
  }
  return scratch.subarray(0, from.length);
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
