import { isBenchError } from '../../../shared/errors/index.ts';
import type { Patience } from '../protocols/console/login.ts';
import { ConsoleShell } from '../protocols/console/shell.ts';
import { looksLikeConsole } from '../protocols/console/words.ts';
import type { Transport } from '../transports/transport.ts';
import { CONSOLE_ACTIONS } from './console-actions.ts';
import { ConsoleSession } from './console-session.ts';
import type { Driver } from './driver.ts';

const LISTEN_MS = 300;
/** Logins and shells answer Enter at once; a line editor may ask the terminal something first. */
const ANSWER_MS = 1_200;
const MAX_HEARD = 8192;

/** What arrives until it looks like a console or the time is over. */
async function hear(transport: Transport, milliseconds: number, signal: AbortSignal): Promise<string> {
  const until = performance.now() + milliseconds;
  const decoder = new TextDecoder('utf-8');
  let text = '';
  while (text.length < MAX_HEARD) {
    const left = until - performance.now();
    if (left <= 0) break;
    try {
      text += decoder.decode(await transport.read({ timeoutMs: left, signal }), { stream: true });
    } catch (error) {
      if (isBenchError(error, 'port.timeout')) break;
      throw error;
    }
    if (looksLikeConsole(text)) break;
  }
  return text;
}

export interface ConsoleDriverOptions {
  /** Waiting times of logins; for tests. */
  readonly patience?: Patience;
}

/** Linux consoles on serial ports: routers, gateways, rugged terminals, anything with a Bourne shell. */
export function createConsoleDriver(options: ConsoleDriverOptions = {}): Driver {
  return {
    family: 'console',
    title: 'Linux console',
    actions: CONSOLE_ACTIONS,
    async probe(transport, signal) {
      if (looksLikeConsole(await hear(transport, LISTEN_MS, signal))) return true;
      await transport.write(Buffer.from('\r'), { timeoutMs: ANSWER_MS, signal });
      return looksLikeConsole(await hear(transport, ANSWER_MS, signal));
    },
    async open(transport, { signal, login = null, password = null, log }) {
      const shell = await ConsoleShell.open(transport, {
        signal,
        login,
        password,
        ...(log === undefined ? {} : { log }),
        ...(options.patience === undefined ? {} : { patience: options.patience }),
      });
      return new ConsoleSession(shell);
    },
  };
}
