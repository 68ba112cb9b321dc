import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import { createRouterClient } from '@orpc/server';
import { WebSocket } from 'ws';
import type { StationClient } from '../../shared/contract/index.ts';
import { PROTOCOL } from '../../shared/contract/station.ts';
import { BenchError } from '../../shared/errors/index.ts';
import { PROGRAM_ROOT, PROGRAM_VERSION, WORKER_URL } from '../common/program.ts';
import { openStation } from '../station/index.ts';
import { socketPath } from '../station/socket.ts';
import { keyFileProtector } from '../station/storage/key-file.ts';

/** A station to talk to: the running one of the folder, or one of our own for as long as the command takes. */
export interface Connection {
  readonly client: StationClient;
  /** Whether a station was running already. */
  readonly attached: boolean;
  setToken(token: string | null): void;
  close(): Promise<void>;
}

/** Attaches to the station that runs on the folder, or opens one. Throws `storage.held` and the like. */
export async function connect(dataDir: string): Promise<Connection> {
  return (await attach(dataDir)) ?? (await openOwn(dataDir));
}

async function openOwn(dataDir: string): Promise<Connection> {
  const station = await openStation({
    dataDir,
    protector: keyFileProtector(),
    resourcesDir: join(PROGRAM_ROOT, 'resources'),
    workerUrl: WORKER_URL,
    version: PROGRAM_VERSION,
    holder: 'the command line',
    attachable: false,
  });
  let token: string | null = null;
  const client = createRouterClient(station.router, {
    context: () => ({ headers: token ? { authorization: `Bearer ${token}` } : {} }),
  }) as unknown as StationClient;
  return {
    client,
    attached: false,
    setToken: (next) => {
      token = next;
    },
    close: () => station.close(),
  };
}

async function attach(dataDir: string): Promise<Connection | null> {
  const path = socketPath(dataDir);
  if (!existsSync(path)) return null;
  const socket = new WebSocket(`ws+unix:${path}:/`, { maxPayload: 8 * 1024 * 1024 });
  const opened = await new Promise<boolean>((resolve) => {
    socket.once('open', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
  // A socket that nobody answers is left over from a station that died.
  if (!opened) return null;
  let token: string | null = null;
  const link = new RPCLink({
    // The same thing with types of its own; the link uses what both have.
    websocket: socket as unknown as ConstructorParameters<typeof RPCLink>[0]['websocket'],
    headers: () => (token ? { authorization: `Bearer ${token}` } : {}),
  });
  const client = createORPCClient(link) as StationClient;
  const hello = await client.station.hello({ protocol: PROTOCOL, client: 'command line' });
  if (hello.protocol !== PROTOCOL) {
    socket.terminate();
    throw new BenchError('station.other-version', { theirs: hello.version, ours: PROGRAM_VERSION });
  }
  return {
    client,
    attached: true,
    setToken: (next) => {
      token = next;
    },
    close: async () => {
      socket.terminate();
    },
  };
}
