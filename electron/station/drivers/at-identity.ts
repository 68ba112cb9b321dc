import { readImei } from '../../../shared/identity/index.ts';
import { emptyIdentity, type Identity } from '../../../shared/model/units.ts';
import type { AtAnswer } from '../protocols/at/dialogue.ts';
import type { AtEngine } from '../protocols/at/engine.ts';
import {
  isBlankNumber,
  isSerialAnswer,
  numberKind,
  serialNumbers,
  textAnswer,
} from '../protocols/at/parse.ts';
import { DEVCONINFO, type DeviceInfo, deviceInfo } from '../protocols/at/samsung.ts';

/** Enough for a slow line; the phone itself answers within a second. */
export const READ_MS = 5_000;
/** DEVCONINFO gathers from all over the phone. */
export const DEVCONINFO_MS = 10_000;

/** MediaTek's read of the second slot's IMEI; every other form of it is left alone, because those write. */
const SECOND_IMEI = 'AT+EGMR=0,10';

/** Fields of Samsung's record that are about the phone; the others may be about its owner (PN, a phone number). */
const TECHNICAL_FIELDS = ['BASE', 'HIDVER', 'HVID', 'PRD', 'CC', 'LOCK'] as const;
const MAX_EXTRA_VALUE = 2000;

/** The part of the engine that identification uses. */
export type Asks = Pick<AtEngine, 'ask'>;

/** What identification read, and Samsung's own record where there was one. */
export interface AtIdentification {
  readonly identity: Identity;
  readonly device: DeviceInfo | null;
}

/** Asks the phone who it is, anew. A question that it refuses stays unanswered; only the line may fail. */
export async function identifyAt(engine: Asks, signal: AbortSignal): Promise<AtIdentification> {
  const ask = (command: string) => engine.ask(command, { timeoutMs: READ_MS, signal });
  // What a modem says by itself in the middle is no number of it.
  const askNumbers = (command: string) =>
    engine.ask(command, { timeoutMs: READ_MS, signal, isAnswer: isSerialAnswer });
  const text = async (name: string) => said(await ask(`AT${name}`), name);

  const identity = emptyIdentity();
  identity.maker = await text('+CGMI');
  identity.model = await text('+CGMM');
  identity.firmware = await text('+CGMR');
  const numbers = numbersOf(await askNumbers('AT+CGSN'));
  if (numbers.imeis.length === 0) {
    // Some modems answer +CGSN with a serial number of their own, and say the IMEI when asked for type 1.
    merge(numbers, numbersOf(await askNumbers('AT+CGSN=1')));
  }
  const device = await readDeviceInfo(engine, identity, signal);
  if (device !== null) {
    identity.model = device.model ?? identity.model;
    identity.firmware = device.firmware ?? identity.firmware;
  } else if (numbers.imeis.length === 1) {
    const second = numbersOf(await askNumbers(SECOND_IMEI)).imeis[0];
    if (second !== undefined && readImei(second).ok)
      merge(numbers, { imeis: [second], serial: null, meid: null });
  }
  const imeis = chosenImeis(numbers.imeis, device?.imeis ?? [], identity);
  identity.imei1 = imeis[0] ?? null;
  identity.imei2 = imeis[1] ?? null;
  identity.meid = numbers.meid;
  identity.serial = device?.serial ?? numbers.serial;
  for (const name of TECHNICAL_FIELDS) {
    const value = device?.fields[name] ?? '';
    if (value !== '') identity.extra[name] = value.slice(0, MAX_EXTRA_VALUE);
  }
  return { identity, device };
}

/** Samsung's record; asked of Samsungs, and of phones that do not say who made them. */
export async function readDeviceInfo(
  engine: Asks,
  identity: Pick<Identity, 'maker' | 'model'>,
  signal: AbortSignal,
): Promise<DeviceInfo | null> {
  const samsung = /samsung/i.test(identity.maker ?? '') || /^(SM|GT|SGH|SCH)-/i.test(identity.model ?? '');
  if (!samsung && identity.maker !== null) return null;
  const answer = await engine.ask(DEVCONINFO, { timeoutMs: DEVCONINFO_MS, signal });
  if (!answer.ok) return null;
  for (const line of answer.lines) {
    const device = deviceInfo(line);
    if (device !== null) return device;
  }
  return null;
}

interface Numbers {
  imeis: string[];
  serial: string | null;
  meid: string | null;
}

function numbersOf(answer: AtAnswer): Numbers {
  const found: Numbers = { imeis: [], serial: null, meid: null };
  if (!answer.ok) return found;
  for (const number of serialNumbers(answer.lines)) {
    switch (numberKind(number)) {
      case 'imei':
        found.imeis.push(number);
        break;
      case 'imeisv': {
        // The same number with its software version; the check digit follows from the first fourteen.
        const reading = readImei(number);
        if (reading.ok && !found.imeis.includes(reading.imei)) found.imeis.push(reading.imei);
        break;
      }
      case 'meid':
        found.meid ??= number.toUpperCase();
        break;
      case 'serial':
        found.serial ??= number;
    }
  }
  return found;
}

function merge(into: Numbers, from: Numbers): void {
  for (const imei of from.imeis) if (!into.imeis.includes(imei)) into.imeis.push(imei);
  into.serial ??= from.serial;
  into.meid ??= from.meid;
}

/**
 * Samsung's record lists the slots in order; +CGSN answers for the slot in use. When the two have nothing in
 * common, the modem's own answer counts and both are kept for a person to see.
 */
function chosenImeis(
  modem: readonly string[],
  listed: readonly string[],
  identity: Identity,
): readonly string[] {
  if (listed.length === 0) return modem;
  if (modem.length === 0 || modem.some((imei) => listed.includes(imei))) return listed;
  identity.extra['imei-conflict'] = `AT+CGSN: ${modem.join(', ')}; DEVCONINFO: ${listed.join(', ')}`;
  return modem;
}

function said(answer: AtAnswer, name: string): string | null {
  if (!answer.ok) return null;
  const text = textAnswer(answer.lines, name);
  return text === null || isBlankNumber(text) ? null : text;
}
