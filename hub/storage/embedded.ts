import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import pg from 'pg';
import { BenchError } from '../../shared/errors/index.ts';
import { makeCluster, startServer, unprivilegedUser } from './postgres.ts';
import { endLeftOver, keepRunning } from './postmaster.ts';

/** The hub's own PostgreSQL, in its data folder. */
export interface Embedded {
  readonly url: string;
  /** Ends within seconds, whatever PostgreSQL does. */
  stop(): Promise<void>;
}

const USER = 'repairbench';

/**
 * Starts a real PostgreSQL on loopback in `dataDir/postgres`, made on first use, as an unprivileged user (it refuses
 * root), with its data on disk before a commit returns. Throws `hub.held`, `hub.database`, `hub.closed-folder`.
 */
export async function startEmbedded(dataDir: string, log: (line: string) => void): Promise<Embedded> {
  // Wherever the hub is started from; PostgreSQL looks from its own folder.
  const folder = resolve(dataDir, 'postgres');
  mkdirSync(dataDir, { recursive: true, mode: 0o755 });
  const user = await unprivilegedUser();
  if (user) checkReachable(resolve(dataDir));
  const password = secretOf(join(dataDir, 'postgres.password'));
  const urlOf = (port: number, database: string) =>
    `postgres://${USER}:${password}@127.0.0.1:${port}/${database}`;
  const hasOrphans = await endLeftOver(folder, (port) => urlOf(port, 'postgres'), log);
  if (!existsSync(join(folder, 'PG_VERSION'))) await makeCluster(folder, { name: USER, password }, user);
  const port = await freePort();
  const url = urlOf(port, 'postgres');
  const server = () => startServer({ folder, port, url, user, log });
  const running = await keepRunning(server, url, log, hasOrphans);
  try {
    await makeDatabase(url);
  } catch (error) {
    await running.stop();
    throw error;
  }
  return { url: urlOf(port, USER), stop: running.stop };
}

/** The hub's database; a hub that was killed between making the folder and this finds none. */
async function makeDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [USER]);
    if (rows.length === 0) await client.query(`CREATE DATABASE ${USER}`);
  } finally {
    await client.end().catch(() => {});
  }
}

/** Root's own folders are closed to the user that PostgreSQL runs as. */
function checkReachable(folder: string): void {
  for (let path = folder; ; path = dirname(path)) {
    if ((statSync(path).mode & 0o001) === 0) throw new BenchError('hub.closed-folder', { path });
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
