import { BenchError, EXIT_CODES } from '../shared/errors/index.ts';
import { makeAdminLink, makeBackup, makeBenchCode, restore, verify, type Where } from './commands.ts';
import { startHub } from './hub.ts';
import { bad, dataFolder, duration, origin, readArguments, type Values, wholeNumber } from './options.ts';
import { isDatabaseAway } from './storage/database.ts';

/*
 * The hub: `index.ts [COMMAND] [--data DIR]`. `DATABASE_URL` names another PostgreSQL.
 *   serve       [--host HOST] [--port N] [--url URL] [--tls-cert FILE --tls-key FILE]
 *               [--largest-file MIB] [--backup-to DIR [--backup-every 24h] [--backup-keep 7]]
 *   code        a one-time code for a bench
 *   admin-link  a one-time link for an administrator
 *   backup      --to DIR [--keep N]
 *   restore     --from DIR
 *   verify      computes the whole history anew
 * Standard output carries one JSON line; everything else goes to standard error. Exit codes are the command line's.
 */
const log = (line: string, details?: object) =>
  console.error(details ? `${line} ${JSON.stringify(details)}` : line);

try {
  await main();
} catch (error) {
  const known = knownTrouble(error);
  log(known ? `${known.message} ${known.hint}` : `The hub failed unexpectedly. ${(error as Error).stack}`);
  process.exit(known?.exitCode ?? EXIT_CODES.bench);
}

function knownTrouble(error: unknown): BenchError | null {
  if (error instanceof BenchError) return error;
  if (!isDatabaseAway(error)) return null;
  const { message, name } = error as Error;
  return new BenchError('hub.database-away', { detail: message || name });
}

async function main(): Promise<void> {
  const { command, values } = readArguments(process.argv.slice(2));
  const databaseUrl = process.env.DATABASE_URL;
  const where: Where = { dataDir: dataFolder(values), log, ...(databaseUrl ? { databaseUrl } : {}) };
  if (command === 'serve') return serve(where, values);
  const say = (answer: object) => console.log(JSON.stringify(answer));
  leaveNothingRunning();
  switch (command) {
    case 'code':
      return say(await makeBenchCode(where));
    case 'admin-link':
      return say(await makeAdminLink(where));
    case 'backup': {
      const to = values.to ?? bad('--to', 'name a folder for backups');
      const keep = values.keep === undefined ? {} : { keep: wholeNumber('--keep', values.keep) };
      return say(await makeBackup({ ...where, to, ...keep }));
    }
    case 'restore':
      return say(await restore({ ...where, from: values.from ?? bad('--from', 'name a backup') }));
    case 'verify':
      return say(await verify(where));
    default:
      bad(command, 'there is no such command');
  }
}

/** A command that is interrupted ends as programs do, and with it the database it started. */
function leaveNothingRunning(): void {
  for (const [signal, code] of [
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.on(signal, () => process.exit(code));
  }
}

async function serve(where: Where, values: Values): Promise<void> {
  const { 'tls-cert': cert, 'tls-key': key, 'backup-to': to, url } = values;
  if ((cert === undefined) !== (key === undefined)) bad('--tls-cert', 'it goes with --tls-key');
  const everyMs = duration('--backup-every', values['backup-every']);
  const keep = wholeNumber('--backup-keep', values['backup-keep']);
  const largest = wholeNumber('--largest-file', values['largest-file'], 1, 1024 * 1024);
  const hub = await startHub({
    ...where,
    host: values.host,
    port: wholeNumber('--port', values.port, 0, 65_535),
    blobs: { largestBytes: largest * 2 ** 20 },
    ...(cert && key ? { tls: { cert, key } } : {}),
    ...(to ? { backups: { to, everyMs, keep } } : {}),
    ...(url ? { publicUrl: origin('--url', url) } : {}),
  });
  console.log(JSON.stringify({ address: hub.address, adminLink: hub.adminLink }));
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    void hub.close().then(() => process.exit(0));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
}
