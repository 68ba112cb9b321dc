import type { Page } from 'playwright-core';
import { test } from 'vitest';
import { busyBench } from '../browser/busy-bench.ts';
import { consoleJourney } from '../browser/console-journey.ts';
import { phoneJourney } from '../browser/phone-journey.ts';
import { startShell } from '../support/electron.ts';
import { describeWith } from '../support/parts.ts';
import { type RackProcess, startRackProcess } from '../support/rack.ts';

/** The app in Electron, on a new data folder, beside a rack of its own. */
async function open(args: readonly string[]): Promise<{ page: Page; rack: RackProcess }> {
  const [{ window }, rack] = await Promise.all([startShell(), startRackProcess(args)]);
  window.setDefaultTimeout(60_000);
  return { page: window, rack };
}

describeWith(['electron', 'display'], 'the journey of a phone in the desktop app', () => {
  test('from the first start to a closed case', { timeout: 300_000 }, async () => {
    const { page, rack } = await open(['--console', '0']);
    await phoneJourney(page, rack.unit('at'));
  });
});

describeWith(['electron', 'display', 'busybox'], 'a console in the desktop app', () => {
  test('its logs are read and its disk is wiped with proof', { timeout: 300_000 }, async () => {
    const { page, rack } = await open(['--at', '0']);
    await consoleJourney(page, rack.unit('console'));
  });

  test('two units at once, with trouble of every kind', { timeout: 400_000 }, async () => {
    const { page, rack } = await open([]);
    await busyBench(page, rack);
  });
});
