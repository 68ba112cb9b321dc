import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a bench and its hub, counts what goes through, and breaks connections off. */
export interface CuttingProxy {
  readonly address: string;
  /** Bytes that went towards the hub, and away from it. */
  readonly up: number;
  readonly down: number;
  readonly connections: number;
  /**
   * Lets each connection, those that are open too, live for this many bytes more in one direction. What had gone through by then arrives; with
   * `silently`, the connection stays open and nothing more goes through, as when a cable is pulled.
   */
  cutAfter(bytes: number, options?: { readonly silently?: boolean }): void;
  close(): Promise<void>;
}

export async function cuttingProxy(target: string): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target);
  let limit = { bytes: Number.POSITIVE_INFINITY, silently: false };
  const total = { up: 0, down: 0, connections: 0 };
  const open = new Set<Socket>();
  /** Told of another limit, one for each direction of each connection that lives. */
  const relimit = new Set<() => void>();

  const server = createServer((client) => {
    total.connections += 1;
    const hub = connect(Number(port), hostname);
    open.add(client).add(hub);
    /** A pulled cable: neither end hears that the other is gone. */
    let isSilent = false;
    function forward(from: Socket, to: Socket, direction: 'up' | 'down'): void {
      let left = limit.bytes;
      const anew = () => {
        left = limit.bytes;
      };
      relimit.add(anew);
      from.on('data', (piece) => {
        const part = piece.subarray(0, left);
        left -= part.length;
        total[direction] += part.length;
        if (!to.write(part)) {
          from.pause();
          to.once('drain', () => from.resume());
        }
        if (left > 0) return;
        relimit.delete(anew);
        const { silently } = limit;
        isSilent ||= silently;
        from.pause().removeAllListeners('data');
        if (silently) return;
        to.end(() => to.destroy());
        from.destroy();
      });
      from.on('error', () => {});
      from.on('close', () => {
        open.delete(from);
        relimit.delete(anew);
        if (!isSilent) to.end();
      });
    }
    forward(client, hub, 'up');
    forward(hub, client, 'down');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get up() {
      return total.up;
    },
    get down() {
      return total.down;
    },
    get connections() {
      return total.connections;
    },
    cutAfter(bytes, { silently = false } = {}) {
      limit = { bytes, silently };
      for (const anew of relimit) anew();
    },
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
