import { realpathSync, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { parseTcp } from './tcp.ts';

/** Major numbers of Unix98 PTYs on Linux; they have no entry in sysfs. */
const FIRST_PTY = 136;
const LAST_PTY = 143;

export const majorOf = (rdev: number): number => (rdev >> 8) & 0xfff;
export const minorOf = (rdev: number): number => (rdev & 0xff) | ((rdev >> 12) & 0xfff00);

/** Whether a device number is that of a PTY, whose other end is a program of this machine. */
export const isPtyNumber = (rdev: number): boolean =>
  process.platform === 'linux' && majorOf(rdev) >= FIRST_PTY && majorOf(rdev) <= LAST_PTY;

/** Whether a path leads to a PTY now, by whatever links; never opens it. */
export function isPty(path: string): boolean {
  try {
    const info = statSync(path);
    return info.isCharacterDevice() && isPtyNumber(info.rdev);
  } catch {
    return false;
  }
}

const isTcp = (address: string): boolean => /^tcp:/i.test(address);

/**
 * The same text for every address that leads to the same device now: the end of its links; `localhost` as its
 * number. The address itself where nothing is there, or where it cannot be read.
 */
export function deviceAt(address: string): string {
  try {
    if (!isTcp(address)) return realpathSync(address);
    const { host, port } = parseTcp(address);
    return `tcp:${host}:${port}`;
  } catch {
    return address;
  }
}

/**
 * Which plug is at the address now, without opening it: the same text as long as nothing was unplugged, another
 * one for every plugging-in, however quick and however the device is called. Null: nothing is there.
 * Undefined: cannot be told without opening (TCP, Windows).
 */
export async function plugAt(address: string): Promise<string | null | undefined> {
  if (isTcp(address) || process.platform === 'win32') return undefined;
  try {
    const info = await stat(address, { bigint: true });
    if (!info.isCharacterDevice()) return null;
    // The kernel makes a device file anew at each plugging-in. PTYs re-use number and inode, and not all file
    // systems know when a file was born.
    return [deviceAt(address), info.rdev, info.ino, info.birthtimeNs || info.ctimeNs].join(' ');
  } catch {
    return null;
  }
}
