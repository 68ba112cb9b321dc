import type { Measurement } from '../../../shared/model/runs.ts';
import { type Matcher, meets } from '../../../shared/procedures/expect.ts';
import { describeMiss, measure, plainValue } from '../../../shared/procedures/measure.ts';
import type { Value } from '../drivers/driver.ts';
import type { Expectation, Phase } from './format.ts';
import { MissingValue, type Resolve, substitute } from './references.ts';
import type { Values } from './types.ts';

/** What the values of a phase mean: its measurements, and why it does not pass, if it does not. */
export interface Evaluation {
  readonly measurements: readonly Measurement[];
  readonly failure: {
    readonly code: 'procedure.expectation' | 'procedure.out-of-limits';
    readonly detail: string;
  } | null;
}

/** Holds a phase's values against its expectations and limits. Never throws. */
export function evaluate(phase: Phase, own: Values, resolve: Resolve): Evaluation {
  const value = (name: string): Value => {
    const [scope = '', field] = name.split('.', 2);
    return (field === undefined ? own[name] : resolve({ scope, name: field })) ?? null;
  };
  const measurements = phase.measure.map((spec) =>
    measure({ ...spec, equals: spec.equals === null ? null : String(spec.equals) }, value(spec.value)),
  );
  const unmet = [...(phase.check ?? []), ...phase.expect]
    .filter((expectation) => !isMet(expectation, value(expectation.value), resolve))
    .map(({ otherwise }) => otherwise);
  const missed = measurements.filter(({ ok }) => ok === false).map((each) => `${describeMiss(each)}.`);
  const detail = [...unmet, ...missed].join(' ');
  if (detail === '') return { measurements, failure: null };
  const code = unmet.length > 0 ? 'procedure.expectation' : 'procedure.out-of-limits';
  return { measurements, failure: { code, detail } };
}

function isMet(expectation: Expectation, value: Value, resolve: Resolve): boolean {
  try {
    return meets(filled(expectation, resolve), value);
  } catch (error) {
    // What should have been compared with was never told: the demand is not met.
    if (error instanceof MissingValue) return false;
    throw error;
  }
}

function filled(expectation: Expectation, resolve: Resolve): Matcher {
  const scalar = (wanted: string | number | boolean | undefined) =>
    wanted === undefined ? undefined : (plainValue(substitute(wanted, resolve)) ?? undefined);
  return { ...expectation, equals: scalar(expectation.equals), differs: scalar(expectation.differs) };
}

/** Keeps of an action's result what it declared, as values that can be recorded; the rest is null. */
export function declaredValues(declared: readonly string[], result: Values): Values {
  return Object.fromEntries(
    declared.map((name) => [name, Object.hasOwn(result, name) ? plainValue(result[name]) : null]),
  );
}
