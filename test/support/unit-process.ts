/**
 * One virtual unit in a process of its own, so that who speaks to it is measured and not the unit:
 * `unit-process.ts at | console LOGBYTES`. Prints the address of its PTY as one line, ends when standard input does.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AtPhone } from '../../electron/rack/at/phone.ts';
import { ConsoleUnit } from '../../electron/rack/console/index.ts';
import { mountOnPty } from '../../electron/rack/mount.ts';

const [family, logBytes] = process.argv.slice(2);
const unit =
  family === 'at'
    ? new AtPhone({ echo: false })
    : new ConsoleUnit({
        password: null,
        logBytes: Number(logBytes),
        media: [{ name: 'sda', bytes: 4096, device: '8:0' }],
      });
const folder = mkdtempSync(join(tmpdir(), 'unit-process-'));
const address = join(folder, 'unit');
const mount = mountOnPty(unit, address, () => {});
process.stdout.write(`${address}\n`);
process.stdin.resume();
process.stdin.once('end', async () => {
  await mount.close();
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
});
