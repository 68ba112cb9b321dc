import { expect, test } from 'vitest';
import { describeWith } from '../support/parts.ts';
import { startRackProcess } from '../support/rack.ts';
import { openApp } from './bench.ts';
import { phoneJourney } from './phone-journey.ts';

describeWith(['chromium'], 'the journey of a phone on screen', () => {
  test('from the first start to a closed case', { timeout: 300_000 }, async () => {
    const [{ page, complaints }, rack] = await Promise.all([openApp(), startRackProcess(['--console', '0'])]);
    await phoneJourney(page, rack.unit('at'));
    expect(complaints).toEqual([]);
  });
});
