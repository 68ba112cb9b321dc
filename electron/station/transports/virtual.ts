import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

/** What a running rack writes of itself, so that a live bench can tell its units from real ones. */
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

/** Folders where a rack of any user may have registered; those of others are tried and may be closed. */
function folders(): string[] {
  const roots = new Set([process.env.XDG_RUNTIME_DIR ?? '', `/run/user/${userId()}`, tmpdir(), '/tmp']);
  const found: string[] = [];
  for (const root of roots) {
    if (root === '') continue;
    for (const name of entries(root)) if (name.startsWith(FOLDER)) found.push(join(root, name));
  }
  return found;
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

/** The racks that run now. Files of dead processes, and files that are none, are passed over. */
export function runningRacks(searched: readonly string[] = folders()): RackRegistration[] {
  const racks: RackRegistration[] = [];
  for (const dir of searched) {
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

const resolved = (address: string): string => {
  try {
    return realpathSync(address);
  } catch {
    return address;
  }
};

const tcpPort = (address: string): string | null => /^tcp:.*:(\d+)$/i.exec(address)?.[1] ?? null;

/** A rack's units hang on PTYs; a registration that names hardware is wrong and changes nothing. */
const isHardware = (device: string): boolean =>
  process.platform === 'linux' && device.startsWith('/dev/') && !device.startsWith('/dev/pts/');

/**
 * Whether the address leads to a unit of a virtual rack, by whatever links. A live bench refuses those.
 * TCP addresses match by port number: all of them are on this machine.
 */
export function isVirtualAddress(address: string): boolean {
  const port = tcpPort(address);
  const target = resolved(address);
  if (port === null && isHardware(target)) return false;
  return runningRacks().some((rack) =>
    rack.addresses.some((known) =>
      port !== null ? tcpPort(known) === port : known === address || resolved(known) === target,
    ),
  );
}
