import { describe, expect, it } from 'vitest';
import { withoutApplets, withoutDirectIo } from './busybox.ts';

/** As the table of applet names stands in the program: sorted, one after the other, ended by an empty name. */
const PROGRAM = Buffer.from(
  '\x7fELF…\0[\0[[\0ar\0base64\0cat\0dd\0dmesg\0\0usage: base64\0fullblock\0direct\0\0notrunc\0',
  'latin1',
);

describe('a busybox that was built with less', () => {
  it('loses the applets that are named, and nothing else', () => {
    const shortened = withoutApplets(PROGRAM, ['base64', 'dmesg']);
    expect(shortened.toString('latin1')).toBe(
      PROGRAM.toString('latin1').replace('ar\0base64', 'ar\0base6\x01').replace('dmesg', 'dmes\x01'),
    );
    expect(withoutDirectIo(PROGRAM).toString('latin1')).toContain('fullblock\0direc\x01\0');
  });

  it('keeps the table sorted, because the program looks names up by that', () => {
    const shortened = withoutApplets(PROGRAM, ['base64', 'cat', 'dd']).toString('latin1');
    const names = shortened.slice(shortened.indexOf('[\0'), shortened.indexOf('\0\0')).split('\0');
    expect(names).toEqual([...names].sort());
  });

  it('says when a name or the table is not there', () => {
    expect(() => withoutApplets(PROGRAM, ['emacs'])).toThrow('no applet “emacs”');
    expect(() => withoutApplets(Buffer.from('something else'), ['cat'])).toThrow('no table of applets');
    expect(() => withoutDirectIo(Buffer.from('something else'))).toThrow('no direct I/O');
  });
});
