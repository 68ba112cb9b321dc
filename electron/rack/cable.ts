import { setTimeout as delay } from 'node:timers/promises';
import type { ByteChannel, WireFault } from './unit.ts';

/** One connection between bench and unit; pulling it is the bench's hang-up. */
export interface RawLine extends ByteChannel {
  hangUp(): void;
}

/** Randomness of the noise, from outside so that a test can repeat it. Returns 0 ≤ x < 1. */
export type Random = () => number;

/** Mulberry32: small, seedable, good enough for noise. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A slow line: 20 bytes every 50 ms. */
const SLOW_PIECE = 20;
const SLOW_EVERY_MS = 50;
/** Noise while nothing else happens. */
const NOISE_EVERY_MS = 100;
const NOISE_BYTES = 64;
const NEWLINE = 0x0a;

function noise(random: Random, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  // No newlines: the nastiest noise is a line that never ends. Every eighth byte is a NUL.
  for (let at = 0; at < length; at += 1) {
    const byte = Math.floor(random() * 256);
    bytes[at] = random() < 1 / 8 || byte === NEWLINE ? 0 : byte;
  }
  return bytes;
}

/** The unit's end of a line, with the faults of the wire in between. */
export class Cable implements ByteChannel {
  readonly #line: RawLine;
  readonly #faults: ReadonlySet<WireFault>;
  readonly #random: Random;
  readonly #onDeath: () => void;
  #tail: Promise<void> = Promise.resolve();
  #held = 0;
  readonly #hum: NodeJS.Timeout;

  constructor(line: RawLine, faults: ReadonlySet<WireFault>, random: Random, onDeath: () => void) {
    this.#line = line;
    this.#faults = faults;
    this.#random = random;
    this.#onDeath = onDeath;
    this.#hum = setInterval(() => this.#makeNoise(NOISE_BYTES), NOISE_EVERY_MS);
    void line.closed.then(() => clearInterval(this.#hum));
  }

  get closed(): Promise<void> {
    return this.#line.closed;
  }

  get queued(): number {
    return this.#held + this.#line.queued;
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#line.onData((bytes) => {
      if (!this.#faults.has('silence')) listener(bytes);
    });
  }

  write(bytes: Uint8Array): Promise<void> {
    // The quick way, while nothing is wrong and nothing waits.
    if (this.#faults.size === 0 && this.#held === 0) return this.#line.write(bytes);
    this.#held += bytes.length;
    const copy = bytes.slice();
    this.#tail = this.#tail.then(() => this.#carry(copy));
    return this.#tail;
  }

  async #carry(bytes: Uint8Array): Promise<void> {
    this.#held -= bytes.length;
    if (this.#faults.has('silence')) return;
    if (this.#faults.has('die-mid-answer') && bytes.length >= 8 && bytes.includes(NEWLINE)) {
      await this.#line.write(bytes.subarray(0, bytes.length >> 1));
      this.#onDeath();
      return;
    }
    this.#makeNoise(1 + Math.floor(this.#random() * NOISE_BYTES));
    if (!this.#faults.has('slowness')) return this.#line.write(bytes);
    for (let from = 0; from < bytes.length; from += SLOW_PIECE) {
      await delay(SLOW_EVERY_MS);
      await this.#line.write(bytes.subarray(from, from + SLOW_PIECE));
    }
  }

  #makeNoise(length: number): void {
    // Noise fills no memory: it waits for nobody.
    if (this.#faults.has('garbage') && this.#line.queued === 0) {
      void this.#line.write(noise(this.#random, length));
    }
  }
}
