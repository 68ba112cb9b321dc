import type { CaseIdentifiers, IdentityConflict, IdentityField } from '../model/cases.ts';
import type { Identity, LabelIdentity } from '../model/units.ts';
import { formatImei, imeiKey } from './imei.ts';
import { readMeid } from './meid.ts';
import { normaliseSerial, serialKey } from './serial.ts';
import { compareTraits, otherMaker, type Traits } from './traits.ts';

/** The identifiers that single out one unit among all units. */
export const STRONG_FIELDS = ['imei1', 'imei2', 'meid', 'serial'] as const;
export type StrongField = (typeof STRONG_FIELDS)[number];

/** Anything that carries strong identifiers: a unit, its label, a case. */
export type Identifiers = Pick<Identity, 'serial' | 'imei1' | 'imei2'> & { readonly meid?: string | null };

const TITLES: Readonly<Record<IdentityField, string>> = {
  imei1: 'IMEI 1',
  imei2: 'IMEI 2',
  meid: 'MEID',
  serial: 'serial number',
  maker: 'maker',
  model: 'model',
};
export const fieldTitle = (field: IdentityField): string => TITLES[field];

/** What a strong identifier is compared by; null when it is missing or names no single unit. */
export function strongKey(field: StrongField, text: string | null | undefined): string | null {
  if (text === null || text === undefined) return null;
  if (field === 'serial') return serialKey(text);
  return field === 'meid' ? readMeid(text) : imeiKey(text);
}

/** An identifier of one kind in the form it is searched by; both IMEIs are of the same kind. */
export interface IdentifierKey {
  readonly kind: 'imei' | 'meid' | 'serial';
  readonly value: string;
}

/** Every usable strong identifier, without repetition. */
export function strongKeys(from: Identifiers): IdentifierKey[] {
  const keys: IdentifierKey[] = [];
  for (const field of STRONG_FIELDS) {
    const value = strongKey(field, from[field]);
    const kind = field === 'imei1' || field === 'imei2' ? 'imei' : field;
    if (value !== null && !keys.some((key) => key.kind === kind && key.value === value)) {
      keys.push({ kind, value });
    }
  }
  return keys;
}

/**
 * How many identifiers two sides share when they can belong to one unit: at least one, and no
 * contradiction in any kind that both know; 0 otherwise. IMEIs are compared as a set, because slots have
 * no agreed order; a side that knows fewer IMEIs than the other must find all of its own there.
 */
export function sharedKeys(a: readonly IdentifierKey[], b: readonly IdentifierKey[]): number {
  let shared = 0;
  for (const kind of ['imei', 'meid', 'serial'] as const) {
    const mine = a.filter((key) => key.kind === kind).map((key) => key.value);
    const theirs = b.filter((key) => key.kind === kind).map((key) => key.value);
    if (mine.length === 0 || theirs.length === 0) continue;
    const common = mine.filter((value) => theirs.includes(value)).length;
    if (common < Math.min(mine.length, theirs.length)) return 0;
    shared += common;
  }
  return shared;
}

/** Whether two sides can only be compared by their serial numbers, which are unique within one maker only. */
export const serialOnly = (a: readonly IdentifierKey[], b: readonly IdentifierKey[]): boolean =>
  !a.some((key) => key.kind !== 'serial' && b.some((other) => other.kind === key.kind));

/** The outcome of `strongMatch`, field by field, so that a refusal can say what differs. */
export interface StrongMatch {
  /** All strong identifiers that the case has match what the unit says, and there is at least one. */
  readonly ok: boolean;
  /** The strong ones that the case has; the maker too where it contradicts a match by serial number alone. */
  readonly fields: readonly {
    readonly field: StrongField | 'maker';
    readonly expected: string;
    readonly said: string | null;
    readonly agrees: boolean;
  }[];
}

/**
 * The rule before every destructive step, and again after each reboot. A unit that does not say an
 * identifier the case has does not match: silence proves nothing. Either IMEI slot counts, because an
 * IMEI names one unit wherever it is said; a slot in doubt is a conflict of `compareIdentity`. Where the
 * case has a serial number only, another maker's unit does not match.
 */
export function strongMatch(identity: Identifiers & Traits, expected: CaseIdentifiers): StrongMatch {
  const imeis = [strongKey('imei1', identity.imei1), strongKey('imei2', identity.imei2)];
  const fields: StrongMatch['fields'][number][] = STRONG_FIELDS.flatMap((field) => {
    const wanted = expected[field];
    const key = strongKey(field, wanted);
    if (wanted === null || key === null) return [];
    const said = identity[field] ?? null;
    const agrees =
      field === 'imei1' || field === 'imei2' ? imeis.includes(key) : strongKey(field, said) === key;
    return [{ field, expected: wanted, said, agrees }];
  });
  const { maker = null } = expected;
  if (
    maker !== null &&
    fields.every(({ field }) => field === 'serial') &&
    otherMaker(maker, identity.maker)
  ) {
    fields.push({ field: 'maker', expected: maker, said: identity.maker ?? null, agrees: false });
  }
  return { ok: fields.length > 0 && fields.every((entry) => entry.agrees), fields };
}

/** The identifier that a person repeats before something destructive, and its last four characters. */
export interface ConfirmDigits {
  readonly confirmWith: 'imei' | 'serial';
  readonly digits: string;
}

/** The last four of the IMEI, else of the serial number. Null: the unit says neither. */
export function confirmDigits(identity: Identifiers): ConfirmDigits | null {
  const imei = identity.imei1 ?? null;
  if (imei !== null && imeiKey(imei) !== null) {
    return { confirmWith: 'imei', digits: imei.replace(/\D/g, '').slice(-4) };
  }
  const serial = serialKey(identity.serial);
  return serial === null ? null : { confirmWith: 'serial', digits: serial.slice(-4) };
}

/** What the case says: its identifiers, and those that a recorded change has replaced. */
export interface CaseSide extends CaseIdentifiers {
  /** A label may still show these after a board swap. */
  readonly former?: readonly { readonly field: StrongField; readonly value: string }[];
}

/** The comparable form of anything said: the strong key, or the bare text of what is no real identifier. */
function comparable(field: StrongField, text: string | null | undefined): string | null {
  if (text === null || text === undefined || text.trim() === '') return null;
  const key = strongKey(field, text);
  if (key !== null) return key;
  // "unknown" or an IMEI of zeros is a unit that says nothing, not a unit that says something else.
  if (field === 'serial') return null;
  const bare = normaliseSerial(text).replace(/[\s./-]/g, '');
  return /^(.)\1*$/.test(bare) ? null : bare;
}

const show = (field: StrongField, text: string): string =>
  field === 'imei1' || field === 'imei2' ? formatImei(text) : text.trim();

/**
 * Everything in which unit, label and case disagree, each with a sentence and the ways out.
 * What somebody does not say is no disagreement. `unit` or `label` is null where there is none yet.
 */
export function compareIdentity(
  unit: (Identifiers & Traits) | null,
  label: Partial<LabelIdentity> | null,
  expected: CaseSide,
): IdentityConflict[] {
  const conflicts = STRONG_FIELDS.flatMap((field) => {
    const conflict = compareField(field, unit, label, expected);
    return conflict ? [conflict] : [];
  });
  const said = unit === null ? [] : strongKeys(unit);
  const known = strongKeys(expected);
  if (conflicts.length > 0 || !serialOnly(said, known)) return conflicts;
  return compareTraits(unit, label, expected, sharedKeys(said, known) > 0 ? 'serial' : 'nothing');
}

function compareField(
  field: StrongField,
  unit: Identifiers | null,
  label: Partial<LabelIdentity> | null,
  expected: CaseSide,
): IdentityConflict | null {
  const unitSays = comparable(field, unit?.[field]);
  let caseSays = comparable(field, expected[field]);
  let labelSays = comparable(field, label?.[field]);
  if (labelSays !== null && isFormer(field, labelSays, expected)) labelSays = null;
  const otherField = field === 'imei1' ? 'imei2' : field === 'imei2' ? 'imei1' : null;
  const other = otherField && comparable(otherField, unit?.[otherField]);
  // A label or a case that lists both IMEIs in the other order agrees with the unit.
  if (otherField && unitSays !== null && other !== null) {
    const inOtherOrder = (mine: string | null, theirs: string | null | undefined) =>
      mine === other && comparable(otherField, theirs) === unitSays;
    if (inOtherOrder(labelSays, label?.[otherField])) labelSays = unitSays;
    if (inOtherOrder(caseSays, expected[otherField])) caseSays = unitSays;
  }
  const said = [unitSays, labelSays, caseSays].filter((value) => value !== null);
  const swapped =
    other !== null && other !== unitSays && [labelSays, caseSays].some((value) => value === other);
  if (new Set(said).size < 2 && !(swapped && unitSays === null)) return null;

  const waysOut: IdentityConflict['waysOut'] = [];
  if (unitSays !== null || swapped) waysOut.push('re-read');
  if (swapped) waysOut.push('other-imei');
  if (labelSays !== null && labelSays !== (unitSays ?? caseSays)) waysOut.push('correct-label');
  if (unitSays !== null && caseSays !== null && unitSays !== caseSays) waysOut.push('identity-change');
  if (unitSays === null && labelSays !== null && caseSays !== null) waysOut.push('identity-change');
  if (unitSays !== null) waysOut.push('wrong-unit');
  waysOut.push('escalate');
  const raw = {
    unitSays: unitSays === null ? null : (unit?.[field] ?? null),
    labelSays: labelSays === null ? null : (label?.[field] ?? null),
    caseSays: caseSays === null ? null : expected[field],
  };
  return { field, ...raw, message: sentence(field, raw, swapped), waysOut };
}

function isFormer(field: StrongField, key: string, expected: CaseSide): boolean {
  return (expected.former ?? []).some(
    (entry) =>
      (entry.field === field || (entry.field !== 'serial' && field !== 'serial')) &&
      comparable(entry.field, entry.value) === key,
  );
}

function sentence(
  field: StrongField,
  says: { unitSays: string | null; labelSays: string | null; caseSays: string | null },
  swapped: boolean,
): string {
  const parts = [
    says.unitSays !== null ? `the unit says ${show(field, says.unitSays)}` : null,
    says.labelSays !== null ? `its label says ${show(field, says.labelSays)}` : null,
    says.caseSays !== null ? `the case says ${show(field, says.caseSays)}` : null,
  ].filter((part) => part !== null);
  const hint = swapped
    ? ` The number is the unit’s ${field === 'imei1' ? 'IMEI 2' : 'IMEI 1'}: this may be its other SIM slot.`
    : '';
  const title = fieldTitle(field);
  return `${title.charAt(0).toUpperCase()}${title.slice(1)}: ${parts.join(', ')}.${hint}`;
}
