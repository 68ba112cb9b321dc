import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Dice } from './dice.ts';

/** What can happen to a connection, and how often it did. */
export interface Mishaps {
  /** Broken at a random byte of either direction. */
  cut: number;
  /** Every piece comes late. */
  delayed: number;
  /** From a random byte on nothing arrives, and nobody says so. */
  swallowed: number;
  refused: number;
  /** All that a bench sent is sent to the hub a second time. */
  replayed: number;
}

export interface BadNetwork {
  readonly port: number;
  readonly mishaps: Readonly<Mishaps>;
  /** Bytes that came from the hub. */
  readonly answered: number;
  /** Refuses every connection until `heal` or the next `mischief`. */
  outage(): void;
  /** Ends every connection; new ones meet mishaps. */
  mischief(): void;
  /** Ends every connection; new ones pass. */
  heal(): void;
  close(): Promise<void>;
}

/** Of a hundred connections; the rest pass. */
const FATES = { pass: 30, cut: 34, delayed: 12, swallowed: 5, refused: 9, replayed: 10 };
type Fate = keyof typeof FATES;
/** Where a connection breaks, in bytes of both directions together. */
const BREAK = { least: 20, most: 4_000_000 };
const SWALLOWED_MS = { least: 500, most: 8_000 };
const LATE_MS = { least: 2, most: 120 };
/** No more than this is kept to be sent again. */
const KEPT = 2_000_000;

/** A port on loopback that leads to another one, not always well. */
export async function startProxy(target: number, dice: Dice, port: number): Promise<BadNetwork> {
  const mishaps: Mishaps = { cut: 0, delayed: 0, swallowed: 0, refused: 0, replayed: 0 };
  const sockets = new Set<Socket>();
  let answered = 0;
  let mood: 'well' | 'mischief' | 'outage' = 'well';

  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    return socket.setNoDelay();
  };

  function serve(near: Socket): void {
    const fate: Fate = mood === 'well' ? 'pass' : mood === 'outage' ? 'refused' : dice.weighted(FATES);
    if (fate !== 'pass') mishaps[fate] += 1;
    if (fate === 'refused') return void near.resetAndDestroy();
    const far = keep(connect(target, '127.0.0.1'));
    const part = () => {
      near.destroy();
      far.destroy();
    };
    near.once('close', () => far.destroy());
    // What it said last is still on its way.
    far.once('close', (failed) => (failed ? near.destroy() : near.end()));
    let left = fate === 'cut' || fate === 'swallowed' ? dice.spread(BREAK.least, BREAK.most) : Infinity;
    const late = fate === 'delayed' ? dice.between(LATE_MS.least, LATE_MS.most) : 0;

    /** What of a piece goes on; breaks the connection when its byte has come. */
    const allowed = (piece: Buffer): Buffer => {
      const sent = piece.subarray(0, left);
      if (piece.length < left) {
        left -= piece.length;
        return sent;
      }
      const wasWhole = left > 0;
      left = 0;
      if (fate === 'cut') setImmediate(part);
      else if (wasWhole) setTimeout(part, dice.between(SWALLOWED_MS.least, SWALLOWED_MS.most));
      return sent;
    };
    const lead = (from: Socket, to: Socket) => {
      from.on('data', (piece) => {
        const sent = allowed(piece);
        const pass = () => {
          if (sent.length > 0 && to.writable && !to.write(sent)) {
            from.pause();
            to.once('drain', () => from.resume());
          }
        };
        if (late > 0) setTimeout(pass, late);
        else pass();
      });
    };
    lead(near, far);
    lead(far, near);
    far.on('data', (piece) => {
      answered += piece.length;
    });
    if (fate === 'replayed') replay(near);
  }

  /** Whatever came on this connection comes again on one of its own when this one has ended. */
  function replay(near: Socket): void {
    const pieces: Buffer[] = [];
    let length = 0;
    near.on('data', (piece) => {
      length += piece.length;
      if (length <= KEPT) pieces.push(piece);
    });
    near.once('close', () => {
      if (mood !== 'mischief' || length > KEPT || length === 0) return;
      const again = keep(connect(target, '127.0.0.1'));
      again.resume();
      again.write(Buffer.concat(pieces));
      setTimeout(() => again.destroy(), SWALLOWED_MS.most);
    });
    // A client that reuses its connection would keep it from ever being sent again.
    setTimeout(() => near.destroy(), dice.between(SWALLOWED_MS.least, SWALLOWED_MS.most));
  }

  const listener = createServer((socket) => serve(keep(socket)));
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(port, '127.0.0.1', resolve);
  });
  const turn = (to: typeof mood) => {
    mood = to;
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (listener.address() as AddressInfo).port,
    mishaps,
    get answered() {
      return answered;
    },
    outage: () => turn('outage'),
    mischief: () => turn('mischief'),
    heal: () => turn('well'),
    async close() {
      turn('outage');
      await new Promise<void>((resolve) => listener.close(() => resolve()));
    },
  };
}
