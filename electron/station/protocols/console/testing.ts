import { createMemoryLine, type FarEnd } from '../../transports/memory.ts';
import type { Transport } from '../../transports/transport.ts';
import type { Patience } from './login.ts';

/** Short waits for scripted consoles, which answer at once. */
export const IMPATIENT: Patience = {
  listenMs: 40,
  quietMs: 40,
  answerMs: 500,
  bootMs: 2_000,
  bootQuietMs: 300,
  totalMs: 5_000,
};

export interface ScriptedConsole {
  readonly transport: Transport;
  readonly far: FarEnd;
  /** Everything that was sent to it. */
  sent(): string;
  say(text: string): void;
}

/**
 * A console that follows a script: `onLine` is told of each line that was entered (what the terminal's line
 * discipline would hand over: without line end, with `^U` applied), and may answer.
 */
export function scriptedConsole(
  onLine: (line: string, say: (text: string) => void) => void,
  options: { echo?: boolean; greeting?: string } = {},
): ScriptedConsole {
  const { transport, far } = createMemoryLine('memory:console');
  let sent = '';
  let line = '';
  const say = (text: string) => void far.write(Buffer.from(text));
  far.onData((bytes) => {
    const text = Buffer.from(bytes).toString('latin1');
    sent += text;
    for (const char of text) {
      if (char === '\r' || char === '\n') {
        if (options.echo !== false) say(`${line}\r\n`);
        const entered = line;
        line = '';
        onLine(entered, say);
      } else if (char === '\x15') line = '';
      else if (char === '\x03') {
        line = '';
        onLine('^C', say);
      } else line += char;
    }
  });
  if (options.greeting !== undefined) say(options.greeting);
  return { transport, far, sent: () => sent, say };
}

/** What a shell prints for our marked `echo`, or null for another line. */
export const echoed = (line: string): string | null => {
  const mark = /^ echo rb''([a-z0-9]{12})''ok$/.exec(line)?.[1];
  return mark === undefined ? null : `rb${mark}ok\r\n`;
};
