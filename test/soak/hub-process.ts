import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { openPool } from '../../hub/storage/database.ts';

const PROGRAM = fileURLToPath(new URL('../../hub/index.ts', import.meta.url));

/** A hub as `npm run hub` starts it, on its embedded PostgreSQL, that can be killed and started again. */
export interface HubProcess {
  /** Its data folder. */
  readonly data: string;
  readonly port: number;
  readonly pid: number | null;
  /** For the first administrator; known after the first start. */
  readonly adminLink: string;
  /** Resolves when it answers; rejects when it ends before. */
  start(): Promise<void>;
  /** SIGKILL; its PostgreSQL goes on without it. */
  kill(): Promise<void>;
  /** SIGKILL of PostgreSQL's first process. */
  killDatabase(): boolean;
  /** SIGTERM, and its end. */
  stop(): Promise<void>;
  /** Its tables, by the side door. */
  openDatabase(): pg.Pool;
  /** The process of its PostgreSQL. */
  databasePid(): number | null;
}

/** @param onDeath told when it ends and nobody killed it */
export async function makeHubProcess(folder: string, onDeath: (how: string) => void): Promise<HubProcess> {
  const data = join(folder, 'hub');
  const port = await freePort();
  let child: ChildProcess | null = null;
  let adminLink = '';

  function databasePid(): number | null {
    try {
      const [pid] = readFileSync(join(data, 'postgres', 'postmaster.pid'), 'utf8').split('\n');
      // What is left of a killed one names a process that may be anybody's by now.
      const { stdout } = spawnSync('ps', ['-o', 'command=', '-p', `${pid}`], { encoding: 'utf8' });
      return stdout.includes(data) ? Number(pid) : null;
    } catch {
      return null;
    }
  }

  async function end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const ending = child;
    child = null;
    if (!ending || hasEnded(ending)) return;
    ending.kill(signal);
    await once(ending, 'exit');
  }

  return {
    data,
    port,
    get pid() {
      return child?.pid ?? null;
    },
    get adminLink() {
      return adminLink;
    },
    databasePid,
    async start() {
      const words = openSync(join(folder, 'hub.log'), 'a', 0o600);
      const started = spawn(process.execPath, [PROGRAM, '--data', data, '--port', String(port)], {
        stdio: ['ignore', 'pipe', words],
      });
      closeSync(words);
      child = started;
      let isUp = false;
      started.once('exit', (code, signal) => {
        if (isUp && child === started) onDeath(`the hub ended by itself (${signal ?? `code ${code}`})`);
      });
      const line = await firstLine(started);
      if (line === null) throw new Error(`the hub did not start; its words are in ${folder}/hub.log`);
      isUp = true;
      adminLink ||= (JSON.parse(line) as { adminLink: string | null }).adminLink ?? '';
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    killDatabase() {
      const pid = databasePid();
      return pid !== null && process.kill(pid, 'SIGKILL');
    },
    openDatabase: () => openPool(readFileSync(join(data, 'postgres.url'), 'utf8')),
  };
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;

/** Null when the program ends without one. */
async function firstLine(child: ChildProcess): Promise<string | null> {
  if (!child.stdout) return null;
  const line = once(createInterface({ input: child.stdout }), 'line').then(([text]) => String(text));
  return Promise.race([line, once(child, 'exit').then(() => null)]);
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}
