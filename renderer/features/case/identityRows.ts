import { type StrongField, strongKey } from '../../../shared/identity/index.ts';
import type { CaseView } from '../../../shared/model/cases.ts';
import type { IdentityRow } from '../../ui/IdentityTable.tsx';

const FIELDS: readonly { field: StrongField; title: string }[] = [
  { field: 'serial', title: 'Serial' },
  { field: 'imei1', title: 'IMEI 1' },
  { field: 'imei2', title: 'IMEI 2' },
  { field: 'meid', title: 'MEID' },
];

/** The comparison of a case: what unit, label and case say, and whether the station found a conflict. */
export function identityRows(view: CaseView): IdentityRow[] {
  const unit = view.unit?.identity ?? null;
  const label = view.unit?.label ?? null;
  const expected = view.identifiers ?? { serial: view.serial, imei1: view.imei1, imei2: null, meid: null };
  const rows: IdentityRow[] = FIELDS.map(({ field, title }) => {
    const unitSays = unit?.[field] ?? null;
    const labelSays = label?.[field] ?? null;
    const caseSays = expected[field];
    // The station judges; a swapped pair of IMEIs, say, is no conflict although the row reads differently.
    const conflict = view.conflicts.some((found) => found.field === field);
    const comparable =
      [unitSays, labelSays, caseSays].filter((said) => strongKey(field, said) !== null).length > 1;
    return {
      id: field,
      title,
      unitSays,
      labelSays,
      caseSays,
      same: conflict ? false : comparable ? true : null,
    };
  }).filter(({ unitSays, labelSays, caseSays }) => unitSays ?? labelSays ?? caseSays);
  const facts: IdentityRow[] = [
    {
      id: 'model',
      title: 'Model',
      unitSays: unit?.model ?? null,
      labelSays: label?.model ?? null,
      caseSays: null,
      same: null,
    },
    {
      id: 'firmware',
      title: 'Firmware',
      unitSays: unit?.firmware ?? null,
      labelSays: null,
      caseSays: null,
      same: null,
      wide: true,
    },
  ];
  return [...rows, ...facts.filter(({ unitSays, labelSays }) => unitSays ?? labelSays)];
}
