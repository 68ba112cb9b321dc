import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TONES } from './looks.ts';

/** WCAG 2.2: text, and what is needed to see a control or a state. */
const TEXT = 4.5;
const EDGE = 3;
const css = readFileSync(new URL('tokens.css', import.meta.url), 'utf8');

function tokensOf(scheme: string): (name: string) => string {
  const block = css.split(`:root[data-mantine-color-scheme="${scheme}"] {`)[1]?.split('}')[0] ?? '';
  const tokens = new Map(
    [...block.matchAll(/--rb-([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, hex]) => [name, hex]),
  );
  return (name) => {
    const hex = tokens.get(name);
    if (!hex) throw new Error(`--rb-${name} is no colour in the ${scheme} scheme`);
    return hex;
  };
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

const PLACES = ['bg', 'surface', 'raised'];
const PAIRS: [name: string, on: string[], least: number][] = [
  ['text', [...PLACES, 'sunken', 'hover', ...TONES.map((tone) => `${tone}-tint`)], TEXT],
  ['dim', [...PLACES, 'sunken', 'hover'], TEXT],
  ['accent', PLACES, TEXT],
  ['on-accent', ['accent', 'accent-hover'], TEXT],
  ['surface', ['failed'], TEXT],
  ['input-border', [...PLACES, 'ghost-tint'], EDGE],
  ['accent', ['ghost-tint', 'working-tint'], EDGE],
  ['focus', PLACES, EDGE],
  ...TONES.flatMap((tone): [string, string[], number][] => [
    [tone, [...PLACES, `${tone}-tint`], TEXT],
    [`${tone}-edge`, PLACES, EDGE],
  ]),
];

describe.each(['light', 'dark'])('colours of the %s scheme', (scheme) => {
  const token = tokensOf(scheme);
  it.each(PAIRS)('%s can be seen on %j', (name, places, least) => {
    for (const place of places) {
      expect(contrast(token(name), token(place)), `${name} on ${place}`).toBeGreaterThanOrEqual(least);
    }
  });
});
