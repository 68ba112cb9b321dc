import { BenchError } from '../../../shared/errors/index.ts';
import { CaseFields, type CaseView } from '../../../shared/model/cases.ts';
import { emptyLabel, type LabelIdentity } from '../../../shared/model/units.ts';
import type { RecordTarget } from '../../../shared/procedures/record.ts';
import type { Actor } from '../storage/store.ts';
import type { Cases } from './service.ts';

type Parts = Pick<Cases, 'get' | 'label' | 'checkLabel' | 'edit' | 'note' | 'safetyStop'>;
type Place =
  | { readonly of: 'label'; readonly field: keyof LabelIdentity }
  | { readonly of: 'fields'; readonly field: 'fault' | 'condition' | 'accessories' };

/** Takes what a procedure's questions found out into the case. */
export function createAnswerSink(cases: Parts) {
  return {
    /** Throws what is wrong with an identifier, `identity.of-other-unit`, `case.no-unit`, `input.invalid`. */
    check(caseId: string, target: RecordTarget, text: string): void {
      const place = placeOf(target);
      if (place?.of === 'label')
        cases.checkLabel({ id: caseId, label: { ...emptyLabel(), [place.field]: text } });
      if (place?.of === 'fields') added(cases.get({ id: caseId }), place.field, text);
    },

    take(actor: Actor, caseId: string, target: RecordTarget, text: string): void {
      const id = caseId;
      const view = cases.get({ id });
      const place = placeOf(target);
      if (target === 'note') cases.note(actor, { id, text });
      else if (target === 'safety-stop') {
        if (!view.safety) cases.safetyStop(actor, { id, reason: text });
      } else if (place?.of === 'label') {
        const label = view.unit?.label ?? emptyLabel();
        cases.label(actor, { id, label: { ...label, [place.field]: text } });
      } else if (place) cases.edit(actor, { id, fields: added(view, place.field, text) });
    },
  };
}

function placeOf(target: RecordTarget): Place | null {
  const [of, field] = target.split('.');
  return field === undefined ? null : ({ of, field } as Place);
}

/** The field with an answer added to what it says; nothing is added twice. */
function added(
  { fields }: CaseView,
  field: Place['field'] & keyof CaseFields,
  text: string,
): Partial<CaseFields> {
  const next =
    field === 'accessories' ? addedToList(fields.accessories, text) : addedToText(fields[field] ?? '', text);
  const parsed = CaseFields.partial().safeParse({ [field]: next });
  if (parsed.success) return parsed.data as Partial<CaseFields>;
  const detail = `With what the case says already, this is too much: ${parsed.error.issues[0]?.message}`;
  throw new BenchError('input.invalid', { detail });
}

const addedToText = (before: string, text: string): string =>
  before.includes(text) ? before : [before, text].filter((part) => part !== '').join('\n');

/** “Charger, cable” is two things, “none” is nothing. */
function addedToList(before: readonly string[], text: string): string[] {
  const things = text
    .split(/[,;\n]/)
    .map((thing) => thing.trim())
    .filter((thing) => thing !== '' && !/^none\.?$/i.test(thing));
  const known = new Set(before.map((thing) => thing.toLowerCase()));
  return [...before, ...things.filter((thing) => !known.has(thing.toLowerCase()))];
}
