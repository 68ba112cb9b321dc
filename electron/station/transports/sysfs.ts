import { existsSync } from 'node:fs';
import { readdir, readFile, realpath } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';

/** A serial port that is there now. Nothing here was opened to find out. */
export interface FoundPort {
  /** `/dev/ttyUSB0`; another plug may get the same one later. */
  readonly path: string;
  /**
   * What leads to this adapter again after a re-plug: the link named after it where its serial number tells it
   * from all others, else the link named after its socket; the path where there is neither.
   */
  readonly stablePath: string;
  /** The kernel's own directory of the USB device, different for each that is plugged in; null where it is none. */
  readonly usb: string | null;
  /** Four hexadecimal digits, lower case; null where the port is not on USB. */
  readonly vendorId: string | null;
  readonly productId: string | null;
  readonly serialNumber: string | null;
  /** The adapter's name as it says itself. */
  readonly product: string | null;
}

/** Where the kernel and udev show what is plugged in. */
export interface Places {
  readonly sys: string;
  readonly dev: string;
}

export const MACHINE: Places = { sys: '/sys', dev: '/dev' };

/** Virtual terminals and PTYs: never a unit. */
const NEVER = /^(tty\d*|console|ptmx|pty.*|tty[a-ep-z][0-9a-f])$/;
/** A USB interface's own directory is at most a few levels above the terminal's. */
const MAX_LEVELS = 8;

const orEmpty = async (dir: string): Promise<string[]> => {
  try {
    return await readdir(dir);
  } catch {
    return [];
  }
};

/** First line of a small file of the kernel, bounded; null where there is none. */
async function attribute(dir: string, name: string): Promise<string | null> {
  try {
    const text = (await readFile(join(dir, name), 'utf8')).split('\n', 1)[0]?.trim().slice(0, 200);
    return text ? text : null;
  } catch {
    return null;
  }
}

/** The USB device above a terminal, or null. */
function usbParent(device: string, sys: string): string | null {
  let dir = device;
  for (let level = 0; level < MAX_LEVELS && dir.startsWith(sys + sep); level += 1) {
    if (existsSync(join(dir, 'idVendor'))) return dir;
    dir = dirname(dir);
  }
  return null;
}

/** Serial numbers that makers leave in all of their adapters: CP210x say 0001. */
const NO_NUMBER = /^0*[01]?$/;

/** The links of a folder of udev's, by the device they lead to now. */
async function linksIn(folder: string): Promise<Map<string, string>> {
  const links = new Map<string, string>();
  for (const name of (await orEmpty(folder)).sort().reverse()) {
    const link = join(folder, name);
    try {
      links.set(await realpath(link), link);
    } catch {
      // Unplugged in between.
    }
  }
  return links;
}

type Hardware = Omit<FoundPort, 'stablePath'>;

async function hardware({ sys, dev }: Places): Promise<Hardware[]> {
  const found: Hardware[] = [];
  const root = await realpath(sys);
  const classDir = join(root, 'class/tty');
  for (const name of (await orEmpty(classDir)).sort()) {
    const path = join(dev, name);
    if (NEVER.test(name) || !existsSync(path)) continue;
    const dir = join(classDir, name);
    let device: string;
    try {
      device = await realpath(join(dir, 'device'));
    } catch {
      continue; // no hardware behind it
    }
    // The kernel always makes a few ttyS; without a chip their type is 0 (PORT_UNKNOWN).
    if ((await attribute(dir, 'type')) === '0') continue;
    const usb = usbParent(device, root);
    found.push({
      path,
      usb,
      vendorId: usb && (await attribute(usb, 'idVendor')),
      productId: usb && (await attribute(usb, 'idProduct')),
      serialNumber: usb && (await attribute(usb, 'serial')),
      product: usb && (await attribute(usb, 'product')),
    });
  }
  return found;
}

/** Whether udev has the same name for both: adapters alike, without serial numbers or with the same one. */
const areTwins = (one: Hardware, other: Hardware): boolean =>
  one.usb !== null &&
  one.usb !== other.usb &&
  one.vendorId === other.vendorId &&
  one.productId === other.productId &&
  one.serialNumber === other.serialNumber;

/** The ports of this machine, from sysfs: it costs no child process and needs no udev. */
export async function portsInSysfs(places: Places): Promise<FoundPort[]> {
  const byId = await linksIn(join(places.dev, 'serial/by-id'));
  const byPath = await linksIn(join(places.dev, 'serial/by-path'));
  const all = await hardware(places);
  return Promise.all(
    all.map(async (port) => {
      const end = await realpath(port.path).catch(() => port.path);
      const isNamed = !NO_NUMBER.test(port.serialNumber ?? '') && !all.some((other) => areTwins(port, other));
      const own = isNamed ? byId.get(end) : undefined;
      return { ...port, stablePath: own ?? byPath.get(end) ?? port.path };
    }),
  );
}

/**
 * Whether a link that udev named after an adapter may lead to another one than it did: several that are plugged
 * in have the same name, and the link follows whichever came last.
 */
export async function isSharedLink(link: string, places: Places = MACHINE): Promise<boolean> {
  if (dirname(link) !== join(places.dev, 'serial/by-id')) return false;
  try {
    const end = await realpath(link);
    const all = await hardware(places);
    const paths = await Promise.all(all.map(({ path }) => realpath(path).catch(() => path)));
    const mine = all[paths.indexOf(end)];
    return mine !== undefined && all.some((other) => areTwins(mine, other));
  } catch {
    return false;
  }
}
