/**
 * IMEI and IMEISV (3GPP TS 23.003): TAC (8 digits), serial (6), then a Luhn digit over these fourteen
 * (IMEI) or a two-digit software version without any check (IMEISV).
 */

const SEPARATORS = /[\s./-]/g;

/** The text without the separators that labels print: spaces, hyphens, slashes, points. */
export const stripSeparators = (text: string): string => text.replace(SEPARATORS, '');

/** The Luhn check digit that belongs behind a string of decimal digits. */
export function luhnDigit(digits: string): number {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48;
    const doubled = index % 2 === 0 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return (10 - (sum % 10)) % 10;
}

/** Numbers that makers ship in boards whose IMEI was never written; many units share them. */
const NEVER_WRITTEN = new Set(['00499901064000', '12345678901234', '35000000000000', '86000000000000']);

const isPlaceholder = (first14: string): boolean => /^(\d)\1*$/.test(first14) || NEVER_WRITTEN.has(first14);

export type ImeiReading =
  | {
      readonly ok: true;
      readonly kind: 'imei' | 'imeisv';
      /** All fifteen digits; of an IMEISV the digits of the IMEI it belongs to. */
      readonly imei: string;
      /** The last two digits of an IMEISV. */
      readonly softwareVersion: string | null;
    }
  | {
      readonly ok: false;
      /**
       * - `form`: not 15 or 16 digits
       * - `check`: 15 digits whose last is not the Luhn digit: mistyped or misread
       * - `placeholder`: a number that many units share, so it names none
       */
      readonly problem: 'form' | 'check' | 'placeholder';
      /** With `check`: the digit that would fit. */
      readonly expectedDigit: number | null;
    };

/** Reads an IMEI or IMEISV as typed, scanned or said by a unit; separators are accepted. */
export function readImei(text: string): ImeiReading {
  const digits = stripSeparators(text);
  if (!/^\d{15,16}$/.test(digits)) return { ok: false, problem: 'form', expectedDigit: null };
  const first14 = digits.slice(0, 14);
  const check = luhnDigit(first14);
  if (digits.length === 15 && digits[14] !== String(check)) {
    return { ok: false, problem: 'check', expectedDigit: check };
  }
  if (isPlaceholder(first14)) return { ok: false, problem: 'placeholder', expectedDigit: null };
  return digits.length === 15
    ? { ok: true, kind: 'imei', imei: digits, softwareVersion: null }
    : { ok: true, kind: 'imeisv', imei: `${first14}${check}`, softwareVersion: digits.slice(14) };
}

/**
 * What two IMEIs are compared by: TAC and serial, 14 digits. Null when the text names no single unit.
 * Fourteen bare digits are taken as an IMEI here, because some modems leave the check digit away.
 */
export function imeiKey(text: string | null): string | null {
  if (text === null) return null;
  const digits = stripSeparators(text);
  if (/^\d{14}$/.test(digits)) return isPlaceholder(digits) ? null : digits;
  const reading = readImei(digits);
  return reading.ok ? reading.imei.slice(0, 14) : null;
}

/** For people, as labels print it: `35-693803-564380-9`. Anything that is no IMEI stays as it is. */
export function formatImei(text: string): string {
  const digits = stripSeparators(text);
  if (!/^\d{15,16}$/.test(digits)) return text;
  return `${digits.slice(0, 2)}-${digits.slice(2, 8)}-${digits.slice(8, 14)}-${digits.slice(14)}`;
}
