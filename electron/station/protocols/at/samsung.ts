import { params } from './parse.ts';

/** The read-only answer that Samsung phones give on their modem port: everything about the phone in one line. */
export const DEVCONINFO = 'AT+DEVCONINFO';
/** Samsung's factory reset. The phone answers, reboots into its recovery and wipes; nothing is read back. */
export const FACTORY_RESET = 'AT+FACTORST=0,0';

const MAX_FIELDS = 64;

export interface DeviceInfo {
  /** Every field as it was said, by its name in capitals. */
  readonly fields: Readonly<Record<string, string>>;
  readonly model: string | null;
  /** `AP/CSC/CP/…` builds as one text. */
  readonly firmware: string | null;
  readonly serial: string | null;
  /** In the phone's order: one, or one a SIM. */
  readonly imeis: readonly string[];
  readonly lock: string | null;
}

/** Fields that say nothing. */
const isBlank = (text: string | undefined): boolean =>
  text === undefined || /^[\s,;/]*$/.test(text) || /^(UNKNOWN|NULL|NA|0+)$/i.test(text.trim());

/**
 * Reads `+DEVCONINFO: MN(SM-…);BASE(…);VER(…);SN(…);IMEI(…);…;HVID(…)`. Fields may be missing, unknown ones
 * are kept, values may hold commas (one a SIM) and nested parentheses; a cut line gives what it has.
 * Null when the line is none.
 */
export function deviceInfo(line: string): DeviceInfo | null {
  const match = /\+DEVCONINFO:\s*(.*)$/is.exec(line);
  if (match === null) return null;
  const fields = readFields(match[1] ?? '');
  const said = (name: string): string | null => {
    const value = fields[name];
    return value === undefined || isBlank(value) ? null : value.slice(0, 200);
  };
  const imeis: string[] = [];
  for (const name of ['IMEI', 'IMEI1', 'IMEI2']) {
    for (const number of params((fields[name] ?? '').replaceAll('/', ','))) {
      if (/^\d{14,16}$/.test(number) && !isBlank(number) && !imeis.includes(number)) imeis.push(number);
    }
  }
  return {
    fields,
    model: said('MN'),
    firmware: said('VER'),
    serial: said('SN'),
    imeis,
    lock: said('LOCK'),
  };
}

function readFields(text: string): Record<string, string> {
  // A name from a device may be “__proto__”.
  const fields: Record<string, string> = Object.create(null);
  let at = 0;
  for (let count = 0; count < MAX_FIELDS && at < text.length; count += 1) {
    const open = text.indexOf('(', at);
    if (open < 0) break;
    const name = text
      .slice(at, open)
      .replace(/^[\s;,]+/, '')
      .trim()
      .toUpperCase();
    const close = closing(text, open);
    if (/^[A-Z0-9_]{1,40}$/.test(name)) fields[name] ??= text.slice(open + 1, close).trim();
    at = close + 1;
  }
  return fields;
}

/** Where the parenthesis at `open` closes; the end of the text when it does not. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    else if (text[at] === ')') {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return text.length;
}
