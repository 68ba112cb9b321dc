import { test } from 'vitest';
import { startRackUnit } from '../browser/bench.ts';
import { phoneJourney } from '../browser/phone-journey.ts';
import { startShell } from '../support/electron.ts';
import { describeWith } from '../support/parts.ts';

describeWith(['electron', 'display'], 'the journey of a phone in the desktop app', () => {
  test('from the first start to a closed case', { timeout: 300_000 }, async () => {
    const [{ window }, phone] = await Promise.all([startShell(), startRackUnit('at')]);
    window.setDefaultTimeout(60_000);
    await phoneJourney(window, phone);
  });
});
