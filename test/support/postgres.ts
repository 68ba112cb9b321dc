import { chmod, mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import {
  endServer,
  makeCluster,
  type Server,
  startServer,
  unprivilegedUser,
} from '../../hub/storage/postgres.ts';

/** A PostgreSQL beside the hub, as `DATABASE_URL` names one; the test may kill it and start it again. */
export interface TestPostgres {
  /** Of a new, empty database. */
  database(name: string): Promise<string>;
  start(): Promise<void>;
  /** SIGKILL, and its end. */
  kill(): Promise<void>;
  /** All of its processes stand still: it says nothing any more, and keeps all connections. It can be killed. */
  freeze(): Promise<void>;
  stop(): Promise<void>;
}

export async function testPostgres(folder: string): Promise<TestPostgres> {
  // As root, it runs as a user of its own and has to get there.
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o711);
  const data = join(folder, 'server');
  const owner = { name: 'lab', password: 'secret' };
  const user = await unprivilegedUser();
  await makeCluster(data, owner, user);
  const port = await freePort();
  const urlOf = (database: string) => `postgres://lab:secret@127.0.0.1:${port}/${database}`;
  let server: Server | null = null;

  let frozen: number[] = [];

  async function start(): Promise<void> {
    for (;;) {
      server = await startServer({ folder: data, port, url: urlOf('postgres'), user, log: () => {} });
      const isUp = await server.ready.then(
        () => true,
        () => false,
      );
      // Right after a kill, processes that have not noticed yet hold its memory.
      if (isUp) return;
    }
  }
  await start();
  return {
    start,
    async database(name) {
      const client = new pg.Client({ connectionString: urlOf('postgres') });
      await client.connect();
      await client.query(`CREATE DATABASE ${name}`);
      await client.end();
      return urlOf(name);
    },
    async kill() {
      const ended = new Promise((resolve) => server?.process.once('exit', resolve));
      server?.process.kill('SIGKILL');
      await ended;
      for (const pid of frozen.splice(0)) signal(pid, 'SIGCONT');
    },
    async freeze() {
      const client = new pg.Client({ connectionString: urlOf('postgres') });
      client.on('error', () => {});
      await client.connect();
      const { rows } = await client.query<{ pid: number }>('SELECT pid FROM pg_stat_activity');
      frozen = [server?.process.pid ?? 0, ...rows.map(({ pid }) => pid)];
      for (const pid of frozen) signal(pid, 'SIGSTOP');
    },
    async stop() {
      if (server) await endServer(server.process);
    },
  };
}

/** To a process that may have ended. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
