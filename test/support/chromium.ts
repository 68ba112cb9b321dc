import { type Browser, chromium } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { partPath } from './parts.ts';

/** Root may not use Chromium's sandbox; and nothing here should reach for the network. */
export const CHROMIUM_ARGUMENTS = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** A Chromium that ends with the test. */
export async function launchChromium(): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: partPath('chromium'), args: CHROMIUM_ARGUMENTS });
  onTestFinished(() => browser.close());
  return browser;
}
