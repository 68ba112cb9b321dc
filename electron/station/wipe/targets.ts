/**
 * May this disk or partition be overwritten? Each question a technician would ask before wiping is one predicate
 * here: given a device and what is known of the unit, it answers with a sentence that says why not, or null.
 * Pure: drivers gather the facts, and ask again right before they write.
 */

/** A disk or partition, as the unit's kernel lists it. */
export interface BlockDevice {
  /** `mmcblk0p1` */
  readonly name: string;
  /** `/dev/mmcblk0p1` */
  readonly path: string;
  readonly bytes: number;
  /** Major and minor number, `179:1`; empty when the kernel does not say. */
  readonly number: string;
  readonly readOnly: boolean;
  /** The disk that a partition is a part of. */
  readonly partOf: string | null;
  /** Devices built on this one (RAID, LVM, encryption). */
  readonly holders: readonly string[];
  /** Devices that this one is built on. */
  readonly slaves: readonly string[];
  readonly node: DeviceNode;
  /** The name that the partition table gives it. */
  readonly label: string | null;
  readonly model: string | null;
  readonly serial: string | null;
}

/** What stands at a device's path. */
export type DeviceNode =
  /** A block device with that major and minor number (empty: not told). */
  | { readonly kind: 'block'; readonly number: string }
  /** A file of that size. */
  | { readonly kind: 'file'; readonly bytes: number }
  | { readonly kind: 'missing' };

/** One mounted file system. */
export interface Mounted {
  /** Where, `/boot`. */
  readonly on: string;
  /** What the mount names as its source, links followed: usually a path below /dev. */
  readonly source: string;
  /** Major and minor number of the file system; `0:…` has no device. */
  readonly number: string;
}

/** How a unit uses its devices. */
export interface Usage {
  readonly devices: readonly BlockDevice[];
  readonly mounts: readonly Mounted[];
  /** Paths of swap areas, links followed. */
  readonly swaps: readonly string[];
  /** Paths that loop devices read from. */
  readonly loopFiles: readonly string[];
  /** Members of file systems that span several devices. */
  readonly members: readonly string[];
}

export type Refusal = string | null;
type Predicate = (device: BlockDevice, usage: Usage) => Refusal;

/** A device smaller than this holds no file system. */
const SMALLEST_BYTES = 4096;

const same = (device: BlockDevice, mounted: Mounted): boolean =>
  mounted.source === device.path || (device.number !== '' && mounted.number === device.number);

const mountsOf = (device: BlockDevice, usage: Usage): readonly Mounted[] =>
  usage.mounts.filter((mounted) => same(device, mounted));

export const isMounted: Predicate = (device, usage) => {
  const places = mountsOf(device, usage).map(({ on }) => on);
  return places.length === 0 ? null : `it is mounted on ${places.join(', ')}`;
};

/** Where the running system lives; with overlays (OpenWrt) the read-only half and the writable half count too. */
const SYSTEM_PLACES = ['/', '/rom', '/overlay', '/usr', '/sysroot'];

export const holdsRoot: Predicate = (device, usage) =>
  mountsOf(device, usage).some(({ on }) => SYSTEM_PLACES.includes(on))
    ? 'the running system lives on it'
    : null;

export const isSwap: Predicate = (device, usage) =>
  usage.swaps.includes(device.path) ? 'it is in use as swap space' : null;

export const isReadOnly: Predicate = (device) => (device.readOnly ? 'it is read-only' : null);

export const tooSmall: Predicate = (device) => {
  if (device.bytes === 0) return 'it holds no medium';
  return device.bytes < SMALLEST_BYTES ? `it has only ${device.bytes} bytes` : null;
};

export const isHeld: Predicate = (device) =>
  device.holders.length === 0 ? null : `${device.holders.join(', ')} is built on it`;

export const isBuiltOnOthers: Predicate = (device) =>
  device.slaves.length === 0 ? null : `it is built on ${device.slaves.join(', ')}; wipe what is below`;

export const backsALoop: Predicate = (device, usage) =>
  usage.loopFiles.includes(device.path) ? 'a loop device reads from it' : null;

export const isMember: Predicate = (device, usage) =>
  usage.members.includes(device.name) ? 'it belongs to a mounted file system of several devices' : null;

/** Names that makers give to partitions with boot loaders, trusted firmware, radio calibration, identity. */
const VITAL_LABELS =
  /^(?:0:)?(?:u-?boot.*|boot-?loader.*|spl|tpl|bl[123].*|fip.*|atf|trust|idbloader|preloader|lk|[ax]bl.*|sbl.*|tz.*|rpm.*|aboot.*|modem.*|fsg|modemst\d|efs.*|persist|art|calibration|factory|nvram|devinfo|(?:u-?boot-?)?env.*)$/i;

/**
 * Service areas of an eMMC: boot loader and key store. They have an address space of their own beside the disk's,
 * so nothing that is done to the disk reaches them.
 */
export const isEmmcService = (name: string): boolean => /^mmcblk\d+(?:boot\d+|rpmb)$/.test(name);

/** Any area of an eMMC beside the disk itself; those for general purposes (`gp`) hold data like a disk. */
export const isEmmcArea = (name: string): boolean => isEmmcService(name) || /^mmcblk\d+gp\d+$/.test(name);

/** eMMC boot areas, the key store of eMMC, and raw flash with its boot loader and calibration data. */
export const holdsBootLoader: Predicate = ({ name, label }) => {
  if (/^mmcblk\d+boot\d+$/.test(name)) return 'it holds the boot loader';
  if (/^mmcblk\d+rpmb$/.test(name)) return 'it is the key store of the eMMC and cannot be overwritten';
  if (/^(mtdblock|ubiblock)/.test(name)) {
    return 'it is raw flash, which may hold the boot loader and calibration data';
  }
  if (label !== null && VITAL_LABELS.test(label)) {
    return `it is named “${label}”: the unit needs it to start or to work`;
  }
  return null;
};

/** Memory, files and networks that look like disks. */
export const isNoMedium: Predicate = ({ name }) =>
  /^(loop|ram|zram|nbd|sr|fd)\d/.test(name) ? 'it is not a medium of the unit' : null;

/**
 * What is written must reach the device that was listed. A plain file where the device should be would be filled
 * instead; one counts only when it is mapped onto that very path by a mount and has exactly the listed size,
 * which is how containers are given media.
 */
export const isNotTheDevice: Predicate = (device, usage) => {
  const { node } = device;
  if (node.kind === 'missing') return `there is nothing at ${device.path}`;
  if (node.kind === 'block') {
    const known = node.number !== '' && device.number !== '';
    return known && node.number !== device.number
      ? `${device.path} leads to another device (${node.number}, not ${device.number})`
      : null;
  }
  const mapped = usage.mounts.some(({ on }) => on === device.path);
  if (!mapped) return `${device.path} is a file, not a device`;
  return node.bytes === device.bytes
    ? null
    : `${device.path} has ${node.bytes} bytes, the kernel lists ${device.bytes}`;
};

const OWN_PREDICATES = {
  isNoMedium,
  tooSmall,
  isReadOnly,
  holdsRoot,
  isMounted,
  isSwap,
  isHeld,
  isBuiltOnOthers,
  backsALoop,
  isMember,
  holdsBootLoader,
  isNotTheDevice,
} satisfies Record<string, Predicate>;

/** In use in a way that also speaks against wiping the whole disk, or a part of it. */
const IN_USE: readonly Predicate[] = [
  holdsRoot,
  isMounted,
  isSwap,
  isHeld,
  backsALoop,
  isMember,
  holdsBootLoader,
];

const uses = (device: BlockDevice, usage: Usage): readonly string[] =>
  IN_USE.map((predicate) => predicate(device, usage)).filter((refusal) => refusal !== null);

/** A disk is not free while a partition of it is in use. */
export const hasBusyPart: Predicate = (device, usage) => {
  const busy = usage.devices
    .filter(({ name, partOf }) => partOf === device.name && !isEmmcArea(name))
    .flatMap((part) => uses(part, usage).map((use) => `${part.name}: ${use}`));
  return busy.length === 0 ? null : `a partition on it is in use (${busy.join('; ')})`;
};

/** A partition is not free while its whole disk is in use as one. */
export const isPartOfBusyDisk: Predicate = (device, usage) => {
  if (isEmmcArea(device.name)) return null;
  const disk = usage.devices.find(({ name }) => name === device.partOf);
  const busy = disk === undefined ? [] : uses(disk, usage);
  return busy.length === 0 ? null : `it is part of ${device.partOf ?? ''}, and of that: ${busy.join('; ')}`;
};

/** All predicates, by name. */
export const TARGET_PREDICATES: Readonly<Record<string, Predicate>> = {
  ...OWN_PREDICATES,
  hasBusyPart,
  isPartOfBusyDisk,
};

/** Why a device may not be overwritten, in words; empty when it may. */
export function refusals(device: BlockDevice, usage: Usage): string[] {
  return Object.values(TARGET_PREDICATES)
    .map((predicate) => predicate(device, usage))
    .filter((refusal) => refusal !== null);
}

/** Whether a device is still the one that was looked at before: same place, number, size, maker's data. */
export const isSameDevice = (before: BlockDevice, now: BlockDevice): boolean =>
  before.path === now.path &&
  before.number === now.number &&
  before.bytes === now.bytes &&
  before.partOf === now.partOf &&
  before.model === now.model &&
  before.serial === now.serial &&
  before.node.kind === now.node.kind;
