/** How a command ended. */
export type FinalResult =
  | { readonly kind: 'ok' }
  | { readonly kind: 'error'; readonly text: string }
  /** +CME ERROR (equipment) or +CMS ERROR (messages); `code` null where the unit gave words. */
  | { readonly kind: 'cme' | 'cms'; readonly code: number | null; readonly text: string };

/** 3GPP TS 27.007, 9.2.1 and 9.2.2: the general errors, and those of the network that units really give. */
const CME_ERRORS: Readonly<Record<number, string>> = {
  0: 'phone failure',
  1: 'no connection to phone',
  2: 'phone-adaptor link reserved',
  3: 'operation not allowed',
  4: 'operation not supported',
  5: 'PH-SIM PIN required',
  6: 'PH-FSIM PIN required',
  7: 'PH-FSIM PUK required',
  10: 'SIM not inserted',
  11: 'SIM PIN required',
  12: 'SIM PUK required',
  13: 'SIM failure',
  14: 'SIM busy',
  15: 'SIM wrong',
  16: 'incorrect password',
  17: 'SIM PIN2 required',
  18: 'SIM PUK2 required',
  20: 'memory full',
  21: 'invalid index',
  22: 'not found',
  23: 'memory failure',
  24: 'text string too long',
  25: 'invalid characters in text string',
  26: 'dial string too long',
  27: 'invalid characters in dial string',
  30: 'no network service',
  31: 'network timeout',
  32: 'network not allowed, emergency calls only',
  40: 'network personalization PIN required',
  41: 'network personalization PUK required',
  42: 'network subset personalization PIN required',
  43: 'network subset personalization PUK required',
  44: 'service provider personalization PIN required',
  45: 'service provider personalization PUK required',
  46: 'corporate personalization PIN required',
  47: 'corporate personalization PUK required',
  48: 'hidden key required',
  49: 'EAP method not supported',
  50: 'incorrect parameters',
  51: 'command implemented but currently disabled',
  52: 'command aborted by user',
  53: 'not attached to network due to functionality restrictions',
  54: 'modem not allowed, emergency calls only',
  55: 'operation not allowed because of functionality restrictions',
  56: 'fixed dial number only allowed',
  57: 'temporarily out of service due to other usage',
  58: 'language or alphabet not supported',
  100: 'unknown',
  103: 'illegal MS',
  106: 'illegal ME',
  107: 'GPRS services not allowed',
  111: 'PLMN not allowed',
  112: 'location area not allowed',
  113: 'roaming not allowed in this location area',
};

/** Code of `+CME ERROR` for a slot without a SIM. */
export const CME_SIM_NOT_INSERTED = 10;

/** The result that a line is, or null when it is none. */
export function finalResult(line: string): FinalResult | null {
  if (line === 'OK') return { kind: 'ok' };
  if (line === 'ERROR' || /^(COMMAND NOT SUPPORT(ED)?|NA)$/i.test(line)) return { kind: 'error', text: line };
  const match = /^\+CM([ES]) ERROR:\s*(.*)$/i.exec(line);
  if (match === null) return null;
  const said = (match[2] ?? '').slice(0, 200);
  const kind = match[1]?.toUpperCase() === 'E' ? 'cme' : 'cms';
  if (!/^\d{1,5}$/.test(said)) return { kind, code: null, text: said };
  const code = Number(said);
  const name = kind === 'cme' ? CME_ERRORS[code] : undefined;
  return { kind, code, text: name ?? `code ${code}` };
}

/** In words, for a message or a record: `OK`, `ERROR`, `+CME ERROR: 10 (SIM not inserted)`. */
export function describeResult(result: FinalResult): string {
  switch (result.kind) {
    case 'ok':
      return 'OK';
    case 'error':
      return result.text;
    case 'cme':
    case 'cms': {
      const prefix = `+${result.kind.toUpperCase()} ERROR:`;
      return result.code === null ? `${prefix} ${result.text}` : `${prefix} ${result.code} (${result.text})`;
    }
  }
}
