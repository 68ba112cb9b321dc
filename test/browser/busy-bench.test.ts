import { expect, test } from 'vitest';
import { describeWith } from '../support/parts.ts';
import { startRackProcess } from '../support/rack.ts';
import { openApp } from './bench.ts';
import { busyBench } from './busy-bench.ts';

describeWith(['chromium', 'busybox'], 'two units at once on screen', () => {
  test('bounced taps, trouble of every kind', { timeout: 300_000 }, async () => {
    const [{ page, complaints }, rack] = await Promise.all([openApp(), startRackProcess()]);
    await busyBench(page, rack);
    expect(complaints).toEqual([]);
  });
});
