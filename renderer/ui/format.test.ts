import { describe, expect, it } from 'vitest';
import type { Progress } from '../../shared/model/ports.ts';
import {
  formatAgo,
  formatBytes,
  formatBytesOf,
  formatCount,
  formatDay,
  formatDue,
  formatDuration,
  formatInstant,
  formatValue,
  progressParts,
  progressShare,
  visibleText,
  withLocalTimes,
} from './format.ts';

describe('bytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 kB'],
    [18_213_000, '18.2 MB'],
    [999_999, '1 MB'],
    [64e9, '64 GB'],
  ])('%d is %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
  it('says both in the unit of the whole', () => {
    expect(formatBytesOf(12_400_000, 20_000_000)).toBe('12.4 of 20 MB');
    expect(formatBytesOf(40_000, 20_000_000)).toBe('0 of 20 MB');
  });
});

describe('durations', () => {
  it.each([
    [0, '0 s'],
    [1.6, '2 s'],
    [65, '1 min 5 s'],
    [120, '2 min'],
    [900, '15 min'],
    [11_520, '3 h 12 min'],
    [7200, '2 h'],
    [4 * 86_400, '4 days'],
    [-5, '0 s'],
  ])('%d s is %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});

describe('progress in words', () => {
  const progress = (rest: Partial<Progress>): Progress => ({
    label: 'x',
    done: 0,
    total: null,
    unit: 'bytes',
    rate: null,
    secondsLeft: null,
    ...rest,
  });
  it('says how much, of how much, how fast, how long', () => {
    const parts = progressParts(progress({ done: 12.4e6, total: 20e6, rate: 4.1e6, secondsLeft: 2 }));
    expect(parts).toEqual(['12.4 of 20 MB', '4.1 MB/s', '2 s left']);
  });
  it('leaves out what is not known', () => {
    expect(progressParts(progress({ done: 5000 }))).toEqual(['5 kB']);
    expect(progressParts(progress({ unit: 'phases' }))).toEqual([]);
  });
  it('counts phases from one and never past the last', () => {
    expect(progressParts(progress({ unit: 'phases', done: 2, total: 7 }))).toEqual(['phase 3 of 7']);
    expect(progressParts(progress({ unit: 'phases', done: 7, total: 7 }))).toEqual(['phase 7 of 7']);
  });
  it('knows no share without a whole', () => {
    expect(progressShare(progress({ done: 5 }))).toBeNull();
    expect(progressShare(progress({ done: 5, total: 0 }))).toBeNull();
    expect(progressShare(progress({ done: 30, total: 20 }))).toBe(1);
  });
});

describe('times in the site’s zone', () => {
  const zone = 'Europe/Berlin';
  const now = Date.parse('2025-11-21T22:30:00.000Z'); // 23:30 in Berlin
  it.each([
    ['2025-11-21T22:29:40.000Z', 'just now'],
    ['2025-11-21T22:18:00.000Z', '12 min ago'],
    ['2025-11-21T08:21:00.000Z', '09:21'],
    ['2025-11-20T23:30:00.000Z', '00:30'],
    ['2025-11-20T13:03:00.000Z', 'yesterday 14:03'],
    ['2025-11-03T13:03:00.000Z', '3 Nov'],
    ['2024-11-03T13:03:00.000Z', '3 Nov 2024'],
  ])('%s is %s', (instant, text) => {
    expect(formatAgo(instant, now, zone)).toBe(text);
  });
  it('puts the instants of a sentence into the zone', () => {
    expect(withLocalTimes('Due 2025-11-21T23:30:05.189Z.', zone)).toBe('Due 22 Nov 2025, 00:30:05.');
    expect(withLocalTimes('Due soon.', zone)).toBe('Due soon.');
  });
  it('keeps a calendar day the day it is, whatever the zone', () => {
    expect(formatDay('2025-11-21')).toBe('21 Nov 2025');
  });
  it('names the exact moment in the zone', () => {
    expect(formatInstant('2025-11-21T23:30:05.000Z', zone)).toBe('22 Nov 2025, 00:30:05');
  });
  it.each([
    ['2025-11-21', 'due today', false],
    ['2025-11-22', 'due tomorrow', false],
    ['2025-11-25', 'due in 4 days', false],
    ['2025-11-20', 'overdue by 1 day', true],
    ['2025-11-11', 'overdue by 10 days', true],
  ])('%s is %s', (day, text, overdue) => {
    expect(formatDue(day, now, zone)).toMatchObject({ text, overdue });
  });
});

describe('values', () => {
  it('groups large numbers and keeps four figures of small ones', () => {
    expect(formatCount(104_511)).toBe('104\u202f511');
    expect(formatValue(3.92345, 'V')).toBe('3.923 V');
    expect(formatValue(-41, 'dBm')).toBe('−41 dBm');
    expect(formatValue(true, null)).toBe('yes');
    expect(formatValue(null, 'V')).toBe('–');
  });
});

describe('text of devices', () => {
  it('shows control characters and takes directional tricks away', () => {
    expect(visibleText('a\u001b[2Jb\tc\u202ed\u0085')).toBe('a␛[2Jb\tc\ufffdd\ufffd');
  });
});
