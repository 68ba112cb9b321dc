import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import pg from 'pg';
import { BenchError } from '../../shared/errors/index.ts';
import { endServer, hasEnded, type Server } from './postgres.ts';

/** By this name a hub's own connection is known: while it is there, the hub lives. */
const HUB = 'repairbench hub';
const LOOK_MS = 100;
/** How long a PostgreSQL may take to answer, which may be starting. */
const ANSWER_MS = 10_000;
/** How long the connection of a hub that was killed may still be there. */
const GOODBYE_MS = 3_000;
/** A PostgreSQL that is told to stop writes what it holds first. */
const STOP_MS = 60_000;
const AGAIN_MS = 500;
/** How long processes of a PostgreSQL whose first one was killed may go on: they notice by themselves. */
const ORPHANS_MS = 15_000;

type Log = (line: string) => void;

/**
 * Ends the PostgreSQL of a hub that was killed: it goes on without its hub, and keeps another from the folder. Gives
 * whether there is a mark of one, of which processes may still be there.
 * Throws `hub.held` when the hub it belongs to is alive.
 */
export async function endLeftOver(
  folder: string,
  urlOf: (port: number) => string,
  log: Log,
): Promise<boolean> {
  const left = lockOf(folder);
  if (!left) return false;
  const client = await connectTo(left.pid, urlOf(left.port));
  // Nobody answers by the folder's password: it is gone, and PostgreSQL clears away its mark.
  if (!client) return true;
  try {
    const until = Date.now() + GOODBYE_MS;
    while (await hasHub(client)) {
      if (Date.now() > until) throw new BenchError('hub.held', { path: folder });
      await after(LOOK_MS);
    }
  } finally {
    await client.end();
  }
  log(`the PostgreSQL of a hub that was killed still runs (process ${left.pid}); it is stopped`);
  process.kill(left.pid, 'SIGINT');
  const until = Date.now() + STOP_MS;
  // Its mark goes last; the process itself may wait for whoever inherited it.
  while (lockOf(folder)?.pid === left.pid && isAlive(left.pid)) {
    if (Date.now() > until) {
      throw new BenchError('hub.database', { detail: `the one before (process ${left.pid}) does not stop` });
    }
    await after(LOOK_MS);
  }
  return true;
}

/** What a running PostgreSQL says of itself in its folder: process and port. */
function lockOf(folder: string): { pid: number; port: number } | null {
  try {
    const lines = readFileSync(join(folder, 'postmaster.pid'), 'utf8').split('\n');
    const [pid, port] = [Number(lines[0]), Number(lines[3])];
    return pid > 0 && port > 0 ? { pid, port } : null;
  } catch {
    return null;
  }
}

/** A connection to the PostgreSQL of a process, waiting while it starts; null when there is none. */
async function connectTo(pid: number, url: string): Promise<pg.Client | null> {
  for (const until = Date.now() + ANSWER_MS; ; ) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: ANSWER_MS });
    client.on('error', () => {});
    try {
      await client.connect();
      return client;
    } catch {
      await client.end().catch(() => {});
      if (!isAlive(pid) || Date.now() > until) return null;
      await after(LOOK_MS);
    }
  }
}

async function hasHub(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ count: string }>(
    'SELECT count(*) FROM pg_stat_activity WHERE application_name = $1',
    [HUB],
  );
  return Number(rows[0]?.count) > 0;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Starts PostgreSQL and keeps it running until `stop`: one that ends by itself is started again on the same port, to
 * which the hub's connections find back. Rejects with `hub.database` when it does not start the first time.
 * @param hasOrphans whether processes of an earlier one may still hold its memory, and keep another from starting
 */
export async function keepRunning(
  startServer: () => Promise<Server>,
  url: string,
  log: Log,
  hasOrphans: boolean,
): Promise<{ stop(): Promise<void> }> {
  let stopping = false;
  let server: Server;
  let sign: pg.Client | null = null;
  let restarting: Promise<void> = Promise.resolve();

  async function start(): Promise<void> {
    server = await startServer();
    await server.ready;
    if (hasEnded(server.process)) throw new BenchError('hub.database', { detail: 'it ended at once' });
    server.process.once('exit', () => {
      if (stopping) return;
      log('PostgreSQL ended by itself; it is started again');
      restarting = startAgain();
    });
    // Another hub on this folder sees by it that this one lives.
    const client = new pg.Client({ connectionString: url, application_name: HUB });
    client.on('error', () => {});
    sign = client;
    // When PostgreSQL has ended again, that is known by its exit.
    await client.connect().catch(() => {});
  }

  async function startAgain(): Promise<void> {
    while (!stopping) {
      try {
        return await start();
      } catch {
        // A process of the old one that has not noticed yet may still hold its memory.
        await after(AGAIN_MS);
      }
    }
  }

  async function startFirst(until: number): Promise<void> {
    for (;;) {
      try {
        return await start();
      } catch (error) {
        if (Date.now() > until) throw error;
        await after(AGAIN_MS);
      }
    }
  }

  await startFirst(hasOrphans ? Date.now() + ORPHANS_MS : 0);
  // A hub that ends in any other way than by `stop` leaves no database behind, as far as that can be helped.
  const leave = () => server.process.kill('SIGINT');
  process.once('exit', leave);
  return {
    async stop() {
      stopping = true;
      process.off('exit', leave);
      // One that hangs does not say goodbye.
      void sign?.end().catch(() => {});
      await endServer(server.process);
      await restarting;
      // One that was just being started again.
      await endServer(server.process);
    },
  };
}
