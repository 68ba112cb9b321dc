/** Identity of units: what identifiers are, what a scan is, and whether unit, label and case agree. */
export { type Classified, classifyIdentifier } from './classify.ts';
export {
  type CaseSide,
  type ConfirmDigits,
  compareIdentity,
  confirmDigits,
  fieldTitle,
  type IdentifierKey,
  type Identifiers,
  STRONG_FIELDS,
  type StrongField,
  type StrongMatch,
  sharedKeys,
  strongKey,
  strongKeys,
  strongMatch,
} from './compare.ts';
export { formatImei, type ImeiReading, imeiKey, luhnDigit, readImei } from './imei.ts';
export { formatMeid, meidCheckDigit, readMeid } from './meid.ts';
export { normaliseSerial, serialKey } from './serial.ts';
