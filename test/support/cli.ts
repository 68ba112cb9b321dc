import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { homeIn, temporaryFolder } from './folders.ts';
import { openTerminal, type Terminal } from './terminal.ts';

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
  /** Runs a command that must end with `code`, and returns its document. */
  expect<T = unknown>(code: number, args: readonly string[], extra?: Record<string, string>): Promise<T>;
  /** Runs a command that must fail with the exit code, and returns the error's code. */
  fails(code: number, args: readonly string[], extra?: Record<string, string>): Promise<string>;
  /** Runs a command for people, and returns what it says on both streams. */
  says(code: number, args: readonly string[], extra?: Record<string, string>): Promise<string>;
  /** A command as another program starts it: the program and its arguments. */
  command(args: readonly string[]): string[];
  /** Runs another program in the same home. */
  program(name: string, args: readonly string[]): Promise<CliAnswer>;
  /** Starts a command at a terminal. */
  terminal(args: readonly string[], extra?: Record<string, string>): Terminal;
}

export async function commandLine(): Promise<Cli> {
  const home = await temporaryFolder();
  const env = { PATH: process.env.PATH ?? '', ...homeIn(home), REPAIRBENCH_PIN: '2468' };
  const start = (args: readonly string[], extra: Record<string, string> = {}) =>
    collect(process.execPath, [MAIN, ...args], { ...env, ...extra });
  const run: Cli['run'] = (args, extra) => start([...args, '--json'], extra);
  const checked = async (code: number, args: readonly string[], answer: Promise<CliAnswer>) => {
    const { code: got, out, err } = await answer;
    expect(got, `${args.join(' ')}\n${out}${err}`).toBe(code);
    return { out, err };
  };
  return {
    home,
    env,
    run,
    expect: async (code, args, extra) => JSON.parse((await checked(code, args, run(args, extra))).out),
    async fails(code, args, extra) {
      const { out } = await checked(code, args, run(args, extra));
      const { error } = JSON.parse(out) as { error: { code: string } };
      expect(Object.keys(error)).toEqual(['code', 'message', 'hint']);
      return error.code;
    },
    async says(code, args, extra) {
      const { out, err } = await checked(code, args, start(args, extra));
      return `${out}${err}`;
    },
    command: (args) => [process.execPath, MAIN, ...args],
    program: (name, args) => collect(name, args, env),
    terminal: (args, extra = {}) => openTerminal(process.execPath, [MAIN, ...args], { ...env, ...extra }),
  };
}

/** Runs a program to its end and keeps what it says. */
function collect(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<CliAnswer> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
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
  });
}
