import { stripSeparators } from '../../shared/identity/imei.ts';
import { confirmDigits, type Identifiers, STRONG_FIELDS, strongKey } from '../../shared/identity/index.ts';

/**
 * What goes to the station as confirmation of a destructive step. A scan of any label of this very unit counts
 * as the four characters that are asked for; anything else counts by its own last four.
 * Null while there are fewer than four.
 */
export function confirmationOf(text: string, unit: Identifiers | null): string | null {
  const own = unit !== null && STRONG_FIELDS.some((field) => sameIdentifier(text, field, unit));
  const digits = own ? confirmDigits(unit)?.digits : undefined;
  if (digits) return digits;
  const bare = stripSeparators(text).toUpperCase();
  return bare.length >= 4 ? bare.slice(-4) : null;
}

function sameIdentifier(text: string, field: (typeof STRONG_FIELDS)[number], unit: Identifiers): boolean {
  const key = strongKey(field, unit[field]);
  return key !== null && strongKey(field, text) === key;
}
