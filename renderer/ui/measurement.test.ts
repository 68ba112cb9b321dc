import { describe, expect, it } from 'vitest';
import type { Measurement } from '../../shared/model/runs.ts';
import { barGeometry, limitText } from './measurement.ts';

const measurement = (value: Measurement['value'], rest: Partial<Measurement> = {}): Measurement => ({
  id: 'm',
  title: 'M',
  value,
  unit: null,
  min: null,
  max: null,
  equals: null,
  ok: true,
  ...rest,
});

describe('geometry of a measurement', () => {
  it('shows percentages on the whole scale', () => {
    expect(barGeometry(measurement(61, { unit: '%', min: 80 }))).toEqual({
      bandStart: 80,
      bandEnd: 100,
      marker: 61,
    });
  });
  it('puts a value beyond its limit outside the band, with room to see it', () => {
    const bar = barGeometry(measurement(812, { max: 800 }));
    expect(bar?.bandStart).toBe(0);
    expect(bar?.marker).toBeGreaterThan(bar?.bandEnd ?? 100);
    expect(bar?.marker).toBeLessThan(100);
  });
  it('looks closely at a narrow band', () => {
    const bar = barGeometry(measurement(3.92, { min: 3.6, max: 4.2 }));
    expect((bar?.bandEnd ?? 0) - (bar?.bandStart ?? 0)).toBeGreaterThan(30);
  });
  it('copes with negative values and with equal points', () => {
    const rssi = barGeometry(measurement(-41, { unit: 'dBm', min: -55 }));
    expect(rssi?.marker).toBeGreaterThan(rssi?.bandStart ?? 0);
    for (const value of [0, -5, 7]) {
      const bar = barGeometry(measurement(value, { min: value, max: value }));
      expect(Number.isFinite(bar?.marker)).toBe(true);
    }
  });
  it('stays within the bar for any finite value', () => {
    for (const value of [-1e12, -1, 0, 1e-9, 5, 1e12]) {
      for (const [min, max] of [
        [0, 10],
        [null, 10],
        [-10, null],
      ] as const) {
        const bar = barGeometry(measurement(value, { min, max }));
        for (const at of [bar?.marker, bar?.bandStart, bar?.bandEnd]) {
          expect(at).toBeGreaterThanOrEqual(0);
          expect(at).toBeLessThanOrEqual(100);
        }
      }
    }
  });
  it('draws nothing where there is nothing to draw', () => {
    expect(barGeometry(measurement('ready', { equals: 'ready' }))).toBeNull();
    expect(barGeometry(measurement(5))).toBeNull();
    expect(barGeometry(measurement(null, { max: 5 }))).toBeNull();
  });
});

describe('limits in words', () => {
  it.each([
    [{ min: 80, unit: '%' }, '≥ 80 %'],
    [{ max: -55, unit: 'dBm' }, '≤ −55 dBm'],
    [{ min: 3.6, max: 4.2, unit: 'V' }, '3.6 to 4.2 V'],
    [{ equals: 'READY' }, '= READY'],
    [{}, ''],
  ])('%o', (limits, words) => {
    expect(limitText(measurement(1, limits))).toBe(words);
  });
});
