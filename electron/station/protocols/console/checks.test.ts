import { describe, expect, it } from 'vitest';
import { readSum, summer, sumOf } from './checks.ts';

describe('checksums', () => {
  // Values printed by coreutils and busybox for these bytes.
  it.each([
    ['cksum', '', '4294967295'],
    ['cksum', '123456789', '930766865'],
    ['crc32', '123456789', 'cbf43926'],
    ['md5', '123456789', '25f9e794323b453885f5181f1b624d0b'],
  ] as const)('%s of %j', (name, text, expected) => {
    expect(sumOf(name, Buffer.from(text))).toBe(expected);
    const piecewise = summer(name);
    for (const char of text) piecewise.update(Buffer.from(char));
    expect(piecewise.digest()).toBe(expected);
  });

  it('reads what tools print', () => {
    expect(readSum('cksum', '930766865 9')).toBe('930766865');
    expect(readSum('md5', '25f9e794323b453885f5181f1b624d0b  -')).toBe('25f9e794323b453885f5181f1b624d0b');
    expect(readSum('md5', 'MD5(stdin)= 25f9e794323b453885f5181f1b624d0b')).toBe(
      '25f9e794323b453885f5181f1b624d0b',
    );
    expect(readSum('sha256', 'sha256sum: not found')).toBeNull();
    expect(readSum('md5', 'x'.repeat(100))).toBeNull();
  });
});
