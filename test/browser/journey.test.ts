import { expect, test } from 'vitest';
import { describeWith } from '../support/parts.ts';
import { openApp, startRackUnit } from './bench.ts';
import { phoneJourney } from './phone-journey.ts';

describeWith(['chromium'], 'the journey of a phone on screen', () => {
  test('from the first start to a closed case', { timeout: 300_000 }, async () => {
    const [{ page, complaints }, phone] = await Promise.all([openApp(), startRackUnit('at')]);
    await phoneJourney(page, phone);
    expect(complaints).toEqual([]);
  });
});
