import { luhnDigit, stripSeparators } from './imei.ts';

/**
 * MEID (3GPP2 S.R0048): 14 hexadecimal digits, or the same 56 bits as 18 decimal digits (ten for the
 * first 32 bits, eight for the last 24). Either form may carry a check digit behind it, which is no
 * part of the MEID: Luhn in base 16 over the hexadecimal form, in base 10 over the decimal one.
 */

/** First bytes that 3GPP2 gives to MEIDs; 99 is shared with IMEIs of phones for both worlds. */
const REGION = /^(?:[A-F][0-9A-F]|99)/;

/** Luhn in base 16: doubled digits above 15 count as the sum of their own two digits. */
function luhnDigit16(digits: string): string {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number.parseInt(digits.charAt(digits.length - 1 - index), 16);
    const doubled = index % 2 === 0 ? digit * 2 : digit;
    sum += Math.floor(doubled / 16) + (doubled % 16);
  }
  return ((16 - (sum % 16)) % 16).toString(16).toUpperCase();
}

/** The check digit of a MEID given as 14 hexadecimal digits; all-decimal ones are checked like an IMEI. */
export const meidCheckDigit = (meid: string): string =>
  /^\d{14}$/.test(meid) ? String(luhnDigit(meid)) : luhnDigit16(meid);

function fromDecimal(digits: string): string | null {
  const high = Number(digits.slice(0, 10));
  const low = Number(digits.slice(10, 18));
  if (high > 0xffffffff || low > 0xffffff) return null;
  return (high.toString(16).padStart(8, '0') + low.toString(16).padStart(6, '0')).toUpperCase();
}

/**
 * Reads a MEID in any of its forms, separators accepted, as 14 capital hexadecimal digits.
 * Null: not a MEID, a wrong check digit, or a number that names no single unit.
 */
export function readMeid(text: string): string | null {
  const compact = stripSeparators(text).toUpperCase();
  let meid: string | null = null;
  if (/^[0-9A-F]{14}$/.test(compact)) meid = compact;
  else if (/^[0-9A-F]{15}$/.test(compact)) {
    const body = compact.slice(0, 14);
    if (meidCheckDigit(body) === compact[14]) meid = body;
  } else if (/^\d{18,19}$/.test(compact)) {
    const body = compact.slice(0, 18);
    if (compact.length === 18 || String(luhnDigit(body)) === compact[18]) meid = fromDecimal(body);
  }
  if (meid === null || !REGION.test(meid) || /^(.)\1*$/.test(meid)) return null;
  return meid;
}

/** For people: `AF 012345 0ABCDE`. */
export const formatMeid = (meid: string): string =>
  `${meid.slice(0, 2)} ${meid.slice(2, 8)} ${meid.slice(8)}`;
