import { z } from 'zod';
import { CaseIdentifiers } from '../../../shared/model/cases.ts';
import { LabelIdentity } from '../../../shared/model/units.ts';
import type { Medium } from '../../../shared/rma/index.ts';
import type { Values } from '../procedures/types.ts';

/** What authorised a wipe, as it stood when it did. */
export interface Grounds {
  readonly expected: CaseIdentifiers;
  readonly label: LabelIdentity | null;
  readonly consent: { readonly by: string; readonly ref: string } | null;
}

/** What the safety check right before a wipe leaves in the journal, besides what people read there. */
export interface SafetyNotes {
  /** Every medium of the unit. */
  readonly media: readonly Medium[];
  /** Parts of the target that overwriting it does not reach. */
  readonly notReached: readonly string[];
  /** Null in journals of older programs. */
  readonly grounds: Grounds | null;
}

const Media = z.array(
  z.object({
    path: z.string(),
    label: z.string(),
    model: z.string().nullable(),
    serial: z.string().nullable(),
    bytes: z.number().nullable(),
  }),
);
const StoredGrounds = z.object({
  expected: CaseIdentifiers,
  label: LabelIdentity.nullable(),
  consent: z.object({ by: z.string(), ref: z.string() }).nullable(),
});

/** A journal's values are single ones, so lists and objects stand in them as JSON. */
export const writeNotes = ({ media, notReached, grounds }: SafetyNotes): Values => ({
  media: JSON.stringify(media),
  notReached: notReached.join(' '),
  grounds: grounds && JSON.stringify(grounds),
});

export function readNotes(values: Values): SafetyNotes {
  const notReached = typeof values.notReached === 'string' ? values.notReached : '';
  return {
    media: parsed(Media, values.media) ?? listedPaths(values.media),
    notReached: notReached.split(' ').filter(Boolean),
    grounds: parsed(StoredGrounds, values.grounds),
  };
}

/** Older journals list paths alone, with blanks between them. */
const listedPaths = (value: Values[string] | undefined): Medium[] =>
  (typeof value === 'string' ? value.split(' ') : [])
    .filter((path) => path.startsWith('/dev/') || path === 'phone')
    .map((path) => ({ path, label: path, model: null, serial: null, bytes: null }));

function parsed<T>(schema: z.ZodType<T>, value: Values[string] | undefined): T | null {
  if (typeof value !== 'string') return null;
  try {
    return schema.safeParse(JSON.parse(value)).data ?? null;
  } catch {
    return null;
  }
}
