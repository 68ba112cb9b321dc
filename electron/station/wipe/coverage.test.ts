import { expect, it } from 'vitest';
import type { WipeTarget } from '../../../shared/contract/work.ts';
import { mediaOfUnit } from '../../../shared/rma/index.ts';
import { mediaOf, notReached, wipesOf } from './coverage.ts';
import { writeNotes } from './safety-notes.ts';

const target = (id: string, over: Partial<WipeTarget> = {}): WipeTarget => ({
  id,
  title: id,
  kind: 'disk',
  bytes: 24 << 20,
  model: 'BJTD4R',
  serial: '0x71d0a5e2',
  allowed: true,
  reasons: [],
  ...over,
});
const EMMC = [
  target('/dev/mmcblk0'),
  target('/dev/mmcblk0p1', { kind: 'partition' }),
  target('/dev/mmcblk0boot0'),
  target('/dev/mmcblk0boot1', { kind: 'partition' }),
  target('/dev/mmcblk0rpmb'),
  target('/dev/mmcblk0gp0'),
  target('/dev/mmcblk10boot0'),
];

it('counts whole media: no partitions, no empty slots, no service areas of an eMMC', () => {
  const targets = [...EMMC, target('/dev/sdb', { bytes: 0 }), target('/dev/mtdblock2', { model: null })];
  expect(mediaOf(targets).map(({ path, label }) => [path, label])).toEqual([
    ['/dev/mmcblk0', 'BJTD4R, 24 MiB'],
    ['/dev/mmcblk0gp0', 'BJTD4R, 24 MiB'],
    ['/dev/mtdblock2', 'no model told, 24 MiB'],
  ]);
  const phone = target('phone', { kind: 'phone', bytes: null, model: 'SM-A515F' });
  expect(mediaOf([phone])).toMatchObject([{ path: 'phone', label: 'SM-A515F' }]);
});

it('knows which areas of its own eMMC a wipe does not reach', () => {
  const [disk = null] = EMMC;
  const areas = ['/dev/mmcblk0boot0', '/dev/mmcblk0boot1', '/dev/mmcblk0rpmb'];
  expect(notReached(disk, EMMC)).toEqual(areas);
  expect(notReached(target('/dev/mmcblk1'), EMMC)).toEqual([]);
  expect(notReached(null, EMMC)).toEqual([]);
});

const check = (runId: string, at: string, values: Record<string, string>) => ({
  runId,
  caseId: 'c',
  unitId: 'u',
  at,
  values,
});

it('reads what a safety check listed, and takes for wiped what a verified record speaks of', () => {
  const media = mediaOf([
    target('/dev/sda', { serial: 'DISKX001' }),
    target('/dev/sdb', { serial: 'DISKY001' }),
  ]);
  const notes = writeNotes({ media, notReached: [], grounds: null }) as Record<string, string>;
  const checks = [
    check('r1', '1', { ...notes, target: '/dev/sda' }),
    check('r2', '2', { ...notes, target: '/dev/sdb' }),
  ];
  expect(wipesOf(checks, new Set(['r1']))).toEqual([
    { runId: 'r1', caseId: 'c', unitId: 'u', at: '1', media, wiped: '/dev/sda' },
    { runId: 'r2', caseId: 'c', unitId: 'u', at: '2', media, wiped: null },
  ]);
  expect(mediaOfUnit(wipesOf(checks, new Set(['r1', 'r2']))).every(({ wiped }) => wiped)).toBe(true);
});

it('reads journals of older programs, whose paths name no medium beyond their own run', () => {
  const old = { media: '/dev/sda /dev/sdb' };
  const both = [
    check('r1', '1', { ...old, target: '/dev/sda' }),
    check('r2', '2', { ...old, target: '/dev/sdb' }),
  ];
  expect(mediaOfUnit(wipesOf(both, new Set(['r1', 'r2'])))).toEqual([
    { path: '/dev/sda', label: '/dev/sda', wiped: false },
    { path: '/dev/sdb', label: '/dev/sdb', wiped: true },
  ]);
  const phone = wipesOf([check('r3', '1', { media: 'phone', target: 'phone' })], new Set(['r3']));
  expect(mediaOfUnit(phone)).toMatchObject([{ wiped: true }]);
});

it('takes a damaged list for none', () => {
  expect(mediaOfUnit(wipesOf([check('r', '1', { media: '[{"path":1}]' })], new Set(['r'])))).toEqual([]);
});
