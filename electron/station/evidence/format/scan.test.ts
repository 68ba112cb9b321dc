import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countLineBreaks, lowerAscii, scratchFor } from './scan.ts';

/** Bytes at any alignment, with many of the borders between classes. */
const byte = fc.oneof(
  fc.constantFrom(9, 10, 11, 64, 65, 90, 91, 96, 97, 127, 128, 138, 193, 218, 255, 0),
  fc.nat(255),
);
const placed = fc
  .tuple(fc.array(byte, { maxLength: 40 }), fc.nat(7))
  .map(([bytes, shift]) => Buffer.concat([Buffer.alloc(shift, 10), Buffer.from(bytes)]).subarray(shift));

it('counts line breaks', () => {
  fc.assert(
    fc.property(placed, fc.nat(40), fc.nat(40), (bytes, a, b) => {
      expect(countLineBreaks(bytes)).toBe(bytes.filter((value) => value === 10).length);
      const part = bytes.subarray(a, b);
      expect(countLineBreaks(bytes, a, Math.max(a, b))).toBe(part.filter((value) => value === 10).length);
    }),
    { numRuns: 500 },
  );
});

it('makes ASCII capitals small and touches nothing else', () => {
  const scratch = Buffer.alloc(scratchFor(40) + 3);
  fc.assert(
    fc.property(placed, fc.nat(3), (bytes, shift) => {
      const before = Buffer.from(bytes);
      const lowered = lowerAscii(bytes, scratch.subarray(shift));
      expect([...lowered]).toEqual([...before].map((v) => (v >= 65 && v <= 90 ? v + 32 : v)));
      expect(bytes.equals(before)).toBe(true);
    }),
    { numRuns: 500 },
  );
});
