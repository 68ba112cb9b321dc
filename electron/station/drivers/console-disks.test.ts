import { describe, expect, it } from 'vitest';
import { incomplete, parseUsage, targetsOf } from './console-disks.ts';

/** What the listing prints on an OpenWrt router with an eMMC and a USB stick. */
const ROUTER = [
  'D loop0 100000 0 7:0',
  'F /dev/mmcblk0p65',
  'D mmcblk0 15269888 0 179:0',
  'm H8G4a2',
  's 0x4f7d2c1a',
  'p mmcblk0p1',
  'p mmcblk0p2',
  'n b brw-------    1 root     root      179,   0 Mar 12 10:00 /dev/mmcblk0',
  'D mmcblk0p1 1024 0 179:1',
  'l 0:SBL1',
  'n b brw-------    1 root     root      179,   1 Mar 12 10:00 /dev/mmcblk0p1',
  'D mmcblk0p2 200000 0 179:2',
  'l rootfs',
  'n b brw-------    1 root     root      179,   2 Mar 12 10:00 /dev/mmcblk0p2',
  'D mmcblk0boot0 8192 1 179:32',
  'n b brw-------    1 root     root      179,  32 Mar 12 10:00 /dev/mmcblk0boot0',
  'D sda 60000000 0 8:0',
  'm Ultra Fit',
  'p sda1',
  'p sda2',
  'n b brw-rw----    1 root     disk        8,   0 Mar 12 10:00 /dev/sda',
  'D sda1 1000 0 8:1',
  'n b brw-rw----    1 root     disk        8,   1 Mar 12 10:00 /dev/sda1',
  'D sda2 1000 0 8:2',
  'h dm-0',
  'n b brw-rw----    1 root     disk        8,   3 Mar 12 10:00 /dev/sda2',
  'D dm-0 1000 0 254:0',
  'v sda2',
  'n f -rw-r--r--    1 root     root         12 Mar 12 10:00 /dev/dm-0',
  'D broken size 0 1:1',
  'M 15 1 179:2 / /rom ro,relatime - squashfs /dev/root ro',
  'M 16 15 0:14 / /proc rw - proc proc rw',
  'M 17 1 0:20 / / rw - overlay overlayfs:/overlay rw',
  'M 18 1 8:1 / /mnt/my\\040stick rw - ext4 /dev/disk/by-uuid/abcd rw',
  'M 19 1',
  'L /dev/disk/by-uuid/abcd /dev/sda1',
  'S /dev/sda2',
  'B sda9',
  'nonsense',
].join('\n');

describe('the disks of a console', () => {
  const usage = parseUsage(ROUTER);
  const targets = targetsOf(usage, true);
  const reasons = (id: string) => targets.find((target) => target.id === id)?.reasons;

  it('lists disks and partitions, and neither loops nor what makes no sense', () => {
    expect(targets.map(({ id, kind }) => `${kind} ${id}`)).toEqual([
      'disk /dev/mmcblk0',
      'partition /dev/mmcblk0p1',
      'partition /dev/mmcblk0p2',
      'disk /dev/mmcblk0boot0',
      'disk /dev/sda',
      'partition /dev/sda1',
      'partition /dev/sda2',
      'disk /dev/dm-0',
    ]);
    expect(targets[0]).toMatchObject({
      title: 'Disk /dev/mmcblk0, 7456 MiB (H8G4a2)',
      bytes: 15_269_888 * 512,
      model: 'H8G4a2',
      serial: '0x4f7d2c1a',
      allowed: false,
    });
  });

  it('finds the system by device number, behind /dev/root and an overlay', () => {
    expect(reasons('/dev/mmcblk0p2')).toEqual(['the running system lives on it', 'it is mounted on /rom']);
    expect(reasons('/dev/mmcblk0')?.join()).toContain('mmcblk0p2: the running system lives on it');
  });

  it('follows links of mounts, and spells places as they are', () => {
    expect(reasons('/dev/sda1')).toEqual(['it is mounted on /mnt/my stick']);
  });

  it('refuses swap, what is built on, what leads elsewhere, and what holds the boot loader', () => {
    expect(reasons('/dev/sda2')).toEqual([
      'it is in use as swap space',
      'dm-0 is built on it',
      '/dev/sda2 leads to another device (8:3, not 8:2)',
    ]);
    expect(reasons('/dev/mmcblk0boot0')).toEqual(['it is read-only', 'it holds the boot loader']);
    expect(reasons('/dev/mmcblk0p1')?.join()).toContain('“0:SBL1”');
    expect(reasons('/dev/dm-0')).toEqual([
      'it is built on sda2; wipe what is below',
      '/dev/dm-0 is a file, not a device',
    ]);
  });

  it('allows nothing without administrator rights', () => {
    expect(targetsOf(usage, false).every(({ allowed, reasons: why }) => !allowed && why.length > 0)).toBe(
      true,
    );
  });

  it('relies on whole lists only', () => {
    expect(incomplete(`${ROUTER}\nE end\n`, usage)).toBeNull();
    expect(incomplete(ROUTER, usage)).toBe('the list has no end');
    expect(incomplete('E end\n', parseUsage('D sda 100 0 8:0'))).toBe('it does not say what is mounted');
    const many = parseUsage(Array.from({ length: 300 }, (_, at) => `D sd${at} 100 0 8:${at}`).join('\n'));
    expect(incomplete('E end\n', many)).toBe('it lists too many devices');
  });

  it('is not filled by a hostile unit', () => {
    const many = Array.from({ length: 5000 }, (_, at) => `D sd${at} 100 0 8:${at}`).join('\n');
    expect(parseUsage(many).devices.length).toBeLessThanOrEqual(256);
  });
});
