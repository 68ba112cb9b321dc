import { setTimeout as delay } from 'node:timers/promises';
import { BaseTransport, type Wire } from './base.ts';
import type { Transport } from './transport.ts';

/** What goes wrong on an in-process line, changeable while it runs. */
export interface LineFaults {
  /** Milliseconds before each piece arrives. */
  delayMs?: number;
  /** The unit is gone after that many more bytes towards the bench. */
  goneAfter?: number;
  /** That many bytes towards the bench are lost, from now on. */
  lose?: number;
  /** Pieces towards the bench are at most this long. */
  split?: number;
  /** Nothing from the bench is taken: its writes wait. */
  stalled?: boolean;
}

/** The unit's end of an in-process line; fits the rack's `ByteChannel`. */
export interface FarEnd {
  onData(listener: (bytes: Uint8Array) => void): void;
  /** Resolves when the bench's side has taken the bytes, or is closed. */
  write(bytes: Uint8Array): Promise<void>;
  readonly queued: number;
  readonly closed: Promise<void>;
  /** The unit goes away. */
  hangUp(detail?: string): void;
  faults(change: LineFaults): void;
}

/** What arrives at a time unless `split` says less. */
const PIECE_BYTES = 64 * 1024;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

class MemoryLine implements Wire, FarEnd {
  readonly closed: Promise<void>;
  queued = 0;
  #markClosed: () => void = () => {};
  #transport: BaseTransport | null = null;
  #listener: ((bytes: Uint8Array) => void) | null = null;
  #unheard: Uint8Array[] = [];
  #tail: Promise<void> = Promise.resolve();
  #faults: LineFaults = {};
  #go: (() => void)[] = [];

  constructor() {
    this.closed = new Promise((resolve) => {
      this.#markClosed = resolve;
    });
  }

  begin(transport: BaseTransport): void {
    this.#transport = transport;
  }

  faults(change: LineFaults): void {
    Object.assign(this.#faults, change);
    this.#wake();
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#listener = listener;
    for (const bytes of this.#unheard.splice(0)) listener(bytes);
  }

  write(bytes: Uint8Array): Promise<void> {
    this.queued += bytes.length;
    const copy = bytes.slice();
    this.#tail = this.#tail.then(() => this.#carry(copy));
    return this.#tail;
  }

  hangUp(detail = 'unplugged'): void {
    this.#transport?.lost(detail);
  }

  async send(bytes: Uint8Array, givenUp: () => boolean): Promise<void> {
    const copy = bytes.slice();
    // A real unit never answers within the same turn.
    await turn();
    while (this.#faults.stalled) {
      if (givenUp()) return;
      await this.#waken();
    }
    if (this.#listener === null) this.#unheard.push(copy);
    else this.#listener(copy);
  }

  resume(): void {
    this.#wake();
  }

  async shut(): Promise<void> {
    this.#markClosed();
    this.#wake();
  }

  async #carry(bytes: Uint8Array): Promise<void> {
    await turn();
    for (let from = 0; from < bytes.length && this.#transport?.isOpen; ) {
      const { delayMs = 0, split = PIECE_BYTES, goneAfter = Number.POSITIVE_INFINITY } = this.#faults;
      if (delayMs > 0) await delay(delayMs);
      if (goneAfter <= 0) {
        this.hangUp();
        break;
      }
      const piece = bytes.subarray(from, Math.min(from + Math.max(1, split), from + goneAfter));
      from += piece.length;
      this.queued -= piece.length;
      this.#faults.goneAfter = goneAfter - piece.length;
      const lost = Math.min(this.#faults.lose ?? 0, piece.length);
      this.#faults.lose = (this.#faults.lose ?? 0) - lost;
      if (!this.#transport.deliver(piece.subarray(lost)) && this.#transport.isOpen) await this.#waken();
      if (this.#faults.goneAfter <= 0) this.hangUp();
      else if (from < bytes.length) await turn();
    }
    if (!this.#transport?.isOpen) this.queued = 0;
  }

  #waken(): Promise<void> {
    return new Promise((resolve) => this.#go.push(resolve));
  }

  #wake(): void {
    for (const go of this.#go.splice(0)) go();
  }
}

/** A line inside this process: the bench's transport and the unit's end, for tests and fakes. */
export function createMemoryLine(address = 'memory:unit'): { transport: Transport; far: FarEnd } {
  const line = new MemoryLine();
  const transport = new BaseTransport(address, line);
  line.begin(transport);
  return { transport, far: line };
}
