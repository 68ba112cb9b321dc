import { BenchError } from '../../../../shared/errors/index.ts';
import { CHUNKS_FUNCTION, packFunction } from './agent.ts';
import { type CheckName, readSum, type Summer, summer, sumOf } from './checks.ts';
import { accept, RAW } from './codecs.ts';
import { quote } from './quote.ts';
import type { ConsoleShell } from './shell.ts';

/** Smallest and largest chunk, in bytes; powers of two. */
const MIN_CHUNK = 2048;
const MAX_CHUNK = 1024 * 1024;
/** A chunk takes about this long, if it is not the largest: damage costs little then, and so does each start. */
const CHUNK_SECONDS = 1.5;
/** One command sends about this much time's worth of chunks, and at most so many bytes (kept when one is damaged). */
const SERIES_SECONDS = 6;
const SERIES_BYTES = 8 * 1024 * 1024;
const SERIES_CHUNKS = 64;
/** The first, small series finds out the speed. */
const FIRST_SERIES_BYTES = 4 * 1024;
/** gzip is tried below this rate; above it, packing costs more than sending. */
const GZIP_BELOW = 1_000_000;
const GZIP_AT_ONCE_BELOW = 64_000;
/** No chunk in this time: given up. One of 2 KiB takes 10 s at 300 baud. */
const CHUNK_TIMEOUT_MS = 60_000;
/** Given up after so many series in a row, and so long, that brought nothing whole. */
const FRUITLESS_SERIES = 10;
const FRUITLESS_MS = 20_000;

export interface PullOptions {
  readonly signal: AbortSignal;
  /** Takes the content, in order. */
  readonly write: (bytes: Buffer) => Promise<void>;
  readonly progress: (done: number, total: number | null) => void;
}

export interface Pulled {
  readonly bytes: number;
  readonly sha256: string;
  /** How the unit computed its own sum of the content; null when it cannot. */
  readonly hashedBy: CheckName | null;
  /** The unit's sum, and ours of the same kind. */
  readonly unitSum: string | null;
  readonly ourSum: string | null;
}

/** Our sums of what arrives: SHA-256, and the unit's kind where that is another. */
export class Sums {
  readonly #sha256: Summer = summer('sha256');
  readonly #other: Summer | null;
  #digests: { sha256: string; other: string | null } | null = null;

  constructor(other: CheckName | null) {
    this.#other = other === null || other === 'sha256' ? null : summer(other);
  }

  update(bytes: Uint8Array): void {
    this.#sha256.update(bytes);
    this.#other?.update(bytes);
  }

  /** SHA-256, and the sum to compare with the unit's. */
  end(): { sha256: string; ours: string } {
    this.#digests ??= { sha256: this.#sha256.digest(), other: this.#other?.digest() ?? null };
    return { sha256: this.#digests.sha256, ours: this.#digests.other ?? this.#digests.sha256 };
  }
}

/** One way to send chunks, and how fast it turned out to be. */
interface Mode {
  readonly gzip: boolean;
  /** Bytes of content per second. */
  rate: number | null;
}

/**
 * Pulls the first `size` bytes of a regular file. The file may grow meanwhile, and may be renamed: it is kept
 * open. Chunks are numbered by their first block and carry sums; a damaged one is sent again, the others stay.
 */
class FilePull {
  readonly #shell: ConsoleShell;
  /** For messages. */
  readonly #path: string;
  readonly #size: number;
  readonly #options: PullOptions;
  readonly #sums: Sums;
  /** Chunks that arrived before an earlier one did, by their offset. */
  readonly #early = new Map<number, Buffer>();
  /** Without any sum a chunk counts when it came twice the same. */
  readonly #unproven = new Map<number, Buffer>();
  readonly #plain: Mode = { gzip: false, rate: null };
  readonly #packed: Mode = { gzip: true, rate: null };
  #mode: Mode;
  /** Nothing on the unit can sum up. */
  readonly #twice: boolean;
  #next = 0;
  #chunk = MIN_CHUNK;
  #series = 0;

  constructor(shell: ConsoleShell, path: string, size: number, options: PullOptions) {
    this.#shell = shell;
    this.#path = path;
    this.#size = size;
    this.#options = options;
    this.#sums = new Sums(shell.tools.hash?.name ?? null);
    const { check, gzip } = shell.tools;
    // Where nothing else can tell damage, the sum inside gzip can.
    this.#mode = check === null && gzip ? this.#packed : this.#plain;
    this.#twice = check === null && !gzip;
  }

  async run(): Promise<Sums> {
    await this.#shell.define('G', CHUNKS_FUNCTION, this.#options.signal);
    let fruitless = 0;
    let helpedAt = performance.now();
    while (this.#next < this.#size) {
      const before = this.#next + this.#early.size;
      const from = this.#next;
      const began = performance.now();
      await this.#getSeries();
      // Each chunk counts when it came twice the same.
      if (this.#twice) await this.#getSeries();
      this.#unproven.clear();
      if (this.#next + this.#early.size > before) {
        fruitless = 0;
        helpedAt = performance.now();
      } else {
        fruitless += 1;
        // A line that is only noisy brings something in two series.
        if (fruitless === 2) await expectSize(this.#shell, this.#path, this.#size, this.#options.signal);
      }
      if (fruitless >= FRUITLESS_SERIES && performance.now() - helpedAt > FRUITLESS_MS) {
        throw this.#shell.noise('no piece of a file arrives whole');
      }
      if (this.#next === from) this.#chunk = Math.max(MIN_CHUNK, this.#chunk / 2);
      else this.#learn((this.#next - from) / ((performance.now() - began) / 1000));
    }
    return this.#sums;
  }

  /** Chooses the mode and the size of chunks by the rate of the series before. */
  #learn(rate: number): void {
    this.#series += 1;
    this.#mode.rate = rate;
    const { gzip, check } = this.#shell.tools;
    const slow = rate < (this.#series === 1 ? GZIP_AT_ONCE_BELOW : GZIP_BELOW);
    if (gzip && check !== null && this.#packed.rate === null && slow) this.#mode = this.#packed;
    else if (this.#packed.rate !== null && this.#plain.rate !== null) {
      this.#mode = this.#packed.rate > this.#plain.rate ? this.#packed : this.#plain;
    }
    const wanted = rate * CHUNK_SECONDS;
    this.#chunk = Math.min(MAX_CHUNK, Math.max(MIN_CHUNK, 2 ** Math.floor(Math.log2(Math.max(1, wanted)))));
  }

  /** Asks for the next missing chunks with one command, and takes those that arrive whole. */
  async #getSeries(): Promise<void> {
    const gapEnd = Math.min(this.#size, ...this.#early.keys());
    const missing = gapEnd - this.#next;
    const size = Math.min(this.#chunk, 2 ** Math.ceil(Math.log2(Math.max(missing, MIN_CHUNK))));
    const wanted = this.#series === 0 ? FIRST_SERIES_BYTES : (this.#mode.rate ?? size * 4) * SERIES_SECONDS;
    const bytes = Math.min(missing, SERIES_BYTES, Math.max(wanted, size));
    const count = Math.min(SERIES_CHUNKS, Math.ceil(bytes / size));
    const block = this.#next % 65536 === 0 && size % 65536 === 0 ? 65536 : MIN_CHUNK;
    await this.#shell.define('Y', packFunction(this.#shell.tools, this.#mode.gzip), this.#options.signal);
    const from = this.#next;
    const end = Math.min(gapEnd, from + size * count);
    let announced: string | undefined;
    let marks = 0;
    await this.#shell.converse<true>(
      `G ${block} ${from / block} ${size / block} ${count}`,
      async (letter, [, first, ...sum], body) => {
        marks += 1;
        if (letter === 'C') announced = first;
        if (letter === 'K' && first === announced && body !== null) {
          const offset = Number(first) * block;
          // Only what was asked for: a unit that sends anything else does not decide what is kept.
          const isAsked = offset >= from && offset < end && (offset - from) % size === 0;
          if (isAsked) await this.#take(offset, Math.min(size, gapEnd - offset), sum.join(' '), body);
        }
        // Two marks for each piece; a unit that never ends is not listened to for ever.
        return letter === 'Z' || marks >= count * 2 ? true : 'more';
      },
      { signal: this.#options.signal, timeoutMs: CHUNK_TIMEOUT_MS, onLost: () => true },
    );
  }

  /** @param length how much of it is wanted */
  async #take(offset: number, length: number, printed: string, body: Buffer): Promise<void> {
    if (offset < this.#next || this.#early.has(offset)) return;
    const { codec, check } = this.#shell.tools;
    const sum = check === null ? null : readSum(check.name, printed);
    if (check !== null && sum === null) return;
    const content = accept(body, {
      codec,
      gzip: this.#mode.gzip,
      limit: MAX_CHUNK,
      proves: (bytes) => {
        if (check !== null) return bytes.length >= length && sumOf(check.name, bytes) === sum;
        // Sent as it is, a terminal's translation of line ends shows in the length only.
        return codec === RAW ? bytes.length === length : bytes.length >= length;
      },
      strict: check === null,
    });
    if (content === null) return;
    const chunk = content.subarray(0, length);
    if (this.#twice && this.#unproven.get(offset)?.equals(chunk) !== true) {
      if (this.#unproven.size < SERIES_CHUNKS) this.#unproven.set(offset, Buffer.from(chunk));
      return;
    }
    this.#unproven.delete(offset);
    this.#early.set(offset, chunk);
    for (let ready = this.#early.get(this.#next); ready !== undefined; ready = this.#early.get(this.#next)) {
      this.#early.delete(this.#next);
      this.#next += ready.length;
      this.#sums.update(ready);
      await this.#options.write(ready);
      this.#options.progress(this.#next, this.#size);
    }
  }
}

/** The size in bytes in what `ls -l` prints of one file, or null. */
export const listedSize = (printed: string): number | null => {
  const size = /^\S+\s+\d+\s+\S+\s+\S+\s+(\d{1,15})\s/.exec(printed)?.[1];
  return size === undefined ? null : Number(size);
};

/** Throws `unit.unreadable` when the open file F is shorter by now: its log was started anew. */
async function expectSize(
  shell: ConsoleShell,
  path: string,
  size: number,
  signal: AbortSignal,
): Promise<void> {
  const { text } = await shell.text('ls -lnL "$F"', { signal, timeoutMs: 30_000, limit: 1000 });
  if ((listedSize(text) ?? size) >= size) return;
  throw new BenchError('unit.unreadable', { path, detail: 'it became shorter while it was read' });
}

/** Shell text that prints the first `size` bytes of the file F. */
const prefix = (size: number, headBytes: boolean): string => {
  if (headBytes) return `head -c ${size} "$F"`;
  const whole = Math.floor(size / MIN_CHUNK);
  const rest = `dd if="$F" bs=1 skip=${whole * MIN_CHUNK} count=${size % MIN_CHUNK} 2>/dev/null`;
  return `{ dd if="$F" bs=${MIN_CHUNK} count=${whole} 2>/dev/null;${rest};}`;
};

/**
 * Pulls the first `size` bytes of a regular file of any size, in flat memory, and has the unit sum it up.
 * Whether both sums agree is the caller's to judge. Rejects with `unit.unreadable`, `unit.no-tools`,
 * `unit.noise`, `port.timeout`, `port.gone`, or the signal's reason.
 */
export async function pullFile(
  shell: ConsoleShell,
  path: string | Uint8Array,
  size: number,
  options: PullOptions,
): Promise<Pulled> {
  const { signal } = options;
  if (!shell.tools.dd) {
    throw new BenchError('unit.no-tools', {
      address: shell.address,
      detail: 'it has no “dd” to cut files with',
    });
  }
  // Opened once, so that a log that is rotated meanwhile is still the same file.
  const opening = `p=${quote(path)};F=$p;if [ -r "$p" ];then exec 5<"$p";[ -r /proc/$$/fd/5 ]&&F=/proc/$$/fd/5;fi`;
  await shell.define('F', opening, signal);
  try {
    const shown = Buffer.from(path).toString('utf8');
    await expectSize(shell, shown, size, signal);
    const sums = await new FilePull(shell, shown, size, options).run();
    const { sha256, ours } = sums.end();
    const { hash, headBytes } = shell.tools;
    if (hash === null) return { bytes: size, sha256, hashedBy: null, unitSum: null, ourSum: null };
    const answer = await shell.text(`${prefix(size, headBytes)}|${hash.command}`, {
      signal,
      // A slow processor with a slow medium sums up 200 kB a second.
      timeoutMs: 60_000 + size / 200,
      limit: 1000,
    });
    const unitSum = readSum(hash.name, answer.text);
    return { bytes: size, sha256, hashedBy: hash.name, unitSum, ourSum: ours };
  } finally {
    await shell.forget('F', 'exec 5<&-', signal);
  }
}
