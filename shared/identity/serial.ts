/** How serial numbers are compared: trimmed, without regard to case. Nothing is guessed or left out. */
export const normaliseSerial = (text: string): string => text.trim().toUpperCase();

/** What firmware says where nobody wrote a serial number; many units share these, so they name none. */
const PLACEHOLDERS = new Set([
  '0123456789',
  '0123456789ABCDEF',
  '123456789ABCDEF',
  '1234567890',
  '123456789',
  '12345678',
  '1234567',
  '123456',
  '12345',
  '1234',
  'UNKNOWN',
  'UNDEFINED',
  'UNSPECIFIED',
  'UNSET',
  'NONE',
  'NULL',
  'NIL',
  'N/A',
  'EMPTY',
  'DEFAULT',
  'DEFAULT STRING',
  'INVALID',
  'ERROR',
  'TEST',
  'SERIAL',
  'SERIAL NUMBER',
  'SYSTEM SERIAL NUMBER',
  'SERIALNO',
  'NOT SPECIFIED',
  'NOT APPLICABLE',
  'NOT AVAILABLE',
  'NOT DEFINED',
  'NO SERIAL',
  'TO BE FILLED BY O.E.M.',
  'TO BE FILLED BY OEM',
  'O.E.M.',
  'OEM',
  'XXXXXXXX',
]);

/**
 * What two serial numbers are compared by. Null when the text names no single unit: too short to tell
 * units apart, one character repeated (all zeros, all F), or a known placeholder of firmware.
 */
export function serialKey(text: string | null): string | null {
  if (text === null) return null;
  const serial = normaliseSerial(text);
  if (serial.length < 4) return null;
  if (/^(.)\1*$/.test(serial.replace(/[\s.:_-]/g, ''))) return null;
  return PLACEHOLDERS.has(serial) ? null : serial;
}
