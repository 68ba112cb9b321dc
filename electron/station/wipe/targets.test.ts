import { describe, expect, it } from 'vitest';
import {
  type BlockDevice,
  backsALoop,
  hasBusyPart,
  holdsBootLoader,
  holdsRoot,
  isBuiltOnOthers,
  isHeld,
  isMember,
  isMounted,
  isNoMedium,
  isNotTheDevice,
  isPartOfBusyDisk,
  isReadOnly,
  isSameDevice,
  isSwap,
  refusals,
  TARGET_PREDICATES,
  tooSmall,
  type Usage,
} from './targets.ts';

const device = (change: Partial<BlockDevice> = {}): BlockDevice => {
  const name = change.name ?? 'sda';
  return {
    name,
    path: `/dev/${name}`,
    bytes: 64 * 1024 * 1024,
    number: '8:0',
    readOnly: false,
    partOf: null,
    holders: [],
    slaves: [],
    node: { kind: 'block', number: change.number ?? '8:0' },
    label: null,
    model: null,
    serial: null,
    ...change,
  };
};

const usage = (change: Partial<Usage> = {}): Usage => ({
  devices: [],
  mounts: [],
  swaps: [],
  loopFiles: [],
  members: [],
  ...change,
});

describe('whether a device may be overwritten', () => {
  it('allows a disk that nothing uses', () => {
    expect(refusals(device(), usage({ devices: [device()] }))).toEqual([]);
  });

  it.each([
    [
      'isMounted',
      isMounted,
      device(),
      usage({ mounts: [{ on: '/mnt', source: '/dev/sda', number: '8:0' }] }),
    ],
    [
      'isMounted',
      isMounted,
      device(),
      usage({ mounts: [{ on: '/mnt', source: '/dev/root', number: '8:0' }] }),
    ],
    ['holdsRoot', holdsRoot, device(), usage({ mounts: [{ on: '/', source: '/dev/root', number: '8:0' }] })],
    ['holdsRoot', holdsRoot, device(), usage({ mounts: [{ on: '/rom', source: '/dev/sda', number: '' }] })],
    ['isSwap', isSwap, device(), usage({ swaps: ['/dev/sda'] })],
    ['isReadOnly', isReadOnly, device({ readOnly: true }), usage()],
    ['tooSmall', tooSmall, device({ bytes: 0 }), usage()],
    ['tooSmall', tooSmall, device({ bytes: 1024 }), usage()],
    ['isHeld', isHeld, device({ holders: ['dm-0'] }), usage()],
    ['isBuiltOnOthers', isBuiltOnOthers, device({ name: 'md0', slaves: ['sda1'] }), usage()],
    ['backsALoop', backsALoop, device(), usage({ loopFiles: ['/dev/sda'] })],
    ['isMember', isMember, device(), usage({ members: ['sda'] })],
    ['holdsBootLoader', holdsBootLoader, device({ name: 'mmcblk0boot0' }), usage()],
    ['holdsBootLoader', holdsBootLoader, device({ name: 'mtdblock3' }), usage()],
    ['holdsBootLoader', holdsBootLoader, device({ name: 'mmcblk0p1', label: 'u-boot' }), usage()],
    ['isNoMedium', isNoMedium, device({ name: 'loop0' }), usage()],
    ['isNoMedium', isNoMedium, device({ name: 'zram0' }), usage()],
    ['isNotTheDevice', isNotTheDevice, device({ node: { kind: 'missing' } }), usage()],
    ['isNotTheDevice', isNotTheDevice, device({ node: { kind: 'block', number: '8:16' } }), usage()],
    ['isNotTheDevice', isNotTheDevice, device({ node: { kind: 'file', bytes: 67_108_864 } }), usage()],
    [
      'isNotTheDevice',
      isNotTheDevice,
      device({ node: { kind: 'file', bytes: 5 } }),
      usage({ mounts: [{ on: '/dev/sda', source: '/dev/vda', number: '254:0' }] }),
    ],
  ])('%s refuses, with a sentence, and shows among all refusals', (name, predicate, candidate, used) => {
    const sentence = predicate(candidate, used);
    expect(sentence).toMatch(/^[a-z/].{10,}[^.]$/);
    expect(TARGET_PREDICATES[name]).toBe(predicate);
    expect(refusals(candidate, used)).toContain(sentence);
  });

  it('refuses a disk while a partition of it is in use, and says how', () => {
    const disk = device();
    const part = device({ name: 'sda1', number: '8:1', partOf: 'sda' });
    const used = usage({
      devices: [disk, part],
      mounts: [{ on: '/data', source: '/dev/sda1', number: '8:1' }],
    });
    expect(hasBusyPart(disk, used)).toBe('a partition on it is in use (sda1: it is mounted on /data)');
    expect(hasBusyPart(part, used)).toBeNull();
  });

  it('does not hold the service areas of an eMMC against its disk, nor its disk against its own areas', () => {
    const disk = device({ name: 'mmcblk0', number: '179:0' });
    const area = (name: string) =>
      device({ name, number: `179:${name.length}`, partOf: 'mmcblk0', readOnly: true });
    const areas = ['mmcblk0boot0', 'mmcblk0boot1', 'mmcblk0rpmb'].map(area);
    const general = device({ name: 'mmcblk0gp0', number: '179:99', partOf: 'mmcblk0' });
    const mounts = [{ on: '/data', source: '/dev/mmcblk0gp0', number: '179:99' }];
    expect(refusals(disk, usage({ devices: [disk, ...areas, general], mounts }))).toEqual([]);
    for (const each of areas) expect(refusals(each, usage({ devices: [disk, ...areas] }))).not.toEqual([]);
    const busy = usage({
      devices: [disk, general],
      mounts: [{ on: '/', source: '/dev/mmcblk0', number: '179:0' }],
    });
    expect(refusals(general, busy)).toEqual([]);
    expect(refusals(general, usage({ devices: [disk, general], mounts }))).toEqual([
      'it is mounted on /data',
    ]);
  });

  it('refuses a partition while its whole disk is in use', () => {
    const disk = device({ holders: ['md0'] });
    const part = device({ name: 'sda1', number: '8:1', partOf: 'sda' });
    expect(isPartOfBusyDisk(part, usage({ devices: [disk, part] }))).toBe(
      'it is part of sda, and of that: md0 is built on it',
    );
  });

  it('does not mistake a file system without a device for one whose number is not known', () => {
    const nameless = device({ number: '' });
    expect(isMounted(nameless, usage({ mounts: [{ on: '/proc', source: 'proc', number: '' }] }))).toBeNull();
  });

  it('accepts a file that is mapped onto the path of the device and has its size', () => {
    const mapped = device({ node: { kind: 'file', bytes: 64 * 1024 * 1024 } });
    const used = usage({ mounts: [{ on: '/dev/sda', source: '/dev/vda', number: '254:0' }] });
    expect(refusals(mapped, used)).toEqual([]);
  });

  it('sees when a device was exchanged', () => {
    expect(isSameDevice(device(), device())).toBe(true);
    expect(isSameDevice(device(), device({ bytes: 1 }))).toBe(false);
    expect(isSameDevice(device(), device({ serial: 'X' }))).toBe(false);
    expect(isSameDevice(device(), device({ node: { kind: 'file', bytes: 1 } }))).toBe(false);
  });
});
