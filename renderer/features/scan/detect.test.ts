import { describe, expect, it } from 'vitest';
import { createScanDetector, type Detected } from './detect.ts';

function typed(text: string, gap: number, options: { enterGap?: number; start?: number } = {}): Detected[] {
  const feed = createScanDetector();
  let at = options.start ?? 1000;
  const results = [...text].map((key) => {
    at += gap;
    return feed({ key, at, modified: false });
  });
  at += options.enterGap ?? gap;
  return [...results, feed({ key: 'Enter', at, modified: false })];
}

describe('scan detection', () => {
  it('takes fast keys that end with Enter as a scan', () => {
    expect(typed('R58T90KKL21', 8).at(-1)).toEqual({ kind: 'scan', text: 'R58T90KKL21' });
  });

  it('is not fooled by a quick typist', () => {
    expect(typed('B2-1040', 70).at(-1)).toEqual({ kind: 'none' });
  });

  it('does not take an Enter that comes late', () => {
    expect(typed('B2-1040', 8, { enterGap: 300 }).at(-1)).toEqual({ kind: 'none' });
  });

  it('takes an Enter that a scanner sends a little late', () => {
    expect(typed('B2-1040', 8, { enterGap: 150 }).at(-1)).toEqual({ kind: 'scan', text: 'B2-1040' });
  });

  it('ignores codes too short for a label', () => {
    expect(typed('abc', 5).at(-1)).toEqual({ kind: 'none' });
  });

  it('tells the first key, and that a burst is under way from the third fast key on', () => {
    expect(typed('abcd', 5).map(({ kind }) => kind)).toEqual(['first', 'none', 'burst', 'burst', 'scan']);
    expect(typed('ab', 90).map(({ kind }) => kind)).toEqual(['first', 'first', 'none']);
  });

  it('drops what was typed before a pause', () => {
    const feed = createScanDetector();
    for (const [index, key] of [...'xy'].entries()) feed({ key, at: index * 10, modified: false });
    let last: Detected = { kind: 'none' };
    for (const [index, key] of [...'B2-7', 'Enter'].entries()) {
      last = feed({ key, at: 500 + index * 10, modified: false });
    }
    expect(last).toEqual({ kind: 'scan', text: 'B2-7' });
  });

  it('lets Shift pass between capitals and lets shortcuts break a run', () => {
    const feed = createScanDetector();
    let at = 0;
    const press = (key: string, modified = false) => {
      at += 9;
      return feed({ key, at, modified });
    };
    for (const key of ['Shift', 'B', '2', 'Shift', 'C', 'D']) press(key);
    expect(press('Enter')).toEqual({ kind: 'scan', text: 'B2CD' });
    for (const key of ['a', 'b', 'c']) press(key);
    press('k', true);
    expect(press('Enter')).toEqual({ kind: 'none' });
  });

  it('keeps a bounded buffer when a key is held down', () => {
    const feed = createScanDetector();
    let at = 0;
    for (; at < 20_000; at += 10) feed({ key: 'x', at, modified: false });
    const end = feed({ key: 'Enter', at, modified: false });
    expect(end.kind === 'scan' ? end.text.length : 0).toBeLessThanOrEqual(500);
  });
});
