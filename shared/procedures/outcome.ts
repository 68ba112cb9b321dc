import type { Outcome } from '../model/runs.ts';

/**
 * From best to worst. A run ends as the worst of its phases, so that nothing bad is averaged away.
 * The order follows one question: how much may still be said about the unit?
 * - `pass`: it is good
 * - `unverified`: everything was done and nothing contradicts it, but nothing proves it either
 * - `fail`: it is bad; a finding about the unit
 * - `timeout`: a step did not end in time; the unit or the bench, not known which
 * - `error`: the bench is bad; no finding about the unit
 * - `aborted`: a person stopped it; the steps left out might have shown anything
 * - `interrupted`: the station or the unit went away; not even the last step's end is known
 */
export const OUTCOME_ORDER = [
  'pass',
  'unverified',
  'fail',
  'timeout',
  'error',
  'aborted',
  'interrupted',
] as const satisfies readonly Outcome[];

const rank = (outcome: Outcome): number => OUTCOME_ORDER.indexOf(outcome);

/** The worse of two outcomes. */
export const worse = (a: Outcome, b: Outcome): Outcome => (rank(b) > rank(a) ? b : a);

/** The worst of several; null when there is none. */
export function worst(outcomes: Iterable<Outcome>): Outcome | null {
  let found: Outcome | null = null;
  for (const outcome of outcomes) found = found === null ? outcome : worse(found, outcome);
  return found;
}
