import type { CaseFields } from '../../../shared/model/cases.ts';

/** A form's values: empty text stands for nothing. */
export type FieldValues = { readonly [K in keyof CaseFields]?: CaseFields[K] | '' };

/**
 * Only what the person changed goes to the station, because each field merges on its own: a colleague's
 * change of another field is not undone.
 */
export function changedFields(before: CaseFields, values: FieldValues): Partial<CaseFields> {
  const changed: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(values)) {
    const next = typeof value === 'string' ? value.trim() || null : value;
    if (JSON.stringify(next) !== JSON.stringify(before[field as keyof CaseFields])) changed[field] = next;
  }
  return changed;
}
