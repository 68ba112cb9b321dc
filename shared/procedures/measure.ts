import type { Measurement } from '../model/runs.ts';

/** What a procedure demands of one value; limits are inclusive, null: not limited on that side. */
export interface MeasureSpec {
  readonly id: string;
  readonly title: string;
  readonly unit: string | null;
  readonly min: number | null;
  readonly max: number | null;
  /** The value as text must be exactly this. */
  readonly equals: string | null;
  readonly source: string | null;
  /** Some units do not report it: a missing value is then no failure (a wrong one still is). */
  readonly optional: boolean;
}

/** Longest text that is kept of a value. */
export const VALUE_LIMIT = 2000;

/** Half a character: cut text ends in one, and a device may send one; databases refuse them. */
const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;
/** Control characters other than tab and line feed: a device's escape sequences would steer a terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g;

/** Text from a device as it can be kept and shown anywhere: cut, and without what is no text. */
export const plainText = (text: string, limit = VALUE_LIMIT): string =>
  text.slice(0, limit).replace(LONE_SURROGATE, '\uFFFD').replace(CONTROL, '\uFFFD');

export type PlainValue = string | number | boolean | null;

/**
 * Whatever an action returned, as a value that can be recorded: numbers that are none (NaN, infinities)
 * and anything that is no plain value become null, text becomes plain text of at most `VALUE_LIMIT` characters.
 */
export function plainValue(value: unknown): PlainValue {
  if (typeof value === 'string') return plainText(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return typeof value === 'boolean' ? value : null;
}

/**
 * Holds a value against its limits. Never throws.
 * `ok` is null when nothing is demanded. A missing value meets a demand only when the measurement is
 * optional; text never meets a numeric limit, even when it reads like a number, because what a unit
 * calls "87" may be anything until its driver has said that it is a number.
 */
export function measure(spec: MeasureSpec, raw: unknown): Measurement {
  const value = plainValue(raw);
  const { id, title, unit, min, max, equals, source } = spec;
  return { id, title, value, unit, min, max, equals, source, ok: judge(spec, value) };
}

function judge({ min, max, equals, optional }: MeasureSpec, value: PlainValue): boolean | null {
  if (min === null && max === null && equals === null) return null;
  if (value === null) return optional ? null : false;
  if (equals !== null && String(value) !== equals) return false;
  if (min === null && max === null) return true;
  return typeof value === 'number' && value >= (min ?? -Infinity) && value <= (max ?? Infinity);
}

/** A sentence about a measurement that is out of its limits, e.g. “Battery level is 12 %, at least 40 % is asked”. */
export function describeMiss({ title, value, unit, min, max, equals }: Measurement): string {
  const withUnit = (wanted: number | string) => (unit ? `${wanted} ${unit}` : String(wanted));
  const is = value === null ? 'was not reported' : `is ${withUnit(String(value))}`;
  const asked =
    equals !== null
      ? `“${equals}” is asked`
      : min !== null && max !== null
        ? `${min} to ${withUnit(max)} is asked`
        : min !== null
          ? `at least ${withUnit(min)} is asked`
          : `at most ${withUnit(max ?? '')} is asked`;
  return `${title} ${is}; ${asked}`;
}
