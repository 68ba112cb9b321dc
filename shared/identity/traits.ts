import type { IdentityConflict } from '../model/cases.ts';
import type { Family } from '../model/units.ts';

/**
 * Traits of a unit that prove nothing, but can contradict: its maker, its model, its family. They count where
 * the identifiers leave a doubt: a serial number is unique within one maker only, and a unit that says no number
 * at all may be any.
 */
export interface Traits {
  readonly maker?: string | null | undefined;
  readonly model?: string | null | undefined;
  readonly family?: Family | null | undefined;
}

/** Letters and digits, lower case: what is left when wording and company forms are taken off. */
const bare = (text: string | null | undefined): string =>
  (text ?? '')
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

/**
 * Whether two makers cannot be one: both are said, and neither begins with the other (“ASUS” and “ASUSTeK
 * COMPUTER INC.” may be one).
 */
export function otherMaker(a: string | null | undefined, b: string | null | undefined): boolean {
  const [one, two] = [bare(a), bare(b)];
  if (one === '' || two === '' || one === two) return false;
  const [short, long] = one.length < two.length ? [one, two] : [two, one];
  return short.length < 3 || !long.startsWith(short);
}

/** Whether two models cannot be one: both are said, and they differ in more than spelling. */
export function otherModel(a: string | null | undefined, b: string | null | undefined): boolean {
  const [one, two] = [bare(a), bare(b)];
  return one !== '' && two !== '' && one !== two;
}

/** Whether two sides can be one unit as far as traits tell; what somebody does not say is no contradiction. */
export const traitsFit = (a: Traits, b: Traits): boolean =>
  !otherFamily(a.family, b.family) && !otherMaker(a.maker, b.maker) && !otherModel(a.model, b.model);

const otherFamily = (a: Family | null | undefined, b: Family | null | undefined): boolean =>
  Boolean(a && b && a !== b);

const FAMILY_WORDS: Readonly<Record<Family, string>> = {
  at: 'a phone or modem',
  console: 'a router, gateway or terminal',
};

/**
 * In which traits the sides contradict each other, where identifiers leave it open: they agree in the serial
 * number alone, or in nothing. Then the maker counts; with nothing, the model and the family do too.
 */
export function compareTraits(
  unit: Traits | null,
  label: { readonly maker?: string | null | undefined } | null,
  expected: Traits,
  agreeIn: 'serial' | 'nothing',
): IdentityConflict[] {
  const says = (unitSays: string | null, labelSays: string | null, caseSays: string | null) => ({
    unitSays,
    labelSays,
    caseSays,
  });
  const conflicts: IdentityConflict[] = [];
  const makers = says(unit?.maker || null, label?.maker || null, expected.maker || null);
  const { unitSays, labelSays, caseSays } = makers;
  if (
    otherMaker(unitSays, caseSays) ||
    otherMaker(labelSays, caseSays) ||
    (agreeIn === 'serial' && otherMaker(labelSays, unitSays))
  ) {
    const waysOut: IdentityConflict['waysOut'] = unitSays === null ? [] : ['re-read'];
    if (otherMaker(labelSays, unitSays ?? caseSays)) waysOut.push('correct-label');
    if (otherMaker(unitSays, caseSays)) waysOut.push('identity-change');
    if (unitSays !== null) waysOut.push('wrong-unit');
    const parts = [
      unitSays && `the unit says ${unitSays}`,
      labelSays && `its label says ${labelSays}`,
      caseSays && `the case says ${caseSays}`,
    ].filter(Boolean);
    const message = `Maker: ${parts.join(', ')}. Units of two makers can have the same serial number.`;
    conflicts.push({ field: 'maker', ...makers, message, waysOut: [...waysOut, 'escalate'] });
  }
  if (agreeIn === 'serial' || unit === null) return conflicts;
  const models = says(unit.model ?? null, null, expected.model ?? null);
  if (otherFamily(unit.family, expected.family) && unit.family && expected.family) {
    const message =
      `The unit is ${FAMILY_WORDS[unit.family]}, the unit of the case is ${FAMILY_WORDS[expected.family]}, ` +
      'and it says no number that could tell.';
    conflicts.push({ field: 'model', ...models, message, waysOut: ['re-read', 'wrong-unit', 'escalate'] });
  } else if (otherModel(unit.model, expected.model)) {
    const message =
      `Model: the unit says ${unit.model}, the case says ${expected.model}, ` +
      'and the unit says no number that could tell.';
    const waysOut: IdentityConflict['waysOut'] = ['re-read', 'identity-change', 'wrong-unit', 'escalate'];
    conflicts.push({ field: 'model', ...models, message, waysOut });
  }
  return conflicts;
}
