import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { deviceAt, isPty } from './device.ts';

/** What a running rack writes of itself: a bench knows its units by it, and those on TCP by nothing else. */
export const RackRegistration = z.object({
  pid: z.number().int().positive(),
  /** Start of the process in clock ticks since boot, so that a re-used pid is not mistaken for it. */
  started: z.string().max(40),
  /** Every address of its units now: links, the PTYs behind them, TCP addresses. */
  addresses: z.array(z.string().max(400)).max(10_000),
});
export type RackRegistration = z.infer<typeof RackRegistration>;

const FOLDER = 'repairbench-rack-';
const MAX_BYTES = 1024 * 1024;

/** The folder that this user's racks register in. */
export function rackFolder(): string {
  return join(process.env.XDG_RUNTIME_DIR || tmpdir(), FOLDER + userId());
}

const userId = (): string => String(process.getuid?.() ?? process.env.USERNAME ?? 'user');

/** Start time of a process, empty where it cannot be told; null when it does not run. */
export function startOfProcess(pid: number): string | null {
  try {
    process.kill(pid, 0);
  } catch (error) {
    const alive = error instanceof Error && 'code' in error && error.code === 'EPERM';
    if (!alive) return null;
  }
  try {
    // Field 22; the name in parentheses may hold anything, so count from its end.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/s, '').trim().split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/**
 * Whether the folder is this user's alone: what lies in another is not believed, or anybody on this machine could
 * take a port away from a live bench. A folder that is not there is nobody's.
 */
export function isPrivateFolder(dir: string): boolean {
  try {
    const info = lstatSync(dir);
    if (!info.isDirectory()) return false;
    if (process.getuid === undefined) return true;
    return info.uid === process.getuid() && (info.mode & 0o077) === 0;
  } catch {
    return false;
  }
}

/** Folders where a rack of this user may have registered, whatever its environment was. */
function folders(): string[] {
  const roots = [process.env.XDG_RUNTIME_DIR ?? '', `/run/user/${userId()}`, tmpdir(), '/tmp'];
  return [...new Set(roots)].filter((root) => root !== '').map((root) => join(root, FOLDER + userId()));
}

function entries(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

/** Addresses of the units of this user's racks, as a person would add them: not the PTYs behind the links. */
export function rackUnits(): string[] {
  return runningRacks([rackFolder()]).flatMap((rack) =>
    rack.addresses.filter((address) => !address.startsWith('/dev/')),
  );
}

/** The racks that run now, of this user. Files of dead processes, and files that are none, are passed over. */
export function runningRacks(searched: readonly string[] = folders()): RackRegistration[] {
  const racks: RackRegistration[] = [];
  for (const dir of searched) {
    if (!isPrivateFolder(dir)) continue;
    for (const name of entries(dir)) {
      if (!/^\d+(-\d+)?\.json$/.test(name)) continue;
      try {
        const text = readFileSync(join(dir, name), 'utf8');
        if (text.length > MAX_BYTES) continue;
        const rack = RackRegistration.parse(JSON.parse(text));
        const started = startOfProcess(rack.pid);
        if (started !== null && (started === '' || started === rack.started)) racks.push(rack);
      } catch {
        // Half written or foreign: not a rack.
      }
    }
  }
  return racks;
}

const tcpPort = (address: string): string | null => /^tcp:.*:(\d+)$/i.exec(address)?.[1] ?? null;

/** A rack's units hang on PTYs; a registration that names hardware is wrong and changes nothing. */
const isHardware = (device: string): boolean =>
  process.platform === 'linux' && device.startsWith('/dev/') && !device.startsWith('/dev/pts/');

/**
 * Whether the address leads to no hardware. A live bench refuses those. Every PTY does, whoever made it: a rack
 * may run where this process does not see its registration. What it registered tells its TCP ports (by number: all
 * of them are on this machine) and its links while nothing is plugged in.
 */
export function isVirtualAddress(address: string): boolean {
  if (isPty(address)) return true;
  const port = tcpPort(address);
  const device = deviceAt(address);
  if (port === null && isHardware(device)) return false;
  return runningRacks().some((rack) =>
    rack.addresses.some((known) =>
      port !== null ? tcpPort(known) === port : known === address || deviceAt(known) === device,
    ),
  );
}
