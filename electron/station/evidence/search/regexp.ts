import { isAscii } from 'node:buffer';
import { BenchError } from '../../../../shared/errors/index.ts';
import { LONG_LINE } from './blocks.ts';
import { type Emit, hitAt, type Matcher, textEnd } from './lines.ts';

/** Bytes decoded at once, and the rest of their last line. */
const PIECE = 64 * 1024;

/** Throws `search.bad-pattern`. Unicode rules where the pattern allows them, else the older ones. */
export function compilePattern(query: string, caseSensitive: boolean): RegExp {
  const flags = caseSensitive ? '' : 'i';
  try {
    return new RegExp(query, `${flags}u`);
  } catch {
    // Patterns such as `error\:` are only valid without `u`.
  }
  try {
    return new RegExp(query, flags);
  } catch (cause) {
    throw badPattern(cause);
  }
}

function badPattern(cause: unknown): BenchError {
  const words = cause instanceof Error ? cause.message : String(cause);
  const detail = words.replace(/^Invalid regular expression: /, '');
  return new BenchError('search.bad-pattern', { detail }, { cause });
}

/**
 * Tests a pattern on each line; of a line that comes in pieces (see `blocks.ts`) on the first `LONG_LINE` bytes.
 * `onLine` is told which line is about to be tested (0: none), so that someone outside this thread can see a
 * pattern that does not come back.
 */
export function patternMatcher(pattern: RegExp, onLine: (line: number) => void): Matcher {
  const matches = (text: string, number: number): boolean => {
    onLine(number);
    try {
      return pattern.test(text);
    } catch (cause) {
      // V8 finds some patterns too large, and some lines too deep, only when it runs them.
      if (cause instanceof SyntaxError) throw badPattern(cause);
      throw new BenchError('search.too-slow', { line: number }, { cause });
    }
  };
  return {
    overlap: 0,
    test(line, number) {
      const found = matches(line.subarray(0, LONG_LINE).toString('utf8'), number);
      onLine(0);
      return found;
    },
    scan(lines, offset, line, emit) {
      // In pieces of whole lines: short strings are soon forgotten, and few lines share a rare character.
      let number = line;
      for (let start = 0; start < lines.length; ) {
        const found = start + PIECE < lines.length ? lines.indexOf(10, start + PIECE) : -1;
        const end = found < 0 ? lines.length : found + 1;
        const next = scanLines(lines.subarray(start, end), offset + start, number, emit, matches);
        if (next === null) break;
        number = next;
        start = end;
      }
      onLine(0);
    },
  };
}

/** The number of the line after the last one; null when there are enough hits. */
function scanLines(
  lines: Buffer,
  offset: number,
  line: number,
  emit: Emit,
  matches: (text: string, number: number) => boolean,
): number | null {
  // Where bytes are characters, one decoding serves all lines.
  const text = isAscii(lines) ? lines.toString('latin1') : null;
  let number = line;
  for (let start = 0; start < lines.length; number++) {
    const found = text === null ? lines.indexOf(10, start) : text.indexOf('\n', start);
    const lineBreak = found < 0 ? lines.length : found;
    const end = textEnd(lines, start, lineBreak);
    const content = text === null ? lines.toString('utf8', start, end) : text.slice(start, end);
    if (matches(content, number) && !emit(hitAt(lines, start, end, offset, number))) return null;
    start = lineBreak + 1;
  }
  return number;
}
