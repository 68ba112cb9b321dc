import { describe, expect, it } from 'vitest';
import { logPage } from './logPage.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const texts = (page: ReturnType<typeof logPage>): string[] => page.lines.map(({ text }) => text);

describe('a page of a log', () => {
  it('splits lines and knows where each begins', () => {
    const page = logPage(bytes('one\r\ntwo\nthree'), 100, { atLineStart: true, eof: true });
    expect(page.lines.map(({ offset, text }) => [offset, text])).toEqual([
      [100, 'one'],
      [105, 'two'],
      [109, 'three'],
    ]);
    expect(page.next).toBeNull();
  });
  it('leaves a cut line to the next page and the tail of one to the page before', () => {
    const page = logPage(bytes('ail\nwhole\nbegin'), 0, { atLineStart: false, eof: false });
    expect(texts(page)).toEqual(['whole']);
    expect(page.next).toBe(10);
  });
  it('goes on even when one line fills the whole piece', () => {
    const page = logPage(bytes('x'.repeat(50)), 200, { atLineStart: true, eof: false });
    expect(page.next).toBe(250);
  });
  it('shows hostile bytes without obeying them', () => {
    const page = logPage(new Uint8Array([0x1b, 0x5b, 0x32, 0x4a, 0xff, 0x00, 10]), 0, {
      atLineStart: true,
      eof: true,
    });
    expect(texts(page)).toEqual(['␛[2J\ufffd␀']);
  });
  it('cuts endless lines', () => {
    const [line] = logPage(bytes(`${'y'.repeat(10_000)}\n`), 0, { atLineStart: true, eof: true }).lines;
    expect(line).toMatchObject({ cut: true });
    expect(line?.text.length).toBeLessThan(5_000);
  });
  it('reads nothing out of nothing', () => {
    expect(logPage(new Uint8Array(), 0, { atLineStart: true, eof: true })).toEqual({ lines: [], next: null });
  });
});
