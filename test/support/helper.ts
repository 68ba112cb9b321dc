import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A program in a process of its own; it prints one line and ends with its standard input. */
export interface Helper {
  readonly line: string;
  write(text: string): void;
  end(): Promise<void>;
}

/** Rejects when the program ends before its line. */
export async function startHelper(program: URL, args: readonly string[] = []): Promise<Helper> {
  const child = spawn(process.execPath, [fileURLToPath(program), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const first = once(createInterface({ input: child.stdout }), 'line');
  const answer = await Promise.race([first, ended.then(() => null)]);
  if (answer === null) throw new Error(`${program.pathname} did not start`);
  return {
    line: String(answer[0]),
    write: (text) => void child.stdin.write(text),
    async end() {
      child.stdin.end();
      await ended;
    },
  };
}
