import { test } from 'vitest';
import { phoneJourney } from '../browser/phone-journey.ts';
import { startShell } from '../support/electron.ts';
import { describeWith } from '../support/parts.ts';
import { startRackProcess } from '../support/rack.ts';

describeWith(['electron', 'display'], 'the journey of a phone in the desktop app', () => {
  test('from the first start to a closed case', { timeout: 300_000 }, async () => {
    const [{ window }, rack] = await Promise.all([startShell(), startRackProcess(['--console', '0'])]);
    window.setDefaultTimeout(60_000);
    await phoneJourney(window, rack.unit('at'));
  });
});
