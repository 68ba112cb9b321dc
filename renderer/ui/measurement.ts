import type { Measurement } from '../../shared/model/runs.ts';
import { formatValue } from './format.ts';

/** Where things stand on a bar, in percent from the left. */
export interface BarGeometry {
  bandStart: number;
  bandEnd: number;
  marker: number;
}

const clamp = (percent: number): number => Math.min(100, Math.max(0, percent));

/**
 * The span of values a bar shows: 0–100 for percentages; from zero where nothing is negative and there is no
 * narrow band to look at closely; otherwise the limits and the value with room around them.
 */
function domain(
  value: number,
  min: number | null,
  max: number | null,
  unit: string | null,
): [number, number] {
  if (unit === '%' && value >= 0 && value <= 100) return [0, 100];
  const points = [value, min, max].filter((point): point is number => point !== null);
  const low = Math.min(...points);
  const high = Math.max(...points);
  if (low >= 0 && (min === null || max === null)) return [0, high * 1.25 || 1];
  const room = Math.max(high - low, Math.abs(low) * 0.3, Math.abs(high) * 0.01) * 0.4 || 1;
  return [low >= 0 ? Math.max(0, low - room) : low - room, high + room];
}

/** Null when the value is no number or nothing limits it: there is no picture to draw. */
export function barGeometry(measurement: Measurement): BarGeometry | null {
  const { value, min, max, unit } = measurement;
  if (typeof value !== 'number' || !Number.isFinite(value) || (min === null && max === null)) return null;
  const [from, to] = domain(value, min, max, unit);
  const at = (point: number): number => clamp(((point - from) / (to - from)) * 100);
  return { bandStart: min === null ? 0 : at(min), bandEnd: max === null ? 100 : at(max), marker: at(value) };
}

/** What is demanded of a measurement: `≥ 80 %`, `10–20 V`, `= unlocked`, or nothing. */
export function limitText(measurement: Measurement): string {
  const { min, max, equals, unit } = measurement;
  if (equals !== null) return `= ${equals === 'true' ? 'yes' : equals === 'false' ? 'no' : equals}`;
  if (min !== null && max !== null) return `${formatValue(min, null)} to ${formatValue(max, unit)}`;
  if (min !== null) return `≥ ${formatValue(min, unit)}`;
  if (max !== null) return `≤ ${formatValue(max, unit)}`;
  return '';
}
