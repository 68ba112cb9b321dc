/** Identity of units: what identifiers are, what a scan is, and whether unit, label and case agree. */
export { classifyIdentifier } from './classify.ts';
export {
  type CaseSide,
  compareIdentity,
  confirmDigits,
  fieldTitle,
  type IdentifierKey,
  type Identifiers,
  STRONG_FIELDS,
  type StrongField,
  serialOnly,
  sharedKeys,
  strongKey,
  strongKeys,
  strongMatch,
} from './compare.ts';
export { formatImei, imeiKey, luhnDigit, readImei } from './imei.ts';
export { formatMeid, meidCheckDigit, readMeid } from './meid.ts';
export { serialKey } from './serial.ts';
export { otherMaker, traitsFit } from './traits.ts';
