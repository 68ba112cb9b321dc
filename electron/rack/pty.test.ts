import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openPty } from './pty.ts';

it('echoes nothing of what a unit says before anybody listens', () => {
  const { path, line } = openPty();
  const client = openSync(path, 'r+');
  try {
    const { stdout } = spawnSync('stty', ['-a'], { stdio: [client, 'pipe', 'ignore'], encoding: 'utf8' });
    expect(stdout).toContain('-echo ');
    expect(stdout).toContain('-icanon');
    expect(stdout).toContain('-opost');
  } finally {
    closeSync(client);
    line.hangUp();
  }
});
