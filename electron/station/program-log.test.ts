import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openProgramLog, programLogFiles } from './program-log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'repairbench-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('keeps secrets out, and goes on in the same file', () => {
  for (const run of [1, 2]) {
    const { log, close } = openProgramLog(folder, 'test');
    log.info({ run, pin: '2468', port: { password: 'training' } }, 'something happened');
    close();
  }
  const [newest = ''] = programLogFiles(folder);
  const text = readFileSync(newest, 'utf8');
  expect(text.trim().split('\n')).toHaveLength(2);
  expect(text).not.toMatch(/2468|training/);
  expect(statSync(newest).mode & 0o077).toBe(0);
});

it('moves full files aside and keeps five', () => {
  const { log, close } = openProgramLog(folder, 'test');
  const padding = 'x'.repeat(1024 * 1024);
  for (let line = 0; line < 40; line++) log.info({ padding }, 'much happened');
  close();
  const sizes = programLogFiles(folder).map((path) => statSync(path).size);
  expect(sizes).toHaveLength(5);
  expect(Math.max(...sizes)).toBeLessThan(6 * 1024 * 1024);
});

it('never stops the bench, whatever the disk says', () => {
  symlinkSync('/dev/full', programLogFiles(folder)[0] ?? '');
  const { log, close } = openProgramLog(folder, 'test');
  for (let line = 0; line < 100; line++) log.info('something happened');
  close();
});
