import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { BenchError, toBenchError } from '../../shared/errors/index.ts';
import { dataFolder } from '../common/data-folder.ts';
import { PROGRAM_ROOT, PROGRAM_VERSION, WORKER_URL } from '../common/program.ts';
import { openStation } from '../station/index.ts';
import { createServer, MESSAGE_LIMIT } from '../station/serve.ts';
import { keyFileProtector } from '../station/storage/key-file.ts';
import { hostOptions } from './options.ts';
import { type HostServer, listen } from './server.ts';

/* The same app without a window of its own: for browsers, kiosks and machines without a display. */

async function run(argv: readonly string[]): Promise<void> {
  const options = hostOptions(argv);
  const station = await openStation({
    dataDir: dataFolder(options),
    resourcesDir: join(PROGRAM_ROOT, 'resources'),
    version: PROGRAM_VERSION,
    protector: keyFileProtector(),
    workerUrl: WORKER_URL,
    holder: 'the app on loopback',
    training: options.training,
  });
  const { serveSocket } = createServer(station.router);
  const server = await listen({
    pageDir: join(PROGRAM_ROOT, 'out', 'renderer'),
    port: options.port,
    messageLimit: MESSAGE_LIMIT,
    serve: serveSocket,
  }).catch(async (error: Error) => {
    await station.close();
    throw new BenchError('input.invalid', {
      detail: `Port ${options.port} cannot be used: ${error.message}.`,
    });
  });
  console.log(`Repairbench is at ${server.address()}`);
  offerMoreAddresses(server);

  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    void server
      .close()
      .then(() => station.close())
      .then(() => process.exit(0));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('SIGHUP', stop);
}

/** An address works once; whoever sits at the terminal may have more. */
function offerMoreAddresses(server: HostServer): void {
  if (!process.stdin.isTTY) return;
  console.log('Press Enter for an address for one more browser, Ctrl-C to stop.');
  createInterface({ input: process.stdin }).on('line', () => console.log(server.address()));
}

run(process.argv.slice(2)).catch((error: unknown) => {
  const { message, hint, exitCode } = toBenchError(error);
  console.error(`${message}\n${hint}`);
  process.exit(exitCode);
});
