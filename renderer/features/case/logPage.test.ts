import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FIRST_PAGE,
  LOG_PAGE,
  type LogPage,
  type LogPlace,
  logPage,
  pageAfter,
  pageAround,
  pageBefore,
  pageLength,
} from './logPage.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const texts = (page: LogPage): string[] => page.lines.map(({ text }) => text);
const at = (from: number, atLineStart: boolean): LogPlace => ({ from, to: null, atLineStart });

describe('a page of a log', () => {
  it('splits lines and knows where each begins', () => {
    const page = logPage(bytes('one\r\ntwo\nthree'), at(100, true), true);
    expect(page.lines.map(({ offset, text }) => [offset, text])).toEqual([
      [100, 'one'],
      [105, 'two'],
      [109, 'three'],
    ]);
    expect(page).toMatchObject({ start: 100, next: null });
  });
  it('leaves a cut line to the next page and the tail of one to the page before', () => {
    const page = logPage(bytes('ail\nwhole\nbegin'), at(0, false), false);
    expect(texts(page)).toEqual(['whole']);
    expect(page).toMatchObject({ start: 4, next: 10 });
  });
  it('goes on even when one line fills the whole piece', () => {
    expect(logPage(bytes('x'.repeat(50)), at(200, true), false).next).toBe(250);
    expect(logPage(bytes(`${'x'.repeat(50)}\n`), { ...at(200, false), to: 251 }, false).start).toBe(200);
  });
  it('shows hostile bytes without obeying them', () => {
    const page = logPage(new Uint8Array([0x1b, 0x5b, 0x32, 0x4a, 0xff, 0x00, 10]), FIRST_PAGE, true);
    expect(texts(page)).toEqual(['␛[2J\ufffd␀']);
  });
  it('cuts endless lines', () => {
    const [line] = logPage(bytes(`${'y'.repeat(10_000)}\n`), FIRST_PAGE, true).lines;
    expect(line).toMatchObject({ cut: true });
    expect(line?.text.length).toBeLessThan(5_000);
  });
  it('reads nothing out of nothing', () => {
    expect(logPage(new Uint8Array(), FIRST_PAGE, true)).toEqual({ lines: [], start: 0, next: null });
  });
});

describe('paging through a log', () => {
  const read = (file: Uint8Array, place: LogPlace): LogPage => {
    const end = Math.min(file.length, place.from + pageLength(place));
    return logPage(file.subarray(place.from, end), place, end === file.length);
  };
  const walk = (file: Uint8Array, from: LogPage, step: typeof pageAfter): LogPage[] => {
    const pages: LogPage[] = [];
    for (let place = step(from); place; place = step(pages.at(-1) as LogPage)) pages.push(read(file, place));
    return pages;
  };
  const offsets = (pages: LogPage[]): number[] =>
    pages.flatMap(({ lines }) => lines.map((line) => line.offset));

  it('shows every line exactly once, on the way there and on the way back, from any hit', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 300, maxLength: 800 }),
        fc.nat(),
        (lengths, pick) => {
          const file = bytes(lengths.map((length) => `${'a'.repeat(length)}\n`).join(''));
          let start = 0;
          const expected = lengths.map((length) => {
            const here = start;
            start += length + 1;
            return here;
          });
          const first = read(file, FIRST_PAGE);
          const on = walk(file, first, pageAfter);
          expect(offsets([first, ...on])).toEqual(expected);

          const last = on.at(-1) ?? first;
          expect(offsets([...walk(file, last, pageBefore).toReversed(), last])).toEqual(expected);

          const hit = expected[pick % expected.length] as number;
          const around = read(file, pageAround(hit));
          expect(offsets([around])).toContain(hit);
          const all = [
            ...walk(file, around, pageBefore).toReversed(),
            around,
            ...walk(file, around, pageAfter),
          ];
          expect(offsets(all)).toEqual(expected);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('gets past lines longer than a page, both ways', () => {
    const file = bytes(`one\n${'z'.repeat(3 * LOG_PAGE)}\ntwo\n`);
    const first = read(file, FIRST_PAGE);
    const on = walk(file, first, pageAfter);
    expect(texts(on.at(-1) as LogPage)).toContain('two');
    const back = walk(file, on.at(-1) as LogPage, pageBefore);
    expect(texts(back.at(-1) as LogPage)).toContain('one');
  });
});
