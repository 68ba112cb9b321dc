import { BenchError } from '../../../../shared/errors/index.ts';
import type { SearchHit } from '../../../../shared/model/evidence.ts';
import { type Block, blocks, type Content } from './blocks.ts';
import { hitAt, type Matcher, SHOWN_BYTES, textEnd } from './lines.ts';
import { literalMatcher } from './literal.ts';
import { compilePattern, patternMatcher } from './regexp.ts';

export interface SearchQuery {
  readonly query: string;
  readonly regex: boolean;
  readonly caseSensitive: boolean;
  /** First line to look at, from 1. */
  readonly fromLine: number;
  readonly limit: number;
}

export interface SearchResult {
  readonly hits: SearchHit[];
  /** Where to go on, or null at the end. */
  readonly nextLine: number | null;
  readonly scannedBytes: number;
}

export interface SearchControl {
  /** Told the line a pattern is being tested on; 0: none. */
  onLine(line: number): void;
  /** Asked between blocks; true ends the page early, with `nextLine` where it stopped. May throw. */
  enough(): boolean;
}

/** Checks a query without running it. Throws `search.bad-pattern`, `input.invalid`. */
export function matcherFor(search: SearchQuery, onLine: (line: number) => void): Matcher {
  if (search.query === '' || search.query.includes('\n')) {
    const detail = 'A search looks at one line at a time: give some text without a line break.';
    throw new BenchError('input.invalid', { detail });
  }
  return search.regex
    ? patternMatcher(compilePattern(search.query, search.caseSensitive), onLine)
    : literalMatcher(search.query, search.caseSensitive);
}

/**
 * Searches the content line by line, in the memory of a few chunks. Lines end with LF or CRLF; a line of any
 * length is searched whole for plain text, for a pattern see `patternMatcher`.
 * Throws `artifact.damaged`, `search.bad-pattern`, `search.too-slow`, `input.invalid`.
 */
export async function search(
  reader: Content,
  query: SearchQuery,
  control: SearchControl,
): Promise<SearchResult> {
  const page = new Page(matcherFor(query, control.onLine), query.limit);
  let begin: number | null = null;
  let end = 0;
  for await (const block of blocks(reader, query.fromLine)) {
    begin ??= block.offset;
    end = block.offset + block.bytes.length;
    page.take(block);
    const last = page.hits.at(-1);
    if (page.full && last) {
      const nextLine = last.line + 1 > reader.index.lineBreaks + 1 ? null : last.line + 1;
      return { hits: page.hits, nextLine, scannedBytes: end - begin };
    }
    if (control.enough() && !block.open && end < reader.size) {
      return { hits: page.hits, nextLine: block.nextLine, scannedBytes: end - begin };
    }
  }
  return { hits: page.hits, nextLine: null, scannedBytes: begin === null ? 0 : end - begin };
}

/** A line that is coming in pieces. */
interface LongLine {
  readonly offset: number;
  readonly line: number;
  /** Its start, for showing. */
  readonly head: Buffer;
  /** The end of the last piece, in which a match may have begun. */
  tail: Buffer;
  found: boolean;
}

class Page {
  readonly hits: SearchHit[] = [];
  readonly #matcher: Matcher;
  readonly #limit: number;
  #long: LongLine | null = null;

  constructor(matcher: Matcher, limit: number) {
    this.#matcher = matcher;
    this.#limit = limit;
  }

  get full(): boolean {
    return this.hits.length >= this.#limit;
  }

  readonly #emit = (hit: SearchHit): boolean => {
    this.hits.push(hit);
    return !this.full;
  };

  take(block: Block): void {
    let { bytes, offset, line } = block;
    if (block.open) {
      this.#piece(block, bytes, false);
      return;
    }
    if (block.continues) {
      const lineBreak = bytes.indexOf(10);
      const end = lineBreak < 0 ? bytes.length : lineBreak;
      this.#piece(block, bytes.subarray(0, end), true);
      if (this.full) return;
      bytes = bytes.subarray(end + 1);
      offset += end + 1;
      line += 1;
    }
    this.#matcher.scan(bytes, offset, line, this.#emit);
  }

  #piece(block: Block, bytes: Buffer, last: boolean): void {
    const first = !block.continues;
    const long =
      this.#long && !first
        ? this.#long
        : {
            offset: block.offset,
            line: block.line,
            head: Buffer.from(bytes.subarray(0, SHOWN_BYTES)),
            tail: Buffer.alloc(0),
            found: false,
          };
    this.#long = last ? null : long;
    if (long.found) return;
    const joined = first ? bytes : Buffer.concat([long.tail, bytes]);
    // A carriage return at the end of a piece may belong to the line break: it is looked at with the next.
    const text = joined.subarray(0, textEnd(joined, 0, joined.length));
    if ((first || this.#matcher.overlap > 0) && this.#matcher.test(text, long.line)) {
      long.found = true;
      this.#emit(hitAt(long.head, 0, long.head.length, long.offset, long.line));
    } else if (!last) {
      long.tail = Buffer.from(joined.subarray(-this.#matcher.overlap - 1));
    }
  }
}
