import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { seededRandom } from '../cable.ts';
import { writeLog } from './log-file.ts';

it('writes a log of exactly the size asked for, without two pieces alike', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rack-log-'));
  try {
    const path = join(folder, 'messages');
    const size = 3 * 1024 * 1024 + 77;
    writeLog(path, size, seededRandom(1));
    const text = readFileSync(path, 'latin1');
    expect(text).toHaveLength(size);
    const stamps = text.match(/^block \d{10}$/gm) ?? [];
    expect(new Set(stamps).size).toBe(stamps.length);
    expect(stamps.length).toBeGreaterThan(700);
    expect(text.split('\n').length).toBeGreaterThan(20_000);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
