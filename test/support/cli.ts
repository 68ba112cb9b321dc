import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { homeIn, temporaryFolder } from './folders.ts';

const MAIN = fileURLToPath(new URL('../../electron/cli/index.ts', import.meta.url));

export interface CliAnswer {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** The one document of standard output. */
  readonly json: never;
}

/** The command line as a person uses it: a process for each command, in a home of its own. */
export interface Cli {
  readonly home: string;
  readonly env: Record<string, string>;
  /** Runs a command with `--json`. */
  run(args: readonly string[], extra?: Record<string, string>): Promise<CliAnswer>;
}

export async function commandLine(): Promise<Cli> {
  const home = await temporaryFolder();
  const env = {
    PATH: process.env.PATH ?? '',
    ...homeIn(home),
    XDG_RUNTIME_DIR: home,
    REPAIRBENCH_PIN: '2468',
  };
  return {
    home,
    env,
    run: (args, extra = {}) =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [MAIN, ...args, '--json'], {
          env: { ...env, ...extra },
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        const out: Buffer[] = [];
        const err: Buffer[] = [];
        child.stdout.on('data', (piece: Buffer) => out.push(piece));
        child.stderr.on('data', (piece: Buffer) => err.push(piece));
        child.once('error', reject);
        child.once('close', (code) => {
          const text = Buffer.concat(out).toString('utf8');
          const parsed = {
            get json() {
              return JSON.parse(text) as never;
            },
          };
          resolve(Object.assign(parsed, { code, out: text, err: Buffer.concat(err).toString('utf8') }));
        });
      }),
  };
}
