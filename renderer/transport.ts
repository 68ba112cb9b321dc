import { type ClientContext, type ClientLink, type ClientOptions, createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { StationClient } from '../shared/contract/index.ts';
import { IDLE_HEADER } from '../shared/contract/station.ts';
import { PORT, WANT_PORT } from '../shared/shell/page.ts';
import { type Connection, ConnectionLost, type ConnectionStatus } from './data/connection.ts';

/** How long a call waits for a connection before it fails; a station restarts well within it. */
const PATIENCE_MS = 15_000;
/** Pauses between tries to reach a loopback host. */
const RETRY_MS = [100, 250, 500, 1_000, 2_000, 5_000] as const;

/** The part of a WebSocket that calls need; a MessagePort is given the same face. */
type Socket = Pick<WebSocket, 'addEventListener' | 'removeEventListener' | 'send' | 'readyState'>;

interface Wire {
  readonly link: ClientLink<ClientContext>;
  /** Aborted when the connection ends. */
  readonly ended: AbortSignal;
}

/**
 * The page's connection to its station, in the desktop window (a message port from the shell) and on a
 * loopback host (a WebSocket) alike. It comes back by itself; a call made meanwhile waits for that.
 */
export function connect(): Connection {
  const line = new Line();
  if (window.location.protocol === 'repairbench:') overPorts(line);
  else overWebSocket(line);
  return {
    client: createORPCClient<StationClient>(line),
    onStatus: (listener) => line.onStatus(listener),
    setToken: (token) => {
      line.token = token;
    },
    setIdle: (idleSeconds) => {
      line.idleSeconds = idleSeconds;
    },
  };
}

/** One line to the station over one wire after another. */
class Line implements ClientLink<ClientContext> {
  token: string | null = null;
  idleSeconds = (): number => 0;
  #wire: Wire | null = null;
  #status: ConnectionStatus = 'connecting';
  readonly #listeners = new Set<(status: ConnectionStatus) => void>();

  /** Calls go over this socket from now on, until it closes. */
  use(socket: Socket): void {
    const end = new AbortController();
    // Before the link's own listener, so that the calls it then gives up are known to be lost.
    socket.addEventListener('close', () => {
      end.abort();
      if (this.#wire === wire) this.lose();
    });
    const headers = () =>
      this.token
        ? { authorization: `Bearer ${this.token}`, [IDLE_HEADER]: String(Math.floor(this.idleSeconds())) }
        : {};
    const wire: Wire = { link: new RPCLink({ websocket: socket, headers }), ended: end.signal };
    this.#wire = wire;
    this.#become('online');
  }

  lose(): void {
    this.#wire = null;
    this.#become('offline');
  }

  onStatus(listener: (status: ConnectionStatus) => void): () => void {
    this.#listeners.add(listener);
    listener(this.#status);
    return () => this.#listeners.delete(listener);
  }

  async call(
    path: readonly string[],
    input: unknown,
    options: ClientOptions<ClientContext>,
  ): Promise<unknown> {
    const wire = this.#wire ?? (await this.#nextWire(options.signal));
    try {
      return await wire.link.call(path, input, options);
    } catch (error) {
      if (wire.ended.aborted && !options.signal?.aborted) throw new ConnectionLost(true);
      throw error;
    }
  }

  #nextWire(signal: AbortSignal | undefined): Promise<Wire> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void) => {
        clearTimeout(timer);
        this.#listeners.delete(look);
        signal?.removeEventListener('abort', abort);
        finish();
      };
      const look = () => {
        const wire = this.#wire;
        if (wire) settle(() => resolve(wire));
      };
      const abort = () => settle(() => reject(signal?.reason));
      const timer = setTimeout(() => settle(() => reject(new ConnectionLost(false))), PATIENCE_MS);
      this.#listeners.add(look);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  #become(status: ConnectionStatus): void {
    // A new wire may replace one that was never seen to end: whoever waits for it looks again.
    if (status === this.#status && status !== 'online') return;
    this.#status = status;
    for (const listener of [...this.#listeners]) listener(status);
  }
}

/** The shell sends a port when asked, and another after each restart of the station. */
function overPorts(line: Line): void {
  let current: MessagePort | null = null;
  window.addEventListener('message', (event) => {
    if (event.source !== window || event.origin !== window.location.origin || event.data !== PORT) return;
    const [port] = event.ports;
    if (!port) return;
    // Whatever still waits on the old one is told that it is over.
    current?.dispatchEvent(new Event('close'));
    current?.close();
    current = port;
    line.use(portAsSocket(port));
    port.start();
  });
  window.postMessage(WANT_PORT, window.location.origin);
}

function portAsSocket(port: MessagePort): Socket {
  return {
    readyState: WebSocket.OPEN,
    send: (message) => port.postMessage(message),
    addEventListener: port.addEventListener.bind(port) as Socket['addEventListener'],
    removeEventListener: port.removeEventListener.bind(port) as Socket['removeEventListener'],
  };
}

/** Tries again for as long as the page is open. */
function overWebSocket(line: Line): void {
  let failures = 0;
  const open = () => {
    const socket = new WebSocket(new URL('/rpc', window.location.href));
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => {
      failures = 0;
      line.use(socket);
    });
    socket.addEventListener('close', () => {
      line.lose();
      const pause = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)];
      failures += 1;
      setTimeout(open, pause);
    });
  };
  open();
}
