import { type IPty, spawn } from '@lydell/node-pty';
import { onTestFinished } from 'vitest';

/** A person at a real terminal. */
export interface Terminal {
  /** Everything the terminal has shown. */
  readonly shown: string;
  /** Resolves when the program shows it after what was last waited for; rejects when it ends without. */
  shows(pattern: RegExp): Promise<RegExpExecArray>;
  /** Types a line and Enter. */
  enter(line: string): void;
  /** Types as it is; `\x03` is Ctrl-C, `\x04` Ctrl-D. */
  press(keys: string): void;
  /** The program's exit code. */
  readonly ended: Promise<number>;
}

/** Starts a program on a PTY; it ends with the test. */
export function openTerminal(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Terminal {
  const pty: IPty = spawn(command, [...args], { cols: 200, rows: 50, env: { ...env, TERM: 'xterm' } });
  let shown = '';
  let from = 0;
  let over = false;
  const waiting = new Set<() => void>();
  const look = () => {
    for (const each of waiting) each();
  };
  pty.onData((text) => {
    shown += text;
    look();
  });
  const ended = new Promise<number>((resolve) => {
    pty.onExit(({ exitCode }) => {
      over = true;
      look();
      resolve(exitCode);
    });
  });
  onTestFinished(async () => {
    if (!over) pty.kill('SIGKILL');
    await ended;
  });
  return {
    get shown() {
      return shown;
    },
    ended,
    shows: (pattern) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const match = pattern.exec(shown.slice(from));
          if (!match && !over) return;
          waiting.delete(check);
          if (!match) return reject(new Error(`ended without ${pattern}:\n${shown}`));
          from += match.index + match[0].length;
          resolve(match);
        };
        waiting.add(check);
        check();
      }),
    enter: (line) => pty.write(`${line}\r`),
    press: (keys) => pty.write(keys),
  };
}
