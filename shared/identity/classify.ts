import { formatImei, readImei, stripSeparators } from './imei.ts';
import { formatMeid, readMeid } from './meid.ts';
import { normaliseSerial } from './serial.ts';

/** What a scanned or typed text is. */
export interface Classified {
  readonly kind: 'case-number' | 'imei' | 'imeisv' | 'meid' | 'serial';
  /** In the form that is stored and searched: digits only, capitals. */
  readonly value: string;
  /** For people. */
  readonly display: string;
  /** Fifteen digits that look like an IMEI but fail its check digit: probably mistyped or misread. */
  readonly doubt: 'imei-check' | null;
}

/** What labels print before the number itself; nothing else is ever cut off. */
const CAPTION =
  /^\s*(?:(?:IMEI(?: ?[12]|\/?SV)?|MEID)(?:\s*[:#=]\s*|\s+)|(?:S\/?N|SERIAL(?: (?:NO\.?|NUMBER))?)\s*[:#=]\s*)/i;
const CASE_NUMBER = /^[A-Z][A-Z0-9]{0,5}-[1-9]\d{0,8}$/;

/**
 * Tells what a scan is. Anything that is no case number, IMEI, IMEISV or MEID counts as a serial number;
 * a serial number can look like a case number, so a search should still try it as one.
 */
export function classifyIdentifier(text: string): Classified {
  const bare = text.replace(CAPTION, '').trim();
  const captioned = bare.length !== text.trim().length;
  const upper = bare.toUpperCase();
  if (!captioned && CASE_NUMBER.test(upper)) {
    return { kind: 'case-number', value: upper, display: upper, doubt: null };
  }
  const imei = readImei(bare);
  if (imei.ok) {
    if (imei.kind === 'imei') {
      return { kind: 'imei', value: imei.imei, display: formatImei(imei.imei), doubt: null };
    }
    const digits = stripSeparators(bare);
    return { kind: 'imeisv', value: digits, display: formatImei(digits), doubt: null };
  }
  const meid = readMeid(bare);
  if (meid !== null) return { kind: 'meid', value: meid, display: formatMeid(meid), doubt: null };
  const doubt = imei.problem === 'check' ? 'imei-check' : null;
  return { kind: 'serial', value: normaliseSerial(bare), display: bare, doubt };
}
