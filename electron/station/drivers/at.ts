import { z } from 'zod';
import { isBenchError } from '../../../shared/errors/index.ts';
import { AtEngine } from '../protocols/at/engine.ts';
import { isReadOnly } from '../protocols/at/readonly.ts';
import type { Transport } from '../transports/transport.ts';
import { DirectedResets } from './at-resets.ts';
import { AtSession } from './at-session.ts';
import type { Action, Driver } from './driver.ts';

const none = z.strictObject({});

/** What procedures can have an AT phone or modem do. */
export const AT_ACTIONS = {
  identify: {
    title: 'Ask the phone who it is',
    args: none,
    values: ['maker', 'model', 'serial', 'imei1', 'imei2', 'firmware'],
  },
  battery: { title: 'Read the battery', args: none, values: ['level', 'charging', 'voltage'] },
  signal: { title: 'Read the signal', args: none, values: ['rssi', 'ber'] },
  lock: { title: 'Read the locks', args: none, values: ['state', 'deviceLock'] },
  network: { title: 'Read the network', args: none, values: ['registration', 'operator'] },
  logs: { title: 'Record what the phone says', args: none, values: ['bytes', 'lines'] },
  at: {
    title: 'Ask one AT question',
    args: z.strictObject({
      command: z
        .string()
        .refine(isReadOnly, 'must be one AT command that only reads, such as AT+CSQ or AT+CREG?'),
    }),
    values: ['ok', 'text'],
  },
  'factory-reset': {
    title: 'Have the phone reset itself',
    args: none,
    values: ['directed', 'answer'],
    destructive: true,
  },
  'reset-proof': {
    title: 'Look for a proof of the reset',
    args: none,
    values: ['proven', 'evidence'],
  },
} as const satisfies Record<string, Action<never> | Action>;

/** How long an unknown unit is listened to before a byte is sent. */
const LISTEN_MS = 300;
const PROBE_ANSWER_MS = 1_000;
const MAX_HEARD = 4096;

/** Something that is no modem and must not be typed into: shells, logins, boot loaders, kernels. */
const NOT_A_MODEM =
  /login:|password:|U-Boot|hit any key|autoboot|grub|BusyBox|Linux version|Starting kernel|^\[ *\d+\.\d+\]|[#$>] ?$|=> ?$/im;

const isLine = (text: string, pattern: RegExp): boolean =>
  text.split(/[\r\n]+/).some((line) => pattern.test(line.trim()));

/** Collects what arrives until `enough` or the time is over; a silent line is an empty text. */
async function hear(
  transport: Transport,
  milliseconds: number,
  signal: AbortSignal,
  enough: (text: string) => boolean,
): Promise<string> {
  const until = performance.now() + milliseconds;
  let text = '';
  while (text.length < MAX_HEARD && !enough(text)) {
    const left = until - performance.now();
    if (left <= 0) break;
    try {
      const bytes = await transport.read({ timeoutMs: left, signal });
      text += Buffer.from(bytes).toString('latin1').slice(0, MAX_HEARD);
    } catch (error) {
      if (isBenchError(error, 'port.timeout')) break;
      throw error;
    }
  }
  return text;
}

/**
 * Phones and modems that speak AT (3GPP TS 27.007), with Samsung's own commands where they are known.
 * @param options.monotonic milliseconds that never go back, for the offsets in traces
 */
export function createAtDriver(options: { monotonic?: () => number } = {}): Driver {
  const resets = new DirectedResets();
  return {
    family: 'at',
    title: 'Phone or modem (AT commands)',
    actions: AT_ACTIONS,
    async probe(transport, signal) {
      const before = await hear(transport, LISTEN_MS, signal, () => false);
      if (NOT_A_MODEM.test(before)) return false;
      transport.discardInput();
      await transport.write(Buffer.from('AT\r'), { timeoutMs: PROBE_ANSWER_MS, signal });
      const ends = (text: string) => isLine(text, /^(OK|ERROR|0)$/);
      const answer = await hear(transport, PROBE_ANSWER_MS, signal, ends);
      return isLine(answer, /^(OK|0)$/) && !NOT_A_MODEM.test(answer);
    },
    async open(transport, openOptions) {
      try {
        const { signal } = openOptions;
        const engine = await AtEngine.open(transport, { signal, monotonic: options.monotonic });
        return new AtSession(engine, openOptions, resets, options.monotonic);
      } catch (error) {
        await transport.close();
        throw error;
      }
    },
  };
}
