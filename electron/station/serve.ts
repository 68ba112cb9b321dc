import type { Router } from '@orpc/server';
import { RPCHandler } from '@orpc/server/ws';
import type { Contract } from '../../shared/contract/index.ts';
import { RANGE_LIMIT } from '../../shared/contract/station.ts';

/**
 * What a call brings besides its input: `authorization: Bearer TOKEN` once somebody is signed in, and `IDLE_HEADER`
 * of a window.
 */
export interface CallContext {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** The contract's implementation, as every transport serves it. */
export type StationRouter = Router<Contract, CallContext>;

/** The largest message taken from a client: a range of bytes and what is wrapped around it. */
export const MESSAGE_LIMIT = 2 * RANGE_LIMIT;

/** The part of a WebSocket that a conversation needs. */
export interface Socket {
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: () => void): void;
  send(message: string | ArrayBufferLike | Uint8Array): void;
}

/** The part of Electron's MessagePortMain that a conversation needs. */
export interface Port {
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  postMessage(message: unknown): void;
  start(): void;
  close(): void;
}

/**
 * Serves a router on connections; the same encoding on all of them. A message that is none is logged
 * and dropped: no client can bring the station down with one.
 */
export function createServer(router: StationRouter) {
  const handler = new RPCHandler(router, {
    interceptors: [
      ({ next, ...call }) => next({ ...call, context: { ...call.context, headers: call.request.headers } }),
    ],
  });
  const serve = (socket: Socket): void => {
    void handler.upgrade(socket as Parameters<typeof handler.upgrade>[0], { context: { headers: {} } });
  };
  return { serveSocket: serve, servePort: (port: Port) => serve(portAsSocket(port)) };
}

/** A message port with a WebSocket's face. */
function portAsSocket(port: Port): Socket {
  return {
    addEventListener(type: 'message' | 'close', listener: (event: { data: unknown }) => void) {
      if (type === 'close') {
        port.on('close', () => listener({ data: null }));
        return;
      }
      port.on('message', ({ data }) => {
        if (isMessage(data)) listener({ data });
        else port.close();
      });
      port.start();
    },
    send: (message) => port.postMessage(message),
  };
}

function isMessage(data: unknown): data is string | ArrayBuffer | Uint8Array {
  if (typeof data === 'string') return data.length <= MESSAGE_LIMIT;
  return (data instanceof ArrayBuffer || data instanceof Uint8Array) && data.byteLength <= MESSAGE_LIMIT;
}
