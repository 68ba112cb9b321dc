import { MATCHERS } from '../../../shared/procedures/expect.ts';
import type { Path } from '../yaml/locate.ts';
import type { Expectation, Phase, ProcedureFile } from './format.ts';
import { type Reference, referencesIn } from './references.ts';
import { suggestion } from './sentences.ts';

export type Report = (path: Path, message: string, aim?: 'key') => void;
/** What is known at a phase: the values told before it, and its own. */
export interface Context {
  readonly procedure: ProcedureFile;
  readonly told: ReadonlyMap<string, readonly string[]>;
  readonly own: readonly string[];
  readonly report: Report;
}

/** Whether a text is a regular expression. */
export const isPattern = (pattern: string): boolean => {
  try {
    new RegExp(pattern, 'u');
    return true;
  } catch {
    return false;
  }
};

/** Checks that what a text refers to is there. */
export function checkReferences({ path, text }: { path: Path; text: string }, context: Context): void {
  const { references, malformed } = referencesIn(text);
  if (malformed)
    context.report(
      path,
      'A reference names an input (inputs.NAME) or a value of an earlier phase (PHASE.VALUE).',
    );
  for (const reference of references) checkReference(reference, path, context);
}

function checkReference({ scope, name }: Reference, path: Path, { procedure, told, report }: Context): void {
  if (scope === 'inputs') {
    if (!Object.hasOwn(procedure.inputs, name)) {
      report(path, `The procedure has no input “${name}”${suggestion(name, Object.keys(procedure.inputs))}`);
    }
    return;
  }
  const values = told.get(scope);
  if (!values) report(path, `No earlier phase is named “${scope}”${suggestion(scope, [...told.keys()])}`);
  else if (!values.includes(name)) {
    report(path, `The phase “${scope}” tells no value “${name}”${suggestion(name, values)}`);
  }
}

function checkValueName(value: string, path: Path, context: Context): void {
  const [scope, name] = value.includes('.') ? (value.split('.', 2) as [string, string]) : [null, value];
  if (scope !== null) {
    checkReference({ scope, name }, path, context);
  } else if (!context.own.includes(name)) {
    const known = context.own.length > 0 ? ` It tells: ${context.own.join(', ')}.` : '';
    context.report(path, `This phase tells no value “${name}”${suggestion(name, context.own)}${known}`);
  }
}

export function checkExpectations(expectations: readonly Expectation[], path: Path, context: Context): void {
  for (const [index, expectation] of expectations.entries()) {
    const here = [...path, index];
    const set = MATCHERS.filter((name) => expectation[name] !== undefined);
    if (set.length !== 1) {
      const found = set.length === 0 ? 'none' : set.map((name) => `“${name}”`).join(' and ');
      context.report(
        here,
        `An expectation has exactly one of ${MATCHERS.join(', ')}; this one has ${found}.`,
      );
    }
    checkValueName(expectation.value, [...here, 'value'], context);
    if (expectation.matches !== undefined && !isPattern(expectation.matches)) {
      context.report([...here, 'matches'], `“${expectation.matches}” is not a regular expression.`);
    }
    for (const field of ['equals', 'differs'] as const) {
      const text = expectation[field];
      if (typeof text === 'string') checkReferences({ path: [...here, field], text }, context);
    }
  }
}

export function checkMeasurements({ measure }: Phase, path: Path, context: Context): void {
  const seen = new Set<string>();
  for (const [index, spec] of measure.entries()) {
    const here = [...path, 'measure', index];
    if (seen.has(spec.id))
      context.report([...here, 'id'], `Another measurement of this phase is named “${spec.id}”.`);
    seen.add(spec.id);
    checkValueName(spec.value, [...here, 'value'], context);
    if (spec.min !== null && spec.max !== null && spec.min > spec.max) {
      context.report(
        [...here, 'min'],
        `No value can pass: the lowest (${spec.min}) is above the highest (${spec.max}).`,
      );
    }
    if (spec.equals !== null && (spec.min !== null || spec.max !== null)) {
      context.report([...here, 'equals'], 'A measurement has either “equals” or “min” and “max”.', 'key');
    }
  }
}
