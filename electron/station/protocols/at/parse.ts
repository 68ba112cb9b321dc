import { isChatter } from './chatter.ts';

/**
 * Parsers of single answers. All of them take lines as a unit sent them, prefix or not, and return null
 * for what cannot be understood; none throws.
 */

/** The text behind `+NAME:`, or the whole line where the unit leaves the prefix out. */
export function stripPrefix(line: string, name: string): string {
  const prefix = `${name}:`;
  return line.slice(0, prefix.length).toUpperCase() === prefix.toUpperCase()
    ? line.slice(prefix.length).trim()
    : line.trim();
}

const unquote = (text: string): string =>
  text
    .trim()
    .replace(/^"(.*)"$/s, '$1')
    .trim();

/** More than any answer of 27.007 has; what follows in a line is noise. */
const MAX_PARAMS = 64;
/** Longer than any number that a unit is known by. */
const MAX_NUMBER = 64;

/** `1,"a,b",,3` → `['1', 'a,b', '', '3']`. */
export function params(text: string): string[] {
  const found: string[] = [];
  let current = '';
  let quoted = false;
  for (const char of text.slice(0, 8192)) {
    if (char === '"') quoted = !quoted;
    if (char === ',' && !quoted) {
      if (found.length + 1 === MAX_PARAMS) break;
      found.push(unquote(current));
      current = '';
    } else {
      current += char;
    }
  }
  found.push(unquote(current));
  return found;
}

/** A text answer such as +CGMI's: first line that says something, without prefix and quotes. */
export function textAnswer(lines: readonly string[], name: string): string | null {
  for (const line of lines) {
    const text = unquote(stripPrefix(line, name));
    if (text !== '') return text.slice(0, 200);
  }
  return null;
}

/** What a number from a unit is: 15 digits an IMEI, 16 an IMEISV, 14 hexadecimal ones a MEID. */
export type NumberKind = 'imei' | 'imeisv' | 'meid' | 'serial';

export function numberKind(text: string): NumberKind {
  if (/^\d{15}$/.test(text)) return 'imei';
  if (/^\d{16}$/.test(text)) return 'imeisv';
  if (/^[0-9A-F]{14}$/i.test(text)) return 'meid';
  return 'serial';
}

/** A number that stands for “none”: empty, or the same digit throughout. */
export const isBlankNumber = (text: string): boolean => /^(.?)\1*$/.test(text);

/**
 * The numbers of a +CGSN or +GSN answer, in order and once each. Units answer one line or one a SIM, with or
 * without prefix, quoted or not, several in a line, some with the slot's name before (`IMEI1: …`). A number has no
 * blanks and at least one digit; anything else is something that the unit said in between.
 */
export function serialNumbers(lines: readonly string[]): string[] {
  const found: string[] = [];
  for (const line of lines) {
    const bare = stripPrefix(stripPrefix(stripPrefix(line, '+CGSN'), '+GSN'), '+EGMR');
    for (const part of params(bare)) {
      const number = part.replace(/^IMEI\s*\d?\s*[:=]\s*/i, '').trim();
      if (!/^\S*\d\S*$/.test(number) || number.length > MAX_NUMBER || isBlankNumber(number)) continue;
      if (!found.includes(number) && found.length < MAX_PARAMS) found.push(number);
    }
  }
  return found;
}

const SERIAL_NAMES: ReadonlySet<string> = new Set(['+CGSN', '+GSN', '+EGMR']);

/** Whether a line can be of a +CGSN answer. */
export const isSerialAnswer = (line: string): boolean =>
  !isChatter(line, SERIAL_NAMES) && serialNumbers([line]).length > 0;

export interface Battery {
  /** Percent. */
  readonly level: number | null;
  readonly charging: boolean | null;
  /** Volts; null where the unit does not say. */
  readonly voltage: number | null;
}

/**
 * +CBC (27.007, 8.4): bcs 0 runs on battery, 1 is connected but not powered by it (a charger is in),
 * 2 has none, 3 power fault; bcl percent. Many units add the voltage, in millivolts or as `4.012V`.
 */
export function battery(line: string): Battery | null {
  const match = /\+CBC:\s*(.*)$/i.exec(line);
  if (match === null) return null;
  const values = params(match[1] ?? '');
  // Some modems answer the voltage alone.
  const alone = values.length === 1;
  const [bcs, bcl] = alone ? [undefined, undefined] : values;
  const level = bcl !== undefined && /^\d{1,3}$/.test(bcl) && Number(bcl) <= 100 ? Number(bcl) : null;
  const charging = bcs === undefined || !/^[0-3]$/.test(bcs) ? null : bcs === '1';
  const voltage = volts((alone ? values[0] : values[2]) ?? '');
  return level === null && charging === null && voltage === null ? null : { level, charging, voltage };
}

function volts(text: string): number | null {
  const match = /^(\d{1,5}(?:\.\d{1,4})?)\s*(m?V)?$/i.exec(text);
  if (match === null) return null;
  const value = Number(match[1]);
  const inMillivolts = match[2] === undefined ? value >= 100 : /^mV$/i.test(match[2]);
  return inMillivolts ? value / 1000 : value;
}

export interface Signal {
  /** dBm; null: not known. */
  readonly rssi: number | null;
  /** Bit error rate class 0–7 (27.007 with 45.008); null: not known. */
  readonly ber: number | null;
}

/** +CSQ (27.007, 8.5): 0 is −113 dBm or less, 31 is −51 dBm or more, 99 unknown; 100–191 is −116 to −25 dBm. */
export function signal(line: string): Signal | null {
  const match = /\+CSQ:\s*(\d{1,3})\s*,\s*(\d{1,3})$/i.exec(line);
  if (match === null) return null;
  const raw = Number(match[1]);
  const ber = Number(match[2]);
  let rssi: number | null = null;
  if (raw <= 31) rssi = -113 + 2 * raw;
  else if (raw >= 100 && raw <= 191) rssi = -216 + raw;
  return { rssi, ber: ber <= 7 ? ber : null };
}

/** +CPIN? (27.007, 8.3): `READY`, `SIM PIN`, `PH-NET PIN` … as the unit says it. */
export function pinState(line: string): string | null {
  const match = /\+CPIN:\s*"?([A-Z][A-Z0-9 -]{1,40})"?$/i.exec(line);
  return match?.[1]?.trim().toUpperCase() ?? null;
}

/** Registration states of 27.007, 7.2, by number. */
const REGISTRATION: readonly string[] = [
  'not registered',
  'registered, home network',
  'searching',
  'registration denied',
  'unknown',
  'registered, roaming',
  'registered for SMS only, home network',
  'registered for SMS only, roaming',
  'emergency calls only',
  'registered, home network, no CSFB',
  'registered, roaming, no CSFB',
];

/** A line that answers AT+CREG? and not the unsolicited `+CREG: <stat>[,"lac",…]`. */
export const isRegistrationAnswer = (line: string): boolean => /^\+CREG:\s*[0-5]\s*,\s*\d/i.test(line);

export function registration(line: string): string | null {
  const state = /^\+CREG:\s*[0-5]\s*,\s*(\d{1,2})/i.exec(line)?.[1];
  return state === undefined ? null : (REGISTRATION[Number(state)] ?? 'unknown');
}

/** +COPS? (27.007, 7.3): the operator's name or number; null while there is none. */
export function operator(line: string): string | null {
  const match = /\+COPS:\s*(.*)$/i.exec(line);
  return match === null ? null : params(match[1] ?? '')[2]?.slice(0, 80) || null;
}

/** What a parser makes of the first line that it understands. */
export function firstOf<T>(
  answer: { readonly lines: readonly string[] },
  parse: (line: string) => T | null,
): T | null {
  for (const line of answer.lines) {
    const read = parse(line);
    if (read !== null) return read;
  }
  return null;
}
