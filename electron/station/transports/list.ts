import { existsSync } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SerialPort } from 'serialport';

/** A serial port that is there now. Nothing here was opened to find out. */
export interface FoundPort {
  /** `/dev/ttyUSB0`; another plug may get the same one later. */
  readonly path: string;
  /** The link named after the adapter itself, which survives a re-plug; the path where there is none. */
  readonly stablePath: string;
  /** Four hexadecimal digits, lower case; null where the port is not on USB. */
  readonly vendorId: string | null;
  readonly productId: string | null;
  readonly serialNumber: string | null;
  readonly manufacturer: string | null;
  readonly product: string | null;
}

const CLASS_DIR = '/sys/class/tty';
const BY_ID_DIR = '/dev/serial/by-id';
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
async function usbParent(device: string): Promise<string | null> {
  let dir = device;
  for (let level = 0; level < MAX_LEVELS && dir.startsWith('/sys/'); level += 1) {
    if (existsSync(join(dir, 'idVendor'))) return dir;
    dir = dirname(dir);
  }
  return null;
}

/** Links named after adapters, by the device they lead to now. */
async function linksById(): Promise<Map<string, string>> {
  const links = new Map<string, string>();
  for (const name of (await orEmpty(BY_ID_DIR)).sort()) {
    const link = join(BY_ID_DIR, name);
    try {
      links.set(await realpath(link), link);
    } catch {
      // Unplugged in between.
    }
  }
  return links;
}

async function fromSysfs(): Promise<FoundPort[]> {
  const links = await linksById();
  const found: FoundPort[] = [];
  for (const name of (await orEmpty(CLASS_DIR)).sort()) {
    const path = `/dev/${name}`;
    if (NEVER.test(name) || !existsSync(path)) continue;
    const dir = join(CLASS_DIR, name);
    let device: string;
    try {
      device = await realpath(join(dir, 'device'));
    } catch {
      continue; // no hardware behind it
    }
    // The kernel always makes a few ttyS; without a chip their type is 0 (PORT_UNKNOWN).
    if ((await attribute(dir, 'type')) === '0') continue;
    const usb = await usbParent(device);
    found.push({
      path,
      stablePath: links.get(path) ?? path,
      vendorId: usb && (await attribute(usb, 'idVendor')),
      productId: usb && (await attribute(usb, 'idProduct')),
      serialNumber: usb && (await attribute(usb, 'serial')),
      manufacturer: usb && (await attribute(usb, 'manufacturer')),
      product: usb && (await attribute(usb, 'product')),
    });
  }
  return found;
}

async function fromBindings(): Promise<FoundPort[]> {
  const said = (text: string | undefined) => text || null;
  return (await SerialPort.list()).map((port) => ({
    path: port.path,
    stablePath: port.path,
    vendorId: said(port.vendorId?.toLowerCase()),
    productId: said(port.productId?.toLowerCase()),
    serialNumber: said(port.serialNumber),
    manufacturer: said(port.manufacturer),
    product: null,
  }));
}

/**
 * The serial ports that are there now, without opening one. On Linux from sysfs: it costs no child process
 * and needs no udev. PTYs are never listed. A listing that fails is an empty one.
 */
export async function listPorts(): Promise<FoundPort[]> {
  try {
    return await (existsSync(CLASS_DIR) ? fromSysfs() : fromBindings());
  } catch {
    return [];
  }
}

/**
 * Whether something is at the address now, without opening it. Null: cannot be told (TCP).
 */
export async function isPresent(address: string): Promise<boolean | null> {
  if (/^tcp:/i.test(address) || process.platform === 'win32') return null;
  try {
    return (await stat(address)).isCharacterDevice();
  } catch {
    return false;
  }
}

export interface PortChange {
  readonly current: readonly FoundPort[];
  readonly added: readonly FoundPort[];
  readonly removed: readonly FoundPort[];
}

export interface PortWatch {
  /** Looks now instead of at the next turn. */
  refresh(): Promise<void>;
  close(): void;
}

/** The same plug: a port that left and came back as something else is a removal and an addition. */
const plugOf = (port: FoundPort): string =>
  [port.path, port.stablePath, port.vendorId, port.productId, port.serialNumber].join('\n');

/**
 * Tells of ports that come and go, first of all that are there (as added). Looks every `intervalMs`
 * (1 s); never opens a port. `list` is replaceable for tests.
 */
export function watchPorts(
  onChange: (change: PortChange) => void,
  options: { intervalMs?: number; list?: () => Promise<FoundPort[]> } = {},
): PortWatch {
  const { intervalMs = 1000, list = listPorts } = options;
  let known = new Map<string, FoundPort>();
  let told = false;
  let closed = false;
  let looking: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    const current = await list();
    if (closed) return;
    const now = new Map(current.map((port) => [plugOf(port), port]));
    const added = current.filter((port) => !known.has(plugOf(port)));
    const removed = [...known.entries()].filter(([plug]) => !now.has(plug)).map(([, port]) => port);
    known = now;
    if (told && added.length === 0 && removed.length === 0) return;
    told = true;
    onChange({ current, added, removed });
  }

  function refresh(): Promise<void> {
    looking ??= look().finally(() => {
      looking = null;
    });
    return looking;
  }

  function schedule(): void {
    if (closed) return;
    timer = setTimeout(() => {
      void refresh().then(schedule, schedule);
    }, intervalMs);
    // Watching alone keeps no process alive.
    timer.unref();
  }

  void refresh().then(schedule, schedule);
  return {
    refresh,
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
