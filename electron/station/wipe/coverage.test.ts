import { expect, it } from 'vitest';
import { mediaOf, wholeUnitWipes } from './coverage.ts';

const media = ['/dev/mmcblk0', '/dev/mmcblk1'];
const wipe = (target: string, at: string, unitId = 'u') => ({ unitId, at, target, media });

it('counts whole media, not their partitions', () => {
  const targets = [
    { id: '/dev/mmcblk0', kind: 'disk' as const },
    { id: '/dev/mmcblk0p1', kind: 'partition' as const },
    { id: 'phone', kind: 'phone' as const },
  ];
  expect(mediaOf(targets)).toEqual(['/dev/mmcblk0', 'phone']);
});

it('takes a unit for wiped only when every medium it listed is', () => {
  expect(wholeUnitWipes([wipe('/dev/mmcblk1', '2')])).toEqual([]);
  expect(wholeUnitWipes([wipe('/dev/mmcblk0p1', '1'), wipe('/dev/mmcblk1', '2')])).toEqual([]);
  const both = [wipe('/dev/mmcblk0', '3'), wipe('/dev/mmcblk1', '2')];
  expect(wholeUnitWipes(both).map(({ at }) => at)).toEqual(['3']);
});

it('does not add up the media of two units', () => {
  expect(wholeUnitWipes([wipe('/dev/mmcblk0', '1', 'a'), wipe('/dev/mmcblk1', '2', 'b')])).toEqual([]);
});

it('believes no wipe that did not list what there was', () => {
  expect(wholeUnitWipes([{ unitId: 'u', at: '1', target: 'phone', media: [] }])).toEqual([]);
});
