import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Measurement } from '../model/runs.ts';
import { describeMiss, type MeasureSpec, measure, plainValue, VALUE_LIMIT } from './measure.ts';

const spec = (over: Partial<MeasureSpec> = {}): MeasureSpec => ({
  id: 'level',
  title: 'Battery level',
  unit: '%',
  min: null,
  max: null,
  equals: null,
  source: null,
  optional: false,
  ...over,
});

const limit = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: null });

describe('measure', () => {
  it.each([
    [spec(), 12, null],
    [spec(), null, null],
    [spec({ min: 10 }), 10, true],
    [spec({ min: 10 }), 9.99, false],
    [spec({ max: 10 }), 10, true],
    [spec({ max: 10 }), 10.01, false],
    [spec({ min: 1, max: 3 }), 2, true],
    [spec({ min: 10 }), null, false],
    [spec({ min: 10, optional: true }), null, null],
    [spec({ min: 10, optional: true }), 9, false],
    [spec({ min: 10 }), '87', false],
    [spec({ min: 10, optional: true }), '87', false],
    [spec({ max: 10 }), true, false],
    [spec({ min: 0 }), Number.NaN, false],
    [spec({ min: 0 }), Number.POSITIVE_INFINITY, false],
    [spec({ min: 0 }), undefined, false],
    [spec({ min: 0 }), { valueOf: () => 5 }, false],
    [spec({ equals: 'true' }), true, true],
    [spec({ equals: 'true' }), 'true', true],
    [spec({ equals: 'READY' }), 'SIM PIN', false],
    [spec({ equals: '5' }), 5, true],
    [spec({ equals: 'null' }), null, false],
    [spec({ equals: 'NaN' }), Number.NaN, false],
  ])('%o of %o is %o', (given, value, ok) => {
    expect(measure(given, value).ok).toBe(ok);
  });

  it('is within its limits exactly when it is a finite number between them', () => {
    fc.assert(
      fc.property(limit, limit, fc.anything(), (min, max, value) => {
        const { ok, value: kept } = measure(spec({ min, max }), value);
        if (min === null && max === null) expect(ok).toBeNull();
        else {
          const fits = typeof value === 'number' && Number.isFinite(value);
          expect(ok).toBe(fits && (min === null || value >= min) && (max === null || value <= max));
        }
        expect(typeof kept === 'object' ? kept : null).toBeNull();
      }),
    );
  });

  it('always gives something that can be recorded', () => {
    fc.assert(
      fc.property(limit, limit, fc.boolean(), fc.anything(), (min, max, optional, value) => {
        const measured = measure(spec({ min, max, optional }), value);
        const parsed = Measurement.parse(JSON.parse(JSON.stringify(measured)));
        // JSON has no minus zero; everything else survives it.
        expect(parsed.value).toEqual(Object.is(measured.value, -0) ? 0 : measured.value);
        expect(parsed.ok).toBe(measured.ok);
      }),
    );
  });

  it('never passes a missing value, optional or not', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        limit,
        fc.constantFrom(null, undefined, Number.NaN),
        (optional, min, value) => {
          expect(measure(spec({ min, optional }), value).ok).not.toBe(true);
        },
      ),
    );
  });
});

describe('plainValue', () => {
  it('cuts text and leaves no half characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 50 }), fc.nat(40), (text, cut) => {
        const kept = plainValue(text.slice(cut));
        expect(typeof kept === 'string' && Buffer.from(kept, 'utf8').toString('utf8')).toBe(kept);
      }),
    );
    expect(plainValue('x'.repeat(VALUE_LIMIT + 5))).toHaveLength(VALUE_LIMIT);
    expect(plainValue('\ud83d')).toBe('\ufffd');
    expect(plainValue('\u001b[2Ja\r\n\tb\u0000\u009b')).toBe('\ufffd[2Ja\ufffd\n\tb\ufffd\ufffd');
  });
});

describe('describeMiss', () => {
  it.each([
    [spec({ min: 40 }), 12, 'Battery level is 12 %; at least 40 % is asked'],
    [spec({ max: 40 }), 50, 'Battery level is 50 %; at most 40 % is asked'],
    [spec({ min: 1, max: 4 }), null, 'Battery level was not reported; 1 to 4 % is asked'],
    [spec({ equals: 'NONE', unit: null }), 'FRP', 'Battery level is FRP; “NONE” is asked'],
  ])('says what is out of its limits', (given, value, sentence) => {
    expect(describeMiss(measure(given, value))).toBe(sentence);
  });
});
