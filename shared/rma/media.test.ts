import { describe, expect, it } from 'vitest';
import { isWholeUnitWiped, type Medium, mediaOfUnit, type WipeListing } from './media.ts';

const medium = (path: string, serial: string | null = null, over: Partial<Medium> = {}): Medium => ({
  path,
  label: `Disk ${path}`,
  model: 'M1',
  serial,
  bytes: 1000,
  ...over,
});
const listing = (at: string, wiped: string | null, ...media: Medium[]): WipeListing => ({ at, wiped, media });
const whole = (...wipes: WipeListing[]) => isWholeUnitWiped(mediaOfUnit(wipes));
const X = 'DISKX001';
const Y = 'DISKY001';

describe('the media of a unit', () => {
  it('are wiped when each of them is, whatever the order and the number of runs', () => {
    const both = [medium('/dev/sda', X), medium('/dev/sdb', Y)];
    expect(whole(listing('1', '/dev/sda', ...both))).toBe(false);
    const wipes = [listing('2', '/dev/sdb', ...both), listing('1', '/dev/sda', ...both)];
    expect(whole(...wipes)).toBe(true);
    // A run that proves nothing takes nothing away.
    expect(whole(...wipes, listing('3', null, ...both))).toBe(true);
  });

  it('are known by themselves, not by a path that led to another disk after a restart', () => {
    const before = [medium('/dev/sda', X), medium('/dev/sdb', Y)];
    const after = [medium('/dev/sda', Y), medium('/dev/sdb', X)];
    const wipes = [listing('1', '/dev/sda', ...before), listing('2', '/dev/sdb', ...after)];
    expect(mediaOfUnit(wipes)).toEqual([
      { path: '/dev/sda', label: 'Disk /dev/sda', wiped: false },
      { path: '/dev/sdb', label: 'Disk /dev/sdb', wiped: true },
    ]);
    expect(whole(...wipes, listing('3', '/dev/sda', ...after))).toBe(true);
  });

  it('do not count for a second card in the same slot', () => {
    const first = [medium('/dev/mmcblk0', X), medium('/dev/mmcblk1', '0x2f81c40b')];
    const second = [medium('/dev/mmcblk0', X), medium('/dev/mmcblk1', '0x2f81c40c')];
    const wiped = [listing('1', '/dev/mmcblk0', ...first), listing('2', '/dev/mmcblk1', ...first)];
    expect(whole(...wiped)).toBe(true);
    expect(whole(...wiped, listing('3', null, ...second))).toBe(false);
  });

  it.each<[string, string | null]>([
    ['no serial number', null],
    ['a serial number that many share', '0x00000000'],
    ['a placeholder', 'unknown'],
  ])('with %s are wiped by the newest run alone', (_, serial) => {
    const both = [medium('/dev/sda', serial), medium('/dev/sdb', Y)];
    expect(whole(listing('1', '/dev/sda', ...both), listing('2', '/dev/sdb', ...both))).toBe(false);
    expect(whole(listing('1', '/dev/sdb', ...both), listing('2', '/dev/sda', ...both))).toBe(true);
  });

  it('that say the same of themselves are not mistaken for each other', () => {
    const twins = [medium('/dev/sda', X), medium('/dev/sdb', X)];
    expect(whole(listing('1', '/dev/sda', ...twins))).toBe(false);
    // Alike in number alone, they are two.
    const alike = [medium('/dev/sda', X), medium('/dev/sdb', X, { bytes: 2000 })];
    expect(whole(listing('1', '/dev/sda', ...alike))).toBe(false);
  });

  it('of which a part was wiped are not', () => {
    expect(whole(listing('1', '/dev/sda1', medium('/dev/sda', X)))).toBe(false);
  });

  it('that nobody listed prove nothing', () => {
    expect(mediaOfUnit([])).toEqual([]);
    expect(whole(listing('1', 'phone'))).toBe(false);
  });
});
