import { connect, isIP, type Socket } from 'node:net';
import { BenchError } from '../../../shared/errors/index.ts';
import { BaseTransport, type Wire } from './base.ts';
import { bounded, seconds } from './bounded.ts';
import type { CallOptions, Transport } from './transport.ts';

export interface TcpAddress {
  readonly host: string;
  readonly port: number;
}

/** Bytes handed to the socket at a time, so that a write that was given up stops soon. */
const PIECE_BYTES = 64 * 1024;

/** `127.0.0.0/8` and `::1`: only programs of this machine. */
const isLoopback = (host: string): boolean =>
  isIP(host) === 4 ? host.startsWith('127.') : /^(0*:)*0*1$/.test(host) && isIP(host) === 6;

/**
 * Reads `tcp:127.0.0.1:5556` or `tcp:[::1]:5556`; `localhost` means 127.0.0.1.
 * Throws `port.not-a-port` when it cannot be read and `port.not-loopback` for another machine.
 */
export function parseTcp(address: string): TcpAddress {
  const match = /^tcp:(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/i.exec(address);
  const name = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (name === undefined || !(port >= 1 && port <= 65_535)) {
    throw new BenchError('port.not-a-port', { address, detail: 'write it as tcp:127.0.0.1:PORT' });
  }
  const host = name.toLowerCase() === 'localhost' ? '127.0.0.1' : name;
  if (!isLoopback(host)) throw new BenchError('port.not-loopback', { address });
  return { host, port };
}

class TcpWire implements Wire {
  readonly #socket: Socket;
  readonly #onLost: (detail: string) => void;

  constructor(socket: Socket, onLost: (detail: string) => void) {
    this.#socket = socket;
    this.#onLost = onLost;
  }

  async send(bytes: Uint8Array, givenUp: () => boolean): Promise<void> {
    for (let from = 0; from < bytes.length && !givenUp(); from += PIECE_BYTES) {
      const piece = bytes.subarray(from, from + PIECE_BYTES);
      await new Promise<void>((resolve) => {
        this.#socket.write(piece, (error) => {
          if (error) this.#onLost(error.message);
          resolve();
        });
      });
    }
  }

  resume(): void {
    this.#socket.resume();
  }

  async shut(): Promise<void> {
    if (this.#socket.destroyed) return;
    await new Promise<void>((resolve) => {
      this.#socket.once('close', () => resolve());
      this.#socket.destroy();
    });
  }
}

/**
 * Connects to a TCP port on this machine.
 * Rejects with `port.not-a-port`, `port.not-loopback`, `port.not-found` (nobody listens), `port.timeout`.
 */
export async function openTcp(address: string, options: CallOptions): Promise<Transport> {
  const { host, port } = parseTcp(address);
  const socket = connect({ host, port, noDelay: true });
  const transport: BaseTransport = new BaseTransport(
    address,
    new TcpWire(socket, (detail) => transport.lost(detail)),
  );
  let trouble = 'the other side closed the connection';
  socket.on('error', (error) => {
    trouble = error.message;
  });
  socket.on('data', (bytes) => {
    if (!transport.deliver(bytes)) socket.pause();
  });
  socket.on('close', () => transport.lost(trouble));
  try {
    await bounded<void>(
      options,
      () =>
        new BenchError('port.timeout', {
          address,
          seconds: seconds(options.timeoutMs),
          what: 'connecting',
        }),
      (settle) => {
        socket.once('connect', () => settle.resolve());
        socket.once('close', () => settle.reject(new BenchError('port.not-found', { address })));
      },
    );
  } catch (error) {
    await transport.close();
    throw error;
  }
  return transport;
}
