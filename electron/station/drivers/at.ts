import { z } from 'zod';
import { AtEngine } from '../protocols/at/engine.ts';
import { isReadOnly } from '../protocols/at/readonly.ts';
import { Line } from '../protocols/console/line.ts';
import { looksLikeConsole } from '../protocols/console/words.ts';
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

const PROBE_ANSWER_MS = 1_000;
/** The first AT may only set a modem's speed, wake it, or end what somebody had half typed. */
const KNOCKS = 2;

const isLine = (text: string, pattern: RegExp): boolean =>
  text.split(/[\r\n]+/).some((line) => pattern.test(line.trim()));

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
    async probe(transport, heard, signal) {
      // A shell would run what is typed into it, a login would take it for a name.
      if (looksLikeConsole(heard)) return false;
      transport.discardInput();
      const line = new Line(transport);
      const limits = { quietMs: PROBE_ANSWER_MS, timeoutMs: PROBE_ANSWER_MS };
      const until = (text: string) => isLine(text, /^(OK|ERROR|0)$/) || looksLikeConsole(text);
      for (let knock = 0; knock < KNOCKS; knock += 1) {
        await line.send('AT\r', signal);
        const answer = await line.listen({ ...limits, signal, until });
        if (looksLikeConsole(answer)) return false;
        if (isLine(answer, /^(OK|0)$/)) return true;
      }
      return false;
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
