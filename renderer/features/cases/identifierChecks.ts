import { classifyIdentifier, readImei, strongKey } from '../../../shared/identity/index.ts';
import type { Identity } from '../../../shared/model/units.ts';

/** What a live check says beside a field: wrong, or known to be right. */
export interface Check {
  readonly ok: boolean;
  readonly text: string;
}

/** A typed IMEI on its own, and against what the unit says. Null: nothing to say yet. */
export function checkImei(text: string, unit: Identity | null): Check | null {
  const typed = text.trim();
  if (typed === '') return null;
  const reading = readImei(typed);
  if (!reading.ok) {
    if (reading.problem === 'check') {
      return { ok: false, text: 'One digit is wrong: the check digit at the end does not fit.' };
    }
    if (reading.problem === 'placeholder')
      return { ok: false, text: 'Many units share this number; it names none.' };
    const digits = typed.replace(/\D/g, '').length;
    return { ok: false, text: `An IMEI has 15 digits; these are ${digits}.` };
  }
  const said = [unit?.imei1, unit?.imei2]
    .map((imei) => strongKey('imei1', imei))
    .filter((key) => key !== null);
  if (said.length === 0) return { ok: true, text: 'The check digit fits.' };
  return said.some((key) => key === strongKey('imei1', typed))
    ? { ok: true, text: 'The same as the unit says.' }
    : {
        ok: false,
        text: `The unit says something else: ${[unit?.imei1, unit?.imei2].filter(Boolean).join(', ')}.`,
      };
}

/** A typed serial number against what the unit says. */
export function checkSerial(text: string, unit: Identity | null): Check | null {
  const typed = text.trim();
  if (typed === '') return null;
  const kind = classifyIdentifier(typed);
  if (kind.kind === 'imei' || kind.doubt === 'imei-check') {
    return { ok: false, text: 'This looks like an IMEI; it belongs in the field beside.' };
  }
  if (kind.kind === 'meid') {
    return { ok: false, text: 'This looks like a MEID. Scan it, and it gets a field of its own.' };
  }
  const said = strongKey('serial', unit?.serial);
  if (said === null) return null;
  return said === strongKey('serial', typed)
    ? { ok: true, text: 'The same as the unit says.' }
    : { ok: false, text: `The unit says something else: ${unit?.serial}.` };
}
