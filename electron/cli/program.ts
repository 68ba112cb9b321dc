import { Command, CommanderError, type CommandOptions } from 'commander';
import { BenchError } from '../../shared/errors/index.ts';
import { dataFolder } from '../common/data-folder.ts';
import { PROGRAM_VERSION } from '../common/program.ts';
import { hasKeyRing } from '../station/storage/keyring.ts';
import { type Connection, connect } from './connect.ts';
import { type CommonOptions, type Context, signIn } from './context.ts';
import { type Result, show, showError } from './output.ts';

/** What the person typed decides the shape of every answer, errors of the arguments included. */
export const asJson = process.argv.includes('--json');
let exitCode = 0;
/** The site's time zone, once a bench has told it; until then times are the system's. */
let zone: string | undefined;

const JSON_OPTION = ['--json', 'exactly one JSON document on standard output'] as const;

export const program = new Command('repairbench')
  .description('The bench of a device repair lab, from the command line')
  .version(PROGRAM_VERSION)
  .option(...JSON_OPTION)
  .showSuggestionAfterError()
  .exitOverride()
  .configureOutput({ writeErr: (text) => (asJson ? undefined : process.stderr.write(text)) });

/** A word that other commands follow, such as `case`. */
export const group = (name: string, description: string): Command =>
  program
    .command(name)
    .description(description)
    .option(...JSON_OPTION);

/** Adds a command with the options that every command takes. */
export function command(
  parent: Command,
  usage: string,
  description: string,
  options: CommandOptions = {},
): Command {
  return parent
    .command(usage, options)
    .description(description)
    .option('--data <dir>', 'data folder (also from REPAIRBENCH_DATA)')
    .option('--as <name>', 'who you are; your PIN comes from REPAIRBENCH_PIN')
    .option(...JSON_OPTION);
}

/** An option that may be given several times. */
export const collect = (value: string, all: string[]) => [...all, value];

/** Commands that need no station. */
export async function offline(work: () => Promise<Result>): Promise<void> {
  exitCode = await show(await work(), asJson);
}

/** Commands that work before anybody can sign in, an empty or a new folder included. */
export async function withStation(
  options: CommonOptions,
  work: (connection: Connection) => Promise<Result>,
): Promise<void> {
  const connection = await connect(dataFolder(options));
  try {
    exitCode = await show(await work(connection), asJson);
  } finally {
    await connection.close();
  }
}

/** The same on a bench that is there. Nothing is made by looking: a mistyped folder stays unmade. */
export async function withBench(
  options: CommonOptions,
  work: (connection: Connection) => Promise<Result>,
): Promise<void> {
  const path = dataFolder(options);
  if (!hasKeyRing(path)) throw new BenchError('storage.not-initialised', { path });
  return withStation(options, work);
}

/** Commands of a signed-in person. */
export const signedIn = (
  options: CommonOptions,
  work: (context: Context) => Promise<Result>,
): Promise<void> =>
  withBench(options, async (connection) => {
    const context = await signIn(connection, options.as, dataFolder(options));
    zone = context.zone;
    return work(context);
  });

/** Does what the arguments say; resolves to the exit code. */
export async function runProgram(argv: readonly string[]): Promise<number> {
  // Whoever reads may go away (`| head`, a closed terminal): the work is done to its end all the same.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  try {
    await program.parseAsync([...argv]);
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) return showError(error, asJson, zone);
    // Help and version were asked for; every other word of the parser is about bad input.
    if (error.exitCode === 0) return 0;
    const detail =
      error.code === 'commander.help'
        ? 'Say which command: “--help” lists them.'
        : error.message.replace(/^error: /, '');
    const problem = new BenchError('input.invalid', { detail });
    return asJson ? showError(problem, asJson) : problem.exitCode;
  }
}
