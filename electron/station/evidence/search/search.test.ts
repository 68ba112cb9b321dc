import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHUNK } from '../format/layout.ts';
import { ArtifactReader } from '../format/reader.ts';
import { countLineBreaks } from '../format/scan.ts';
import { logText, writeArtifact } from '../testing.ts';
import type { Content } from './blocks.ts';
import { SHOWN } from './lines.ts';
import { fold } from './literal.ts';
import { type SearchControl, type SearchQuery, type SearchResult, search } from './search.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repairbench-search-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const code = (expected: string) => expect.objectContaining({ code: expected });
const ALL: SearchQuery = { query: 'x', regex: false, caseSensitive: true, fromLine: 1, limit: 100_000 };
const free: SearchControl = { onLine: () => undefined, enough: () => false };

/** Content as a reader gives it, without a file. */
function inMemory(content: Buffer): Content {
  const count = Math.max(1, Math.ceil(content.length / CHUNK));
  let lineBreaks = 0;
  const entries = Array.from({ length: count }, (_, k) => {
    const chunk = content.subarray(k * CHUNK, (k + 1) * CHUNK);
    lineBreaks += countLineBreaks(chunk);
    return { offset: 0, length: 0, plain: chunk.length, lineBreaks, flags: 0, hash: Buffer.alloc(32) };
  });
  return {
    size: content.length,
    index: { entries, size: content.length, lineBreaks, sha256: '' },
    async *chunks(first = 0) {
      for (let k = first; k < count; k++) {
        const offset = k * CHUNK;
        yield { k, offset, bytes: Buffer.from(content.subarray(offset, offset + CHUNK)) };
      }
    },
  };
}

const find = (content: Buffer, query: Partial<SearchQuery>, control = free): Promise<SearchResult> =>
  search(inMemory(content), { ...ALL, ...query }, control);

/** What a search means, in the plainest way. */
function naive(content: Buffer, { query, regex, caseSensitive, fromLine, limit }: SearchQuery) {
  const hits: { line: number; offset: number; text: string }[] = [];
  let line = 0;
  for (let start = 0; start < content.length && hits.length < limit; ) {
    line += 1;
    const found = content.indexOf(10, start);
    const next = found < 0 ? content.length : found;
    const end = next > start && content[next - 1] === 13 ? next - 1 : next;
    const text = content.toString('utf8', start, end);
    const matches = regex
      ? new RegExp(query, caseSensitive ? 'u' : 'iu').test(text)
      : caseSensitive
        ? content.subarray(start, end).includes(query)
        : fold(text).includes(fold(query));
    if (matches && line >= fromLine) hits.push({ line, offset: start, text: text.slice(0, SHOWN) });
    start = next + 1;
  }
  return hits;
}

const lines = (texts: readonly string[], lineBreak = '\n') => Buffer.from(texts.join(lineBreak));

describe('finds what a plain look at every line finds', () => {
  const word = fc.constantFrom(
    'a',
    'A',
    'ab',
    'aB',
    'ba',
    'é',
    'É',
    'ß',
    'ς',
    'Σ',
    'σ',
    'İ',
    'K',
    'ſ',
    '日本',
    '😀',
    ' ',
    '\t',
    '\r',
    '\u0000',
  );
  const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(''));
  const lineBreak = fc.constantFrom('\n', '\r\n', '\n\n', '\r\r\n');
  const invalid = fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes));
  const part = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(text, lineBreak).map(([t, b]) => Buffer.from(t + b)) },
    { weight: 1, arbitrary: invalid },
  );
  const small = fc.array(part, { maxLength: 30 }).map((parts) => Buffer.concat(parts));
  const filler = logText(CHUNK, 7);
  /** Puts the interesting bytes across a chunk border. */
  const placed = fc
    .tuple(small, fc.boolean())
    .map(([bytes, atBorder]) =>
      atBorder ? Buffer.concat([filler.subarray(Math.floor(bytes.length / 2)), bytes]) : bytes,
    );
  const query = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(''));
  const pattern = fc.constantFrom(
    'a',
    '^a',
    'b$',
    '^$',
    'a+b',
    '[ß-é]',
    '(a|b)\\s',
    '\\p{L}{3}',
    '.{5,}',
    '\\u{1F600}',
  );
  const options = fc.record({
    caseSensitive: fc.boolean(),
    fromLine: fc.integer({ min: 1, max: 12 }),
    limit: fc.constantFrom(1, 2, 5, 100_000),
  });

  it('for plain text', async () => {
    await fc.assert(
      fc.asyncProperty(placed, query, options, async (content, q, rest) => {
        const asked = { ...ALL, ...rest, query: q };
        expect((await find(content, asked)).hits).toEqual(naive(content, asked));
      }),
      { numRuns: 150 },
    );
  });

  it('for patterns', async () => {
    await fc.assert(
      fc.asyncProperty(placed, pattern, options, async (content, q, rest) => {
        const asked = { ...ALL, ...rest, regex: true, query: q };
        expect((await find(content, asked)).hits).toEqual(naive(content, asked));
      }),
      { numRuns: 80 },
    );
  });

  it('page after page', async () => {
    const content = logText(2 * CHUNK + 1000, 5);
    const { file } = await writeArtifact(folder, [content]);
    const reader = await ArtifactReader.open(file);
    for (const query of ['timeout', 'ERROR']) {
      const asked: SearchQuery = { ...ALL, query, caseSensitive: query === 'timeout', limit: 997 };
      const all = naive(content, { ...asked, limit: 1e6 });
      const found: unknown[] = [];
      let fromLine: number | null = 1;
      while (fromLine !== null) {
        const page: SearchResult = await search(reader, { ...asked, fromLine }, free);
        found.push(...page.hits);
        fromLine = page.nextLine;
      }
      expect(all.length).toBeGreaterThan(997);
      expect(found).toEqual(all);
    }
    await reader.close();
  });
});

describe('lines', () => {
  it('are counted from 1, wherever a chunk ends', async () => {
    const content = Buffer.concat([Buffer.alloc(CHUNK - 1, '\n'), Buffer.from('needle\n\nneedle')]);
    const { hits, nextLine, scannedBytes } = await find(content, { query: 'needle' });
    expect(hits).toEqual([
      { line: CHUNK, offset: CHUNK - 1, text: 'needle' },
      { line: CHUNK + 2, offset: CHUNK + 7, text: 'needle' },
    ]);
    expect(nextLine).toBeNull();
    expect(scannedBytes).toBe(content.length);
  });

  it('from a line on, only what follows is read', async () => {
    const content = lines(Array.from({ length: 200_000 }, (_, n) => `line ${n + 1} of many`));
    const { hits, scannedBytes } = await find(content, { query: 'line 1', fromLine: 199_990 });
    expect(hits.map((hit) => hit.line)).toEqual([
      199_990, 199_991, 199_992, 199_993, 199_994, 199_995, 199_996, 199_997, 199_998, 199_999,
    ]);
    expect(scannedBytes).toBeLessThan(300);
    expect(await find(content, { query: 'line', fromLine: 200_001 })).toEqual({
      hits: [],
      nextLine: null,
      scannedBytes: 0,
    });
  });

  it('end with LF or CRLF, and a carriage return at the end is not text', async () => {
    const content = Buffer.from('one\r\ntwo\r\r\nthr\ree\r');
    const texts = async (query: string, regex = false) =>
      (await find(content, { query, regex })).hits.map((hit) => hit.text);
    expect(await texts('e')).toEqual(['one', 'thr\ree']);
    expect(await texts('o\r')).toEqual(['two\r']);
    expect(await texts('e\r')).toEqual([]);
    expect(await texts('E\r')).toEqual([]);
    expect(await texts('e$', true)).toEqual(['one', 'thr\ree']);
  });

  it('are shown up to 2,000 characters, never half of one, and replaced where they are no text', async () => {
    const [long, half, bad] = (
      await find(
        Buffer.concat([
          Buffer.from(`needle${'日'.repeat(3000)}\n`),
          Buffer.from(`needle${'x'.repeat(1993)}😀😀\n`),
          Buffer.from('needle'),
          Buffer.from([0xff, 0xc3, 0x28]),
        ]),
        { query: 'needle' },
      )
    ).hits;
    expect(long?.text).toBe(`needle${'日'.repeat(SHOWN - 6)}`);
    expect(half?.text).toBe(`needle${'x'.repeat(1993)}`);
    expect(bad?.text).toBe('needle\ufffd\ufffd(');
  });

  it('in an empty artifact there are none', async () => {
    const none = { hits: [], nextLine: null, scannedBytes: 0 };
    expect(await find(Buffer.alloc(0), { query: 'a' })).toEqual(none);
    expect(await find(Buffer.alloc(0), { query: '^', regex: true })).toEqual(none);
  });
});

describe('lines longer than a chunk', () => {
  const pad = (length: number) => Buffer.alloc(length, 'ab');

  it.each([
    ['case-sensitive', true, 'needle'],
    ['folded', false, 'NEEDLE'],
    ['folded, not ASCII', false, 'É日NEEDLE'],
  ])('are searched whole, across every border: %s', async (_, caseSensitive, query) => {
    const needle = Buffer.from(query === 'É日NEEDLE' ? 'é日needle' : 'needle');
    for (let shift = 0; shift <= needle.length; shift++) {
      const content = Buffer.concat([
        Buffer.from('first\n'),
        pad(2 * CHUNK - 6 - shift),
        needle,
        pad(CHUNK + 77),
        Buffer.from('\nlast with needle'),
      ]);
      const { hits } = await find(content, { query, caseSensitive });
      expect(hits[0], `shift ${shift}`).toMatchObject({ line: 2, offset: 6 });
      expect(hits[0]?.text).toBe('ab'.repeat(SHOWN / 2));
      expect(hits[1]?.line).toBe(query === 'É日NEEDLE' ? undefined : 3);
    }
  });

  it('are found once, however often they match', async () => {
    const content = Buffer.concat([Buffer.from('x\n'), pad(4 * CHUNK), Buffer.from('\nab\n')]);
    const { hits, nextLine } = await find(content, { query: 'ab' });
    expect(hits.map((hit) => [hit.line, hit.offset])).toEqual([
      [2, 2],
      [3, 4 * CHUNK + 3],
    ]);
    expect(nextLine).toBeNull();
    const paged = await find(content, { query: 'ab', limit: 1 });
    expect(paged.nextLine).toBe(3);
    expect((await find(content, { query: 'ab', fromLine: 3 })).hits).toHaveLength(1);
  });

  it('do not match with the carriage return of their end', async () => {
    for (const end of ['\r\n', '\r']) {
      const content = Buffer.concat([pad(2 * CHUNK - 1), Buffer.from(end)]);
      expect((await find(content, { query: 'a\r' })).hits).toEqual([]);
      expect((await find(content, { query: 'b\r' })).hits).toEqual([]);
    }
    const inside = Buffer.concat([pad(CHUNK), Buffer.from('\rcd'), pad(CHUNK)]);
    expect((await find(inside, { query: 'b\rcd' })).hits).toHaveLength(1);
  });

  it('are tested by patterns on their start', async () => {
    const content = Buffer.concat([Buffer.from('start'), pad(3 * CHUNK), Buffer.from('end\nend')]);
    const at = async (query: string) =>
      (await find(content, { query, regex: true })).hits.map((hit) => hit.line);
    expect(await at('^start')).toEqual([1]);
    expect(await at('end$')).toEqual([2]);
  });
});

describe('a search', () => {
  it('ends early when it is told so, and says where to go on', async () => {
    const content = logText(3 * CHUNK, 3);
    const first = await find(content, { query: 'nowhere' }, { ...free, enough: () => true });
    expect(first.hits).toEqual([]);
    expect(first.scannedBytes).toBeLessThanOrEqual(CHUNK);
    expect(first.nextLine).toBe(content.subarray(0, CHUNK).filter((byte) => byte === 10).length + 1);
  });

  it('refuses patterns that are none, and text with line breaks', async () => {
    const content = Buffer.from('a');
    const bad = code('search.bad-pattern');
    await expect(find(content, { query: '(', regex: true })).rejects.toThrow(bad);
    await expect(find(content, { query: 'a\nb' })).rejects.toThrow(code('input.invalid'));
    await expect(find(content, { query: '' })).rejects.toThrow(code('input.invalid'));
  });

  it('takes patterns that only the older rules allow', async () => {
    expect((await find(Buffer.from('error: 1'), { query: 'error\\:', regex: true })).hits).toHaveLength(1);
  });

  it('tells which line a pattern is on, and none at the end', async () => {
    const seen: number[] = [];
    const control = { ...free, onLine: (line: number) => void seen.push(line) };
    await find(lines(['a', 'b', 'c', '']), { query: 'b', regex: true }, control);
    expect(seen).toEqual([1, 2, 3, 0]);
  });

  it('stops at a damaged chunk instead of passing over it', async () => {
    const { file, stored } = await writeArtifact(folder, [logText(2 * CHUNK)]);
    const reader = await ArtifactReader.open({ ...file, root: stored.root });
    const bytes = await readFile(file.path);
    bytes[reader.index.entries[1]?.offset ?? 0] = 0xff;
    await writeFile(file.path, bytes);
    await expect(search(reader, { ...ALL, query: 'nowhere' }, free)).rejects.toThrow(
      code('artifact.damaged'),
    );
    await reader.close();
  });
});
