import type { CaseFields } from '../../../shared/model/cases.ts';

/** A form's values: empty text stands for nothing. */
export type FieldValues = { readonly [K in keyof CaseFields]?: CaseFields[K] | '' };

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What the person changed: the form's values against the fields as they were when it was opened. */
export function changedFields(opened: CaseFields, values: FieldValues): Partial<CaseFields> {
  const changed: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(values)) {
    const next = typeof value === 'string' ? value.trim() || null : value;
    if (!same(next, opened[field as keyof CaseFields])) changed[field] = next;
  }
  return changed;
}

/** A field that somebody else changed while a form with it was open. */
export interface ChangedMeanwhile {
  readonly field: keyof CaseFields;
  readonly now: CaseFields[keyof CaseFields];
  /** The person changed it too, to something else: only they can say what counts. */
  readonly clash: boolean;
}

/**
 * What became different while the form was open. Fields the person did not touch are not sent, so they keep what
 * a colleague wrote.
 */
export function changedMeanwhile(
  opened: CaseFields,
  now: CaseFields,
  mine: Partial<CaseFields>,
): ChangedMeanwhile[] {
  return (Object.keys(now) as (keyof CaseFields)[])
    .filter((field) => !same(opened[field], now[field]))
    .map((field) => ({ field, now: now[field], clash: field in mine && !same(mine[field], now[field]) }));
}
