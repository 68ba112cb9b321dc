import fc from 'fast-check';
import { expect, it } from 'vitest';
import { tidyName } from './names.ts';

it.each([
  ['dmesg.txt', 'dmesg.txt'],
  ['../../etc/passwd', '_.._etc_passwd'],
  ['C:\\Users\\me\\a.log', 'C_Users_me_a.log'],
  ['a\nb\0c.txt', 'a b c.txt'],
  ['gpj.\u202eexe', 'gpj.exe'],
  ['  spaced   out .. ', 'spaced out'],
  ['NUL', '_NUL'],
  ['com1.txt', '_com1.txt'],
  ['', 'unnamed'],
  ['...', 'unnamed'],
  ['e\u0301.log', 'é.log'],
  ['Gerät 日本 😀.log', 'Gerät 日本 😀.log'],
  ['a\ud800b', 'a_b'],
])('%j becomes %j', (given, tidy) => expect(tidyName(given)).toBe(tidy));

it('keeps the extension of a long name', () => {
  const tidy = tidyName(`${'😀'.repeat(150)}.txt`);
  expect(tidy.endsWith('😀.txt')).toBe(true);
  expect(tidy.length).toBeLessThanOrEqual(200);
});

it('is a name whatever was given, and stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (given) => {
      const tidy = tidyName(given);
      expect(tidy).not.toBe('');
      expect(tidy.length).toBeLessThanOrEqual(200);
      expect(tidy).not.toMatch(/[\\/\p{Cc}\p{Cs}]/u);
      expect(tidy).not.toMatch(/^\.|\.$/);
      expect(tidyName(tidy)).toBe(tidy);
    }),
  );
});
