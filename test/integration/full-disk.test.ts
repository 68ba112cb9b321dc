import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folders.ts';
import { lineMatching, startProcess } from '../support/processes.ts';
import { startRackProcess } from '../support/rack.ts';

const FULL_DISK = fileURLToPath(new URL('../support/full-disk.ts', import.meta.url));

/** Big enough for the space that is kept for the database, small enough to fill at once. */
const MOUNT = 'mount -t tmpfs -o size=96m tmpfs "$0" && exec "$@"';

/** Runs a program of this project on a real, small file system that only it can see. */
async function onSmallDisk(program: string, ...args: string[]): Promise<unknown> {
  const disk = join(await temporaryFolder(), 'disk');
  await mkdir(disk);
  const command = ['sh', '-c', MOUNT, disk, process.execPath, program, disk, ...args];
  const { stdout } = startProcess('unshare', ['--user', '--map-root-user', '--mount', '--', ...command], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (!stdout) throw new Error('no output');
  const [line] = await lineMatching(stdout, /^\{.*\}$/);
  return JSON.parse(line);
}

describe('a bench whose disk is full', () => {
  it('says so, can still be read, loses nothing, and goes on when there is space', async () => {
    const rack = await startRackProcess(['--console', '0']);
    const met = await onSmallDisk(FULL_DISK, rack.unit('at').address);
    const full = 'storage.full';
    expect(met).toMatchObject({
      idle: {
        ...{ note: full, move: full, run: full, signIn: full, backup: full },
        ...{ read: 'done', unchanged: true, log: { ok: true } },
      },
      reopened: { note: full, unchanged: true },
      freed: 'done',
      during: { note: full, outcome: 'error', errorCode: full },
      after: { run: 'error', log: { ok: true }, notes: ['there is space again'] },
    });
    const { held, states } = (met as { during: { held: string; states: string[] } }).during;
    expect(held).toMatch(/^The disk that holds .* is full\.$/);
    expect(states).not.toContain('running');
  }, 120_000);
});
