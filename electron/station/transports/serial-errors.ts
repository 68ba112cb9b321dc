import { access, constants, readlink, realpath, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { BenchError } from '../../../shared/errors/index.ts';
import { isPtyNumber, majorOf, minorOf } from './device.ts';
import { isSharedLink } from './sysfs.ts';

/** The kernel's name for what kind of device this is, or null where sysfs does not know it. */
async function subsystem(rdev: number): Promise<string | null> {
  try {
    return basename(await readlink(`/sys/dev/char/${majorOf(rdev)}:${minorOf(rdev)}/subsystem`));
  } catch {
    return null;
  }
}

/**
 * The device that a path leads to now, checked before it is opened: opening some character devices has
 * effects of its own (a watchdog resets the machine), so only terminals are let through, and no link that may
 * lead to either of two adapters: the unit behind the other one would get this port's login.
 */
export async function checkedDevice(path: string): Promise<string> {
  if (process.platform === 'win32') return path;
  try {
    const device = await realpath(path);
    if (await isSharedLink(path)) throw new BenchError('port.ambiguous', { address: path });
    const info = await stat(device);
    if (!info.isCharacterDevice()) {
      throw new BenchError('port.not-a-port', { address: path, detail: 'it is not a character device' });
    }
    if (process.platform === 'linux' && !isPtyNumber(info.rdev)) {
      const kind = await subsystem(info.rdev);
      if (kind !== null && kind !== 'tty') {
        throw new BenchError('port.not-a-port', { address: path, detail: `it is a ${kind} device` });
      }
    }
    await access(device, constants.R_OK | constants.W_OK);
    return device;
  } catch (error) {
    throw openError(path, error);
  }
}

/** What an error of opening a port means; the bindings only give the words of the operating system. */
const MEANINGS: readonly (readonly [RegExp, (address: string, detail: string) => BenchError])[] = [
  [
    /Cannot lock port|EBUSY|resource busy|Access denied/i,
    (address) => new BenchError('port.busy', { address }),
  ],
  [
    /ENOENT|ENODEV|ENXIO|ENOTDIR|No such (file|device)|not found/i,
    (address) => new BenchError('port.not-found', { address }),
  ],
  [
    /EACCES|EPERM|Permission denied|not permitted/i,
    (address) => new BenchError('port.no-permission', { address }),
  ],
  [
    /Inappropriate ioctl|ENOTTY|Invalid argument.*opening|Input\/output error|EIO/i,
    (address) => new BenchError('port.not-a-port', { address, detail: 'it is not a terminal' }),
  ],
  [
    /baud rate|stop bits|data bits|parity/i,
    (address, detail) => new BenchError('port.settings', { address, detail }),
  ],
];

/** The bench's error for whatever opening `address` threw; the one place where such errors are read. */
export function openError(address: string, error: unknown): BenchError {
  if (error instanceof BenchError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  // “Inappropriate ioctl … setting custom baud rate” comes from a device that is no terminal: first match wins.
  for (const [pattern, make] of MEANINGS) if (pattern.test(detail)) return make(address, detail);
  return new BenchError('port.not-a-port', { address, detail });
}
