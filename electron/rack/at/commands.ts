import { type PhoneIdentity, strangeImei } from './identity.ts';

/** Everything that commands read and change. */
export interface PhoneState {
  readonly identity: PhoneIdentity;
  wrongImei: boolean;
  echo: boolean;
  verbose: boolean;
  /** +CMEE: 0 plain ERROR, 1 numbers, 2 words. */
  errors: number;
  registrationReports: number;
  /** Percent. */
  battery: number;
  charging: boolean;
  millivolts: number;
  /** +CSQ's own scale. */
  signal: number;
  resets: number;
  setUpPending: boolean;
}

export interface Reply {
  readonly lines: readonly string[];
  readonly result:
    | { readonly kind: 'ok' }
    | { readonly kind: 'error' }
    | { readonly kind: 'cme'; readonly code: number; readonly text: string };
  /** The phone resets itself after this answer. */
  readonly reset?: boolean;
}

type Handler = (state: PhoneState, argument: string) => Reply;

const ok = (...lines: string[]): Reply => ({ lines, result: { kind: 'ok' } });
const cme = (code: number, text: string): Reply => ({ lines: [], result: { kind: 'cme', code, text } });
const NOT_SUPPORTED = cme(4, 'operation not supported');
const BAD_PARAMETERS = cme(50, 'Incorrect parameters');

const imei1 = (state: PhoneState): string => (state.wrongImei ? strangeImei() : state.identity.imei1);

function devconinfo(state: PhoneState): Reply {
  const { model, firmware, serial, imei2 } = state.identity;
  const fields = [
    `MN(${model})`,
    'BASE(UNKNOWN)',
    `VER(${firmware})`,
    `HIDVER(${firmware})`,
    'MNC(01,)',
    'MCC(001,)',
    'PRD(EUX)',
    'AID()',
    'CC(DE)',
    'OMCCODE()',
    `SN(${serial})`,
    `IMEI(${imei1(state)},${imei2})`,
    'UN(CE0119B1A2C3D4E50F)',
    'PN(,)',
    'CON(AT,MTP)',
    'LOCK(NONE)',
    'LIMIT(FALSE)',
    'SDP(RUNTIME)',
    'HVID(Data:196609)',
    ...(state.setUpPending ? ['SETUP(PENDING)'] : []),
  ];
  return ok(`+DEVCONINFO: ${fields.join(';')}`);
}

const digit = (argument: string, max: number): number | null =>
  /^\d$/.test(argument) && Number(argument) <= max ? Number(argument) : null;

/** Extended commands by name and form: bare, `?`, `=?`, `=`. */
const COMMANDS: Readonly<Record<string, Handler>> = {
  '+CGMI': (state) => ok(state.identity.maker),
  '+CGMM': (state) => ok(state.identity.model),
  '+CGMR': (state) => ok(state.identity.firmware.split('/')[0] ?? ''),
  '+CGSN': (state) => ok(imei1(state)),
  '+CGSN=': (state, argument) => {
    if (argument === '0' || argument === '1') return ok(`+CGSN: "${imei1(state)}"`);
    if (argument === '2') return ok(`+CGSN: "${imei1(state).slice(0, 14)}01"`);
    return BAD_PARAMETERS;
  },
  '+CGSN=?': () => ok('+CGSN: (0-2)'),
  '+GSN': (state) => ok(imei1(state)),
  '+CIMI': (state) => ok(state.identity.imsi),
  '+CBC': (state) => ok(`+CBC: ${state.charging ? 1 : 0},${state.battery},${state.millivolts}`),
  '+CBC=?': () => ok('+CBC: (0-3),(0-100),(voltage)'),
  '+CSQ': (state) => ok(`+CSQ: ${state.signal},99`),
  '+CPIN?': () => ok('+CPIN: READY'),
  '+CREG?': (state) => ok(`+CREG: ${state.registrationReports},1`),
  '+CREG=': (state, argument) => {
    const value = digit(argument, 2);
    if (value === null) return BAD_PARAMETERS;
    state.registrationReports = value;
    return ok();
  },
  '+COPS?': () => ok('+COPS: 0,0,"Test Network, 001-01",7'),
  '+CMEE?': (state) => ok(`+CMEE: ${state.errors}`),
  '+CMEE=?': () => ok('+CMEE: (0,1,2)'),
  '+CMEE=': (state, argument) => {
    const value = digit(argument, 2);
    if (value === null) return BAD_PARAMETERS;
    state.errors = value;
    return ok();
  },
  '+DEVCONINFO': devconinfo,
  '+FACTORST=': (_state, argument) =>
    argument.replaceAll(' ', '') === '0,0' ? { ...ok(), reset: true } : BAD_PARAMETERS,
};

/** Answers one command line. */
export function answer(state: PhoneState, line: string): Reply {
  if (!/^AT/i.test(line)) return { lines: [], result: { kind: 'error' } };
  const rest = line.slice(2).trim();
  const basic = /^([EV])([01]?)$/i.exec(rest);
  if (basic !== null) {
    const on = basic[2] === '1';
    if (basic[1]?.toUpperCase() === 'E') state.echo = on;
    else state.verbose = on;
    return ok();
  }
  if (/^(Z0?|&F0?)?$/i.test(rest)) {
    if (rest !== '') Object.assign(state, { echo: true, verbose: true, errors: 0, registrationReports: 0 });
    return ok();
  }
  if (/^I\d?$/i.test(rest)) return ok(`${state.identity.maker} ${state.identity.model}`);
  const extended = /^(\+[A-Z0-9_]+)(\?|=\?|=)?(.*)$/i.exec(rest);
  if (extended === null) return { lines: [], result: { kind: 'error' } };
  const [, name = '', form = '', argument = ''] = extended;
  const handler = COMMANDS[name.toUpperCase() + form];
  return handler?.(state, argument.trim()) ?? NOT_SUPPORTED;
}
