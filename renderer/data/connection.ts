import type { StationClient } from '../../shared/contract/index.ts';

export type ConnectionStatus = 'connecting' | 'online' | 'offline';

/** What carries the calls: a message port in the desktop app, a WebSocket on a loopback host. */
export interface Connection {
  readonly client: StationClient;
  /** Tells the status now and whenever it changes; returns how to stop. */
  onStatus(listener: (status: ConnectionStatus) => void): () => void;
  /** The session's token for every later call. */
  setToken(token: string | null): void;
}
