import type { StationClient } from '../../shared/contract/index.ts';

export type ConnectionStatus = 'connecting' | 'online' | 'offline';

/** What carries the calls: a message port in the desktop app, a WebSocket on a loopback host. */
export interface Connection {
  readonly client: StationClient;
  /** Tells the status now and whenever it changes; returns how to stop. */
  onStatus(listener: (status: ConnectionStatus) => void): () => void;
  /** The session's token for every later call. */
  setToken(token: string | null): void;
  /** How many seconds nobody has touched the window, asked at every later call. */
  setIdle(idleSeconds: () => number): void;
}

/** A call was not answered because the connection is, or went, away. */
export class ConnectionLost extends Error {
  readonly code = 'bench.interrupted';
  /** It had left this page: it may have been carried out. */
  readonly sent: boolean;
  constructor(sent: boolean) {
    super('The connection to the station was lost.');
    this.name = 'ConnectionLost';
    this.sent = sent;
  }
}
