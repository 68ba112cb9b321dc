import { emptyIdentity, type Identity } from '../../../shared/model/units.ts';

/** A medium or partition as the unit's kernel would list it. */
export interface Medium {
  readonly name: string;
  readonly bytes: number;
  /** Major and minor number. */
  readonly device: string;
  /** The disk that a partition belongs to. */
  readonly partOf?: string;
  /** Where it is mounted. */
  readonly mountedOn?: string;
  readonly model?: string;
  readonly serial?: string;
}

const MIB = 1024 * 1024;

/** An eMMC with the system, and a data medium that nothing uses. */
export const MEDIA: readonly Medium[] = [
  { name: 'mmcblk0', bytes: 24 * MIB, device: '179:0', model: 'BJTD4R', serial: '0x71d0a5e2' },
  { name: 'mmcblk0p1', bytes: 4 * MIB, device: '179:1', partOf: 'mmcblk0', mountedOn: '/boot' },
  { name: 'mmcblk0p2', bytes: 12 * MIB, device: '179:2', partOf: 'mmcblk0', mountedOn: '/' },
  { name: 'mmcblk0p3', bytes: 8 * MIB, device: '179:3', partOf: 'mmcblk0', mountedOn: '/data' },
  { name: 'mmcblk1', bytes: 64 * MIB, device: '179:8', model: 'SC64G', serial: '0x2f81c40b' },
];

const pad = (number: number, length: number): string => String(number).padStart(length, '0');

/** What unit number so-and-so says of itself. */
export function describe(number: number): Identity & { hostname: string; wrongSerial: string } {
  return {
    ...emptyIdentity(),
    maker: 'Fieldgate',
    model: 'Fieldgate FG-220 rugged gateway',
    serial: `FG220${pad(41_000 + number * 7, 7)}`,
    firmware: 'FieldOS 4.2.1',
    macs: [`02:fd:22:00:${pad(number, 2)}:01`, `02:fd:22:00:${pad(number, 2)}:02`],
    hostname: `fg220-${pad(number, 2)}`,
    wrongSerial: `FG220${pad(99_000 + number, 7)}`,
  };
}

const sectors = (bytes: number): string => `${bytes / 512}\n`;

/** The unit's /sys, as paths and contents. */
export function sysFiles(unit: ReturnType<typeof describe>, media: readonly Medium[]): Map<string, string> {
  const files = new Map<string, string>();
  const tree = 'firmware/devicetree/base';
  files.set(`${tree}/model`, `${unit.model}\0`);
  files.set(`${tree}/serial-number`, `${unit.serial}\0`);
  files.set(`${tree}/compatible`, 'fieldgate,fg-220\0arm,cortex-a53\0');
  unit.macs.forEach((mac, at) => {
    const name = `class/net/${at === 0 ? 'eth0' : 'wlan0'}`;
    files.set(`${name}/address`, `${mac}\n`);
    files.set(`${name}/type`, '1\n');
    files.set(`${name}/operstate`, 'up\n');
  });
  files.set('class/net/lo/address', '00:00:00:00:00:00\n');
  files.set('class/net/lo/type', '772\n');
  files.set('class/thermal/thermal_zone0/type', 'cpu-thermal\n');
  files.set('class/thermal/thermal_zone0/temp', '47250\n');
  for (const medium of media) {
    const base = `class/block/${medium.name}`;
    files.set(`${base}/size`, sectors(medium.bytes));
    files.set(`${base}/dev`, `${medium.device}\n`);
    files.set(`${base}/ro`, '0\n');
    files.set(`${base}/removable`, '0\n');
    if (medium.partOf !== undefined) {
      files.set(`${base}/partition`, `${medium.name.slice(-1)}\n`);
      files.set(`class/block/${medium.partOf}/${medium.name}/dev`, `${medium.device}\n`);
    }
    if (medium.model !== undefined) files.set(`${base}/device/name`, `${medium.model}\n`);
    if (medium.serial !== undefined) files.set(`${base}/device/serial`, `${medium.serial}\n`);
    files.set(`${base}/holders/.keep`, '');
    files.set(`${base}/slaves/.keep`, '');
  }
  return files;
}

/** Files that lie over those of /proc. */
export function procFiles(unit: ReturnType<typeof describe>, media: readonly Medium[]): Map<string, string> {
  const partitions = media.map(({ name, bytes, device }) => {
    const [major = '', minor = ''] = device.split(':');
    return `${major.padStart(4)}  ${minor.padStart(7)} ${String(bytes / 1024).padStart(10)} ${name}\n`;
  });
  return new Map([
    ['partitions', `major minor  #blocks  name\n\n${partitions.join('')}`],
    ['cmdline', 'console=ttyS0,115200 root=/dev/mmcblk0p2 rw\n'],
    ['version', 'Linux version 6.1.55 (build@fieldos) #1 SMP PREEMPT\n'],
    ['swaps', 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n'],
    ['modules', ''],
    [
      'cpuinfo',
      [
        'processor\t: 0',
        'BogoMIPS\t: 38.40',
        'Features\t: fp asimd crc32',
        '',
        'Hardware\t: Fieldgate FG-220',
        `Serial\t\t: ${unit.serial}`,
        '',
      ].join('\n'),
    ],
  ]);
}

/** Files of the unit's root, written before it starts. */
export function rootFiles(unit: ReturnType<typeof describe>): Map<string, string> {
  return new Map([
    [
      'etc/os-release',
      `NAME="FieldOS"\nVERSION="4.2.1"\nID=fieldos\nVERSION_ID=4.2.1\nPRETTY_NAME="${unit.firmware}"\n`,
    ],
    ['etc/hostname', `${unit.hostname}\n`],
    ['etc/passwd', 'root:x:0:0:root:/root:/bin/sh\n'],
    ['etc/group', 'root:x:0:\n'],
    // The cursor is asked for, as `resize` in many a profile does.
    [
      'etc/profile',
      `export PATH=/bin HOME=/root\nexport PS1='root@${unit.hostname}:\\w# '\nprintf '\\033[6n'\ncd /root\n`,
    ],
    ['etc/kernel-log', kernelLog(unit)],
    ['var/log/fieldgated.log', applicationLog(unit)],
    ['usr/sbin/dmesg', DMESG],
  ]);
}

function kernelLog(unit: ReturnType<typeof describe>): string {
  const lines = [
    '<5>[    0.000000] Linux version 6.1.55 (build@fieldos) #1 SMP PREEMPT',
    `<6>[    0.000000] Machine model: ${unit.model}`,
    '<6>[    0.412345] mmc0: new HS400 MMC card at address 0001',
    '<6>[    0.423456] mmcblk0: mmc0:0001 BJTD4R 24.0 MiB',
    '<6>[    0.534567]  mmcblk0: p1 p2 p3',
    '<4>[    1.012345] fieldgate-pmic 1-0034: using default trim values',
    '<3>[    1.234567] i2c i2c-2: timeout waiting for bus ready',
    '<6>[    2.345678] IPv6: ADDRCONF(NETDEV_CHANGE): eth0: link becomes ready',
    '<3>[    3.456789] EXT4-fs error (device mmcblk0p3): ext4_lookup:1855: inode #12: comm init: deleted inode referenced',
  ];
  for (let at = 0; at < 400; at += 1) {
    lines.push(`<6>[${(4 + at * 0.731).toFixed(6).padStart(12)}] fieldgate: self test ${at} passed`);
  }
  return `${lines.join('\n')}\n`;
}

function applicationLog(unit: ReturnType<typeof describe>): string {
  const lines: string[] = [];
  for (let at = 0; at < 200; at += 1)
    lines.push(`${at} ${unit.hostname} fieldgated: poll ok, rtt=${at % 17} ms`);
  // No end of line, and bytes that no text has: logs do look like this after a power cut.
  return `${lines.join('\r\n')}\n\0\0\0\u001b[31mpower lost`;
}

/** The unit's own kernel log, from a file: that of the machine below must not show. */
const DMESG = `#!/bin/sh
case "$1" in
-r) cat /etc/kernel-log ;;
*) sed 's/^<[0-9]*>//' /etc/kernel-log ;;
esac
`;
