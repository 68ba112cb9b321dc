import { spawn } from 'node:child_process';
import type { SerialPort } from 'serialport';

export type OpenPort = Awaited<ReturnType<typeof SerialPort.binding.open>>;

const STTY_LIMIT_MS = 2_000;

/** Whether the port has modem lines: reading them changes nothing, and fails on a PTY. */
export async function hasModemLines(port: OpenPort): Promise<boolean> {
  try {
    await port.get();
    return true;
  } catch {
    return false;
  }
}

/**
 * Keeps DTR and RTS up after the close. The bindings' `hupcl: false` only leaves the terminal's own setting
 * alone, and the kernel's default is to drop the lines, which resets boards and hangs up modems at the next
 * open. Where there is no `stty`, the port works all the same.
 * @param fd the open terminal; it is not opened again
 */
export function keepLinesUp(fd: number): Promise<void> {
  return new Promise((resolve) => {
    const stty = spawn('stty', ['-hupcl'], { stdio: [fd, 'ignore', 'ignore'], timeout: STTY_LIMIT_MS });
    stty.once('error', () => resolve());
    stty.once('exit', () => resolve());
  });
}
