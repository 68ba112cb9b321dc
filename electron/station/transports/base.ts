import { BenchError } from '../../../shared/errors/index.ts';
import { bounded, type Settle, seconds } from './bounded.ts';
import type { CallOptions, CloseReason, Transport } from './transport.ts';

/** Above this many unread bytes the source is paused; it goes on below half of it. */
export const INPUT_LIMIT = 1024 * 1024;
/** Small pieces that arrived are handed over as one, up to this size. */
const COALESCE_LIMIT = 64 * 1024;

/** The part of a transport that differs from kind to kind. */
export interface Wire {
  /**
   * Hands all bytes to the operating system, in order. Returns nothing when it was done at once.
   * Stops early, resolving, when `givenUp()` says that nobody waits any more.
   */
  send(bytes: Uint8Array, givenUp: () => boolean): Promise<void> | undefined;
  /** Bytes may flow again. */
  resume(): void;
  /** Lets go of the operating system's resource; called once, whoever closed. */
  shut(): Promise<void>;
}

/**
 * What all transports share: the bounded input buffer, deadlines, order of writes, and exactly one close.
 * A wire calls `deliver` with what arrived and `lost` when the unit went away.
 */
export class BaseTransport implements Transport {
  readonly address: string;
  readonly closed: Promise<CloseReason>;

  readonly #wire: Wire;
  #chunks: Uint8Array[] = [];
  #size = 0;
  #paused = false;
  #reader: Settle<Uint8Array> | null = null;
  #writes: Promise<void> | null = null;
  readonly #waitingWrites = new Set<Settle<void>>();
  #reason: CloseReason | null = null;
  #shutting: Promise<void> | null = null;
  readonly #resolveClosed: (reason: CloseReason) => void;

  constructor(address: string, wire: Wire) {
    this.address = address;
    this.#wire = wire;
    let resolveClosed: (reason: CloseReason) => void = () => {};
    this.closed = new Promise((resolve) => {
      resolveClosed = resolve;
    });
    this.#resolveClosed = resolveClosed;
  }

  get isOpen(): boolean {
    return this.#reason === null;
  }

  /** Takes what arrived. False: the buffer is full, deliver nothing more until `resume`. */
  deliver(bytes: Uint8Array): boolean {
    if (this.#reason !== null) return false;
    if (bytes.length === 0) return !this.#paused;
    if (this.#reader !== null) {
      this.#reader.resolve(bytes);
      return true;
    }
    const last = this.#chunks.at(-1);
    if (
      last !== undefined &&
      last.buffer === bytes.buffer &&
      last.byteOffset + last.length === bytes.byteOffset
    ) {
      // Adjacent in the same slab: one longer view, nothing is copied.
      this.#chunks[this.#chunks.length - 1] = new Uint8Array(
        last.buffer,
        last.byteOffset,
        last.length + bytes.length,
      );
    } else {
      this.#chunks.push(bytes);
    }
    this.#size += bytes.length;
    if (this.#size >= INPUT_LIMIT) this.#paused = true;
    return !this.#paused;
  }

  /** The unit went away by itself. What had arrived can still be read. */
  lost(detail: string): void {
    void this.#end({ kind: 'gone', detail });
  }

  read(options: CallOptions): Promise<Uint8Array> {
    if (this.#reader !== null) return Promise.reject(new Error(`two reads at once on ${this.address}`));
    return bounded<Uint8Array>(
      options,
      () => this.#timeout(options, 'nothing arrived'),
      (settle) => {
        const bytes = this.#take();
        if (bytes !== null) settle.resolve(bytes);
        else if (this.#reason !== null) settle.reject(this.#gone());
        else this.#reader = settle;
      },
      () => {
        this.#reader = null;
      },
    );
  }

  write(bytes: Uint8Array, options: CallOptions): Promise<void> {
    let mine: Settle<void> | null = null;
    return bounded<void>(
      options,
      () => this.#timeout(options, 'writing'),
      (settle) => {
        mine = settle;
        this.#waitingWrites.add(settle);
        if (this.#reason !== null) settle.reject(this.#gone());
        else this.#enqueue(bytes, settle);
      },
      () => {
        if (mine !== null) this.#waitingWrites.delete(mine);
      },
    );
  }

  discardInput(): number {
    const discarded = this.#size;
    this.#chunks = [];
    this.#size = 0;
    this.#unpause();
    return discarded;
  }

  async close(): Promise<void> {
    this.#chunks = [];
    this.#size = 0;
    await this.#end({ kind: 'closed' });
  }

  #enqueue(bytes: Uint8Array, settle: Settle<void>): void {
    const start = () => {
      if (settle.settled) return undefined;
      if (this.#reason === null) return this.#wire.send(bytes, () => settle.settled || this.#reason !== null);
      settle.reject(this.#gone());
      return undefined;
    };
    const pending = this.#writes === null ? start() : this.#writes.then(start);
    if (pending === undefined) {
      settle.resolve();
      return;
    }
    const tail = pending.then(settle.resolve, settle.reject).then(() => {
      if (this.#writes === tail) this.#writes = null;
    });
    this.#writes = tail;
  }

  #take(): Uint8Array | null {
    const first = this.#chunks[0];
    if (first === undefined) return null;
    let count = 1;
    let size = first.length;
    for (; count < this.#chunks.length; count += 1) {
      const next = this.#chunks[count];
      if (next === undefined || size + next.length > COALESCE_LIMIT) break;
      size += next.length;
    }
    const taken = this.#chunks.splice(0, count);
    this.#size -= size;
    this.#unpause();
    return count === 1 ? first : Buffer.concat(taken, size);
  }

  #unpause(): void {
    if (!this.#paused || this.#size > INPUT_LIMIT / 2 || this.#reason !== null) return;
    this.#paused = false;
    this.#wire.resume();
  }

  #end(reason: CloseReason): Promise<void> {
    if (this.#shutting !== null) return this.#shutting;
    this.#reason = reason;
    this.#reader?.reject(this.#gone());
    for (const waiting of [...this.#waitingWrites]) waiting.reject(this.#gone());
    // Closing may fail on a port that is gone; it is gone all the same.
    this.#shutting = this.#wire
      .shut()
      .catch(() => {})
      .then(() => this.#resolveClosed(reason));
    return this.#shutting;
  }

  #gone(): BenchError {
    return new BenchError('port.gone', { address: this.address });
  }

  #timeout(options: CallOptions, what: string): BenchError {
    return new BenchError('port.timeout', {
      address: this.address,
      seconds: seconds(options.timeoutMs),
      what,
    });
  }
}
