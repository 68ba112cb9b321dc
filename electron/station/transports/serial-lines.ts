import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type { SerialPort } from 'serialport';
import type { ModemLines } from './transport.ts';

export type OpenPort = Awaited<ReturnType<typeof SerialPort.binding.open>>;

const STTY_LIMIT_MS = 2_000;

/** Modem lines where the port has them: reading them changes nothing, and fails on a PTY. */
export async function modemOf(port: OpenPort): Promise<ModemLines | undefined> {
  try {
    await port.get();
  } catch {
    return undefined;
  }
  // The kernel raises both when it opens a port, and each call sets every line.
  const lines = { dtr: true, rts: true };
  const set = (brk: boolean) => port.set({ ...lines, cts: false, dsr: false, brk });
  return {
    async set(change) {
      Object.assign(lines, change);
      await set(false);
    },
    async sendBreak(milliseconds) {
      await set(true);
      await delay(milliseconds);
      await set(false);
    },
  };
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
