import { expect, test } from 'vitest';
import { describeWith } from '../support/parts.ts';
import { startRackProcess } from '../support/rack.ts';
import { openApp } from './bench.ts';
import { consoleJourney } from './console-journey.ts';

describeWith(['chromium', 'busybox'], 'the journey of a console on screen', () => {
  test('its logs are read and its disk is wiped with proof', { timeout: 240_000 }, async () => {
    const [{ page, complaints }, rack] = await Promise.all([openApp(), startRackProcess(['--at', '0'])]);
    await consoleJourney(page, rack.unit('console'));
    expect(complaints).toEqual([]);
  });
});
