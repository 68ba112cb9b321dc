import { Line } from '../protocols/console/line.ts';
import type { Patience } from '../protocols/console/login.ts';
import { ConsoleShell } from '../protocols/console/shell.ts';
import { looksLikeConsole } from '../protocols/console/words.ts';
import { CONSOLE_ACTIONS } from './console-actions.ts';
import { ConsoleSession } from './console-session.ts';
import type { Driver } from './driver.ts';

/** Logins and shells answer Enter at once; a line editor may ask the terminal something first. */
const ANSWER_MS = 1_200;

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
    async probe(transport, heard, signal) {
      if (looksLikeConsole(heard)) return true;
      transport.discardInput();
      const line = new Line(transport);
      await line.send('\r', signal);
      const limits = { quietMs: ANSWER_MS, timeoutMs: ANSWER_MS };
      return looksLikeConsole(await line.listen({ ...limits, signal, until: looksLikeConsole }));
    },
    async open(transport, { signal, login = null, password = null, heard, booting, log }) {
      const shell = await ConsoleShell.open(transport, {
        signal,
        heard,
        booting,
        login,
        password,
        ...(log === undefined ? {} : { log }),
        ...(options.patience === undefined ? {} : { patience: options.patience }),
      });
      return new ConsoleSession(shell);
    },
  };
}
