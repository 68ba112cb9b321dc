/**
 * Chance from a seed: the same seed gives the same sequence, on every machine. Streams forked by name do not disturb
 * each other, so that one thing more that is left to chance changes nothing of the rest.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: string) {
    const words = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 0x71374491].map((word) => mix(seed, word));
    [this.#a = 1, this.#b = 2, this.#c = 3, this.#d = 4] = words;
    for (let i = 0; i < 12; i++) this.#next();
    this.#seed = seed;
  }
  readonly #seed: string;

  fork(name: string): Random {
    return new Random(`${this.#seed}/${name}`);
  }

  /** sfc32 */
  #next(): number {
    const t = (((this.#a + this.#b) | 0) + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (this.#c << 21) | (this.#c >>> 11);
    this.#c = (this.#c + t) | 0;
    return t >>> 0;
  }

  /** From 0 up to, but not, 1. */
  fraction(): number {
    return this.#next() / 0x1_0000_0000;
  }

  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number {
    return from + Math.floor(this.fraction() * (to - from + 1));
  }

  /** Whether something that happens with this probability does. */
  happens(probability: number): boolean {
    return probability > 0 && this.fraction() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.fraction() * list.length)] as T;
  }

  /** By weight. */
  weighted<T extends string>(weights: Readonly<Record<T, number>>): T {
    const names = Object.keys(weights) as T[];
    let left = this.fraction() * names.reduce((sum, name) => sum + weights[name], 0);
    for (const name of names) {
      left -= weights[name];
      if (left < 0) return name;
    }
    return names.at(-1) as T;
  }

  bytes(count: number): Buffer {
    const bytes = Buffer.allocUnsafe(count);
    for (let i = 0; i < count; i += 4) {
      const word = this.#next();
      for (let j = 0; j < 4 && i + j < count; j++) bytes[i + j] = (word >>> (8 * j)) & 0xff;
    }
    return bytes;
  }

  /** A UUIDv7 of an instant, in milliseconds. */
  id(ms: number): string {
    const time = ms.toString(16).padStart(12, '0');
    const [a, b, c] = [this.#next(), this.#next(), this.#next()];
    const variant = (0x8000 | (b & 0x3fff)).toString(16);
    const tail = hex(c, 8) + hex(b >>> 16, 4);
    return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(a & 0xfff, 3)}-${variant}-${tail}`;
  }
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

function mix(text: string, start: number): number {
  let hash = start;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}
