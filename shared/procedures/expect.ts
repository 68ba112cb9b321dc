import type { PlainValue } from './measure.ts';

/** One demand on a value; exactly one of the matchers is set. */
export interface Matcher {
  readonly equals?: string | number | boolean | undefined;
  readonly differs?: string | number | boolean | undefined;
  readonly matches?: string | undefined;
  readonly in?: readonly (string | number | boolean)[] | undefined;
  readonly notIn?: readonly (string | number | boolean)[] | undefined;
  readonly present?: boolean | undefined;
  readonly atLeast?: number | undefined;
  readonly atMost?: number | undefined;
}

/** The names of the matchers, in the order the documentation has them. */
export const MATCHERS = [
  'equals',
  'differs',
  'matches',
  'in',
  'notIn',
  'present',
  'atLeast',
  'atMost',
] as const satisfies readonly (keyof Matcher)[];

/** Text longer than this is not matched against a pattern: units send what they like. */
const MATCH_LIMIT = 2000;

/**
 * Whether a value meets the demand. A missing value (null) meets only `present: false`, so that a unit
 * that keeps silent never passes, not even a demand to differ from something.
 */
export function meets(matcher: Matcher, value: PlainValue): boolean {
  const missing = value === null || value === '';
  if (matcher.present !== undefined) return matcher.present !== missing;
  if (value === null) return false;
  if (matcher.equals !== undefined) return value === matcher.equals;
  if (matcher.differs !== undefined) return value !== matcher.differs;
  if (matcher.in !== undefined) return matcher.in.includes(value);
  if (matcher.notIn !== undefined) return !matcher.notIn.includes(value);
  if (matcher.matches !== undefined) {
    return (
      typeof value === 'string' && value.length <= MATCH_LIMIT && new RegExp(matcher.matches, 'u').test(value)
    );
  }
  if (matcher.atLeast !== undefined) return typeof value === 'number' && value >= matcher.atLeast;
  if (matcher.atMost !== undefined) return typeof value === 'number' && value <= matcher.atMost;
  return false;
}
