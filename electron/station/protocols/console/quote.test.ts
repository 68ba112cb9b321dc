import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBenchError } from '../../../../shared/errors/index.ts';
import { quote } from './quote.ts';

/** What a real shell makes of the quoted texts. */
const said = (...texts: string[]): string[] =>
  execFileSync('sh', ['-c', `printf '%s\\0' ${texts.map((text) => quote(text)).join(' ')}`], {
    encoding: 'utf8',
  })
    .split('\0')
    .slice(0, -1);

describe('quote', () => {
  it('makes one word of anything, in printable ASCII', () => {
    const text = fc
      .string({ unit: 'grapheme', maxLength: 40 })
      .filter((one) => !one.includes('\0') && !one.endsWith('\n'));
    const texts = fc.sample(text, 200);
    expect(said(...texts)).toEqual(texts);
    expect(texts.map((text) => quote(text)).join('')).toMatch(/^[ -~]*$/);
  });

  it.each(["it's", '$(reboot)', '`reboot`', '-n', '"; rm -rf /', '\\', '!', 'Grüße\tda', '-ü'])(
    '%j',
    (text) => {
      expect(said(text)).toEqual([text]);
    },
  );

  it.each(['a\0b', 'ends\n'])('refuses what no command line can carry: %j', (text) => {
    expect(() => quote(text)).toThrow(expect.toSatisfy((error) => isBenchError(error, 'input.invalid')));
  });
});
