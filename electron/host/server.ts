import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { pageFile, SECURITY_HEADERS } from '../common/page.ts';
import { createEntry } from './entry.ts';

/** Only this machine can connect. */
const LOOPBACK = '127.0.0.1';
/**
 * A browser sends its cookies to every port of a host, so also to servers of other users on 127.0.0.1. Nobody else has
 * this name; browsers lead every name below “localhost” to this machine without asking anybody.
 */
const OWN_NAME = `bench-${randomBytes(6).toString('hex')}.localhost`;
const RPC_PATH = '/rpc';
const PING_MS = 15_000;
/** A reader that falls this far behind is disconnected; it comes back and reads again. */
const BACKLOG_BYTES = 32 * 1024 * 1024;
const MOST_CONNECTIONS = 64;

export interface HostServer {
  /** A fresh address for one more browser. */
  address(): string;
  close(): Promise<void>;
}

export interface HostServerOptions {
  readonly pageDir: string;
  /** 0: any free one. */
  readonly port: number;
  /** Largest message taken from a page, in bytes. */
  readonly messageLimit: number;
  serve(socket: WebSocket): void;
}

/** Serves the page and its calls on loopback. Rejects with the system's error when the port is taken. */
export async function listen(options: HostServerOptions): Promise<HostServer> {
  const entry = createEntry(() => port);
  const server = createServer({ maxHeaderSize: 16 * 1024 }, (request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: options.messageLimit,
    perMessageDeflate: false,
    clientTracking: true,
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.on('upgrade', upgrade);
  const port = await bind(server, options.port);
  const heartbeat = setInterval(() => sockets.clients.forEach(check), PING_MS);
  const ownHosts = new Set([OWN_NAME, LOOPBACK, 'localhost'].map((name) => `${name}:${port}`));
  const ownOrigins = new Set([...ownHosts].map((host) => `http://${host}`));

  /** A page of another site can make this machine's browser send requests here, but not with our names. */
  function isOwn({ headers }: IncomingMessage): boolean {
    const { host, origin } = headers;
    return host !== undefined && ownHosts.has(host) && (origin === undefined || ownOrigins.has(origin));
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isOwn(request)) return refuse(response, 403, 'This host answers only to its own address.');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return refuse(response, 405, 'This host only hands out its page.');
    }
    const { pathname, query } = target(request);
    const token = query.get('token');
    if (token !== null) return admit(response, token);
    if (!entry.admits(request.headers.cookie)) {
      return refuse(
        response,
        403,
        'Open the address that Repairbench printed when it started; each works once.',
      );
    }
    const file = pageFile(options.pageDir, pathname);
    const content = file && (await readFile(file.path).catch(() => null));
    if (!file || !content) return refuse(response, 404, 'There is no such page.');
    response.writeHead(200, { ...file.headers, 'Content-Length': content.length });
    response.end(request.method === 'HEAD' ? undefined : content);
  }

  /** Exchanges the token for the cookie and goes on to an address without it. */
  function admit(response: ServerResponse, token: string): void {
    const cookie = entry.redeem(token);
    if (!cookie) {
      const hint = 'Press Enter where Repairbench runs for a new one.';
      refuse(response, 403, `This address is not valid, or was used before. ${hint}`);
      return;
    }
    response.writeHead(303, {
      ...SECURITY_HEADERS,
      'Cache-Control': 'no-store',
      'Set-Cookie': cookie,
      Location: '/',
    });
    response.end();
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Browsers always name the origin of a WebSocket; a request without one is not from our page.
    const admitted =
      isOwn(request) && request.headers.origin !== undefined && entry.admits(request.headers.cookie);
    const { pathname } = target(request);
    socket.on('error', () => socket.destroy());
    if (!admitted || pathname !== RPC_PATH) {
      socket.end(`HTTP/1.1 ${admitted ? '404 Not Found' : '403 Forbidden'}\r\nConnection: close\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      client.on('error', () => client.terminate());
      client.on('pong', () => answered.add(client));
      answered.add(client);
      options.serve(client);
    });
  }

  return {
    address: () => `http://${OWN_NAME}:${port}/?token=${entry.issue()}`,
    async close() {
      clearInterval(heartbeat);
      for (const client of sockets.clients) client.close(1001);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      setTimeout(() => {
        for (const client of sockets.clients) client.terminate();
        server.closeAllConnections();
      }, 1_000).unref();
      server.closeIdleConnections();
      await closed;
    },
  };
}

/** Connections that answered the last ping. */
const answered = new WeakSet<WebSocket>();

function check(client: WebSocket): void {
  if (!answered.delete(client) || client.bufferedAmount > BACKLOG_BYTES) client.terminate();
  else client.ping();
}

/** A request's target, taken as it stands: nothing resolves its dots before they are looked at. */
function target(request: IncomingMessage): { pathname: string; query: URLSearchParams } {
  const [pathname = '/', query = ''] = (request.url ?? '/').split(/\?(.*)/s);
  return { pathname, query: new URLSearchParams(query) };
}

function bind(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    'Cache-Control': 'no-store',
    'Content-Type': 'text/plain; charset=utf-8',
  });
  response.end(`${text}\n`);
}
