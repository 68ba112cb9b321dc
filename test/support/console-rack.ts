/**
 * A virtual console in a process of its own: `console-rack.ts LOGBYTES`. Prints the address of its PTY as one line,
 * ends when standard input does.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConsoleUnit } from '../../electron/rack/console/index.ts';
import { mountOnPty } from '../../electron/rack/mount.ts';

const folder = mkdtempSync(join(tmpdir(), 'console-rack-'));
const unit = new ConsoleUnit({
  password: null,
  logBytes: Number(process.argv[2]),
  media: [{ name: 'sda', bytes: 4096, device: '8:0' }],
});
const address = join(folder, 'console');
const mount = mountOnPty(unit, address, () => {});
process.stdout.write(`${address}\n`);
process.stdin.resume();
process.stdin.once('end', async () => {
  await mount.close();
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
});
