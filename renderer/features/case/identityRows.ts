import { strongKey } from '../../../shared/identity/index.ts';
import type { CaseView, IdentityField } from '../../../shared/model/cases.ts';
import type { IdentityRow } from '../../ui/IdentityTable.tsx';

/** Short, because they stand in a narrow column. */
const TITLES = {
  serial: 'Serial',
  imei1: 'IMEI 1',
  imei2: 'IMEI 2',
  meid: 'MEID',
  maker: 'Maker',
  model: 'Model',
} as const satisfies Record<IdentityField, string>;

/** The comparison of a case: what unit, label and case say, and whether the station found a conflict. */
export function identityRows(view: CaseView): IdentityRow[] {
  const unit = view.unit?.identity ?? null;
  const label = view.unit?.label ?? null;
  const expected = view.identifiers ?? { serial: view.serial, imei1: view.imei1, imei2: null, meid: null };
  // The station judges; a swapped pair of IMEIs, say, is no conflict although the row reads differently.
  const conflict = (id: string) => view.conflicts.some(({ field }) => field === id);
  const strong: IdentityRow[] = (['serial', 'imei1', 'imei2', 'meid'] as const).map((field) => {
    const unitSays = unit?.[field] ?? null;
    const labelSays = label?.[field] ?? null;
    const caseSays = expected[field];
    const comparable =
      [unitSays, labelSays, caseSays].filter((said) => strongKey(field, said) !== null).length > 1;
    const same = conflict(field) ? false : comparable ? true : null;
    return { id: field, title: TITLES[field], unitSays, labelSays, caseSays, same };
  });
  // Maker and model prove nothing, so they are never “the same”; they can contradict.
  const traits: IdentityRow[] = (['maker', 'model'] as const).map((field) => ({
    id: field,
    title: TITLES[field],
    unitSays: unit?.[field] ?? null,
    labelSays: label?.[field] ?? null,
    caseSays: expected[field] ?? null,
    same: conflict(field) ? false : null,
  }));
  const firmware: IdentityRow = {
    id: 'firmware',
    title: 'Firmware',
    unitSays: unit?.firmware ?? null,
    labelSays: null,
    caseSays: null,
    same: null,
    wide: true,
  };
  return [...strong, ...traits, firmware].filter(
    ({ id, unitSays, labelSays, caseSays }) => unitSays ?? labelSays ?? caseSays ?? (conflict(id) || null),
  );
}
