/**
 * A unit that floods: opens a PTY, prints its path, and writes as many MiB as it is told on standard input, with
 * which it ends. In a process of its own, so that the reader is measured and not the writer.
 */
import { createInterface } from 'node:readline';
import { openPty } from '../../electron/rack/pty.ts';

const MIB = 1024 * 1024;
const block = Buffer.alloc(MIB, 'log line of a unit on a serial port\r\n');
const pty = openPty();
process.stdout.write(`${pty.path}\n`);
createInterface({ input: process.stdin })
  .on('line', async (line) => {
    for (let mebibytes = Number(line); mebibytes > 0; mebibytes -= 1) await pty.line.write(block);
  })
  .once('close', () => process.exit());
