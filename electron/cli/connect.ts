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
import { findSocket } from '../station/socket.ts';
import { keyFileProtector } from '../station/storage/key-file.ts';
import { interruption } from './stop.ts';

/** A station to talk to: the running one of the folder, or one of our own for as long as the command takes. */
export interface Connection {
  readonly client: StationClient;
  /** Whether a station was running already. */
  readonly attached: boolean;
  setToken(token: string | null): void;
  close(): Promise<void>;
}

/** Longest wait for a running station; one that checks a long log or copies itself may be slow for a while. */
const ANSWER_MS = 20_000;

/**
 * Attaches to the station that runs on the folder, or opens one.
 * Throws `storage.held`, `station.no-answer`, `station.other-version` and what opening a folder throws.
 */
export async function connect(dataDir: string, answerMs = ANSWER_MS): Promise<Connection> {
  return (await attach(dataDir, answerMs)) ?? (await openOwn(dataDir));
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

/** Null when no station runs there. Throws `storage.foreign`, `station.no-answer`, `station.other-version`. */
async function attach(dataDir: string, deadlineMs: number): Promise<Connection | null> {
  const path = findSocket(dataDir);
  if (path === null) return null;
  const socket = new WebSocket(`ws+unix:${path}:/`, { maxPayload: 8 * 1024 * 1024 });
  // A connection that breaks rejects the calls that wait on it; nobody else need hear of it.
  socket.on('error', () => {});
  const seconds = Math.round(deadlineMs / 1000);
  const late = interruption();
  const problem = new BenchError('station.no-answer', { path: dataDir, seconds });
  const timer = setTimeout(() => late.raise(problem), deadlineMs);
  try {
    // A socket that nobody answers is left over from a station that died.
    if (!(await Promise.race([opens(socket), late.raised]))) return null;
    let token: string | null = null;
    const client = clientOver(socket, () => token);
    const asked = client.station.hello({ protocol: PROTOCOL, client: 'command line' });
    const hello = await Promise.race([asked, late.raised]);
    if (hello.protocol !== PROTOCOL) {
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
  } catch (error) {
    socket.terminate();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

const opens = (socket: WebSocket): Promise<boolean> =>
  new Promise((resolve) => {
    socket.once('open', () => resolve(true));
    socket.once('error', () => resolve(false));
  });

/** A client whose calls say that the station went away, when it did. */
function clientOver(socket: WebSocket, token: () => string | null): StationClient {
  const link = new RPCLink({
    // The same thing with types of its own; the link uses what both have.
    websocket: socket as unknown as ConstructorParameters<typeof RPCLink>[0]['websocket'],
    headers: () => {
      const own = token();
      return own ? { authorization: `Bearer ${own}` } : {};
    },
    interceptors: [
      async ({ next }) => {
        try {
          return await next();
        } catch (cause) {
          if (socket.readyState === WebSocket.OPEN) throw cause;
          throw new BenchError('bench.interrupted', {}, { cause });
        }
      },
    ],
  });
  return createORPCClient(link);
}
