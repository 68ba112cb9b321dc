import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BenchError } from '../../../../shared/errors/index.ts';
import { release, syncFolder } from './common.ts';
import { deriveFileKey, type FileKey, rootHash, sealFrame, sealIndex, sha256 } from './crypto.ts';
import { createCompressor } from './gzip.ts';
import {
  CHUNK,
  type Entry,
  encodeHeader,
  encodeIndex,
  encodePrefix,
  encodeTrailer,
  FLAG_GZIP,
  FLAG_LAST,
  frameSize,
  HEADER,
  MAX_CHUNKS,
  type Stored,
} from './layout.ts';
import { countLineBreaks } from './scan.ts';

/** Chunks sealed but not yet written: two compress while one is written. */
const IN_FLIGHT = 3;
/** How many stored bytes pass between two looks at the free space. */
const SPACE_CHECK = 16 * 1024 * 1024;

export interface WriterOptions {
  /** Where the finished file goes; its folder exists. */
  readonly path: string;
  /** Where it grows; same file system. */
  readonly temporary: string;
  readonly id: string;
  readonly caseKey: Uint8Array;
  /** 16 random bytes. */
  readonly salt: Uint8Array;
  /** For messages. */
  readonly name: string;
  /** Space that must stay free, so that the database on the same disk can go on committing. */
  readonly minFreeBytes: number;
  /** How the temporary file is opened. */
  readonly openFile?: (path: string) => Promise<FileHandle>;
}

/**
 * Streams content into an artifact file (see `layout.ts`) in bounded memory: about eight chunks, however
 * much comes. After an error nothing is left on the disk and every later call gives the same error.
 */
export class ArtifactWriter {
  readonly #options: WriterOptions;
  readonly #file: FileHandle;
  readonly #key: FileKey;
  readonly #header: Buffer;
  readonly #compress = createCompressor();
  readonly #hash = createHash('sha256');
  readonly #entries: Entry[] = [];
  readonly #spare: Buffer[] = [];
  #chunk: Buffer = Buffer.allocUnsafeSlow(CHUNK);
  #filled = 0;
  #size = 0;
  #lineBreaks = 0;
  #chunks = 0;
  #inFlight = 0;
  #offset = HEADER;
  #nextSpaceCheck = SPACE_CHECK;
  /** Chunks are written in order, one after the other. */
  #written: Promise<void>;
  /** Calls are served in order even when a caller does not wait. */
  #calls: Promise<unknown> = Promise.resolve();
  #wake: (() => void) | null = null;
  #failure: BenchError | null = null;
  #state: 'open' | 'finished' | 'discarded' = 'open';

  /** Throws `artifact.disk-full`, `artifact.write-failed`. */
  static async create(options: WriterOptions): Promise<ArtifactWriter> {
    try {
      await assertSpace(options);
      await mkdir(dirname(options.temporary), { recursive: true, mode: 0o700 });
      const file = await (options.openFile ?? openPrivate)(options.temporary);
      return new ArtifactWriter(options, file);
    } catch (error) {
      throw writeError(error, options.name);
    }
  }

  private constructor(options: WriterOptions, file: FileHandle) {
    this.#options = options;
    this.#file = file;
    this.#key = deriveFileKey(options.caseKey, options.id, options.salt);
    this.#header = encodeHeader({
      id: options.id,
      salt: Buffer.from(options.salt),
      keyCheck: this.#key.check,
    });
    this.#written = this.#guard(() => writeFully(file, [this.#header]));
  }

  /** Takes the bytes over when it resolves; the buffer may be used again then. */
  write(bytes: Uint8Array): Promise<void> {
    return this.#inTurn(async () => {
      this.#assertOpen();
      for (let at = 0; at < bytes.length; ) {
        if (this.#filled === CHUNK) await this.#seal(false);
        const piece = bytes.subarray(at, at + CHUNK - this.#filled);
        this.#hash.update(piece);
        this.#chunk.set(piece, this.#filled);
        this.#filled += piece.length;
        this.#size += piece.length;
        at += piece.length;
      }
    });
  }

  /**
   * Makes the file durable under its final name. On an error nothing is left of it. `accept` is told what the file is
   * right before it gets that name, and refuses it by throwing.
   */
  finish(accept: (stored: Stored) => void = () => undefined): Promise<Stored> {
    return this.#inTurn(async () => {
      this.#assertOpen();
      await this.#seal(true);
      await this.#written;
      if (this.#failure) throw this.#failure;
      const sha256 = this.#hash.digest('hex');
      const stored = await this.#orFail(() => this.#writeEnd(sha256, accept));
      this.#state = 'finished';
      return stored;
    });
  }

  /** Throws away what was written; does nothing after `finish`. Never rejects. */
  discard(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#state !== 'open') return;
      this.#state = 'discarded';
      await this.#written;
      await this.#remove();
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#calls.then(work);
    this.#calls = result.catch(() => undefined);
    return result;
  }

  #assertOpen(): void {
    if (this.#failure) throw this.#failure;
    if (this.#state !== 'open') throw new Error(`the artifact is already ${this.#state}`);
  }

  /** Hands the current chunk over; waits while too many are under way. */
  async #seal(last: boolean): Promise<void> {
    if (this.#chunks >= MAX_CHUNKS) {
      const limitGiB = (MAX_CHUNKS * CHUNK) / 2 ** 30;
      await this.#orFail(() => Promise.reject(new BenchError('artifact.too-big', { limitGiB })));
    }
    while (this.#inFlight >= IN_FLIGHT) await new Promise<void>((resolve) => (this.#wake = resolve));
    if (this.#failure) throw this.#failure;
    const buffer = this.#chunk;
    const plain = buffer.subarray(0, this.#filled);
    const k = this.#chunks++;
    this.#lineBreaks += countLineBreaks(plain);
    const lineBreaks = this.#lineBreaks;
    const packing = this.#compress(plain);
    packing.catch(() => undefined);
    this.#inFlight++;
    this.#written = this.#written.then(() =>
      this.#guard(async () => {
        const packed = await packing;
        await this.#writeFrame(k, plain.length, lineBreaks, last, packed ?? plain);
        if (packed) release(packed);
      }),
    );
    void this.#written.then(() => {
      this.#inFlight--;
      this.#spare.push(buffer);
      this.#wake?.();
      this.#wake = null;
    });
    this.#chunk = this.#spare.pop() ?? Buffer.allocUnsafeSlow(CHUNK);
    this.#filled = 0;
  }

  async #writeFrame(k: number, plain: number, lineBreaks: number, last: boolean, body: Buffer) {
    const flags = (last ? FLAG_LAST : 0) | (body.length < plain ? FLAG_GZIP : 0);
    const prefix = encodePrefix(body.length, flags);
    const [ciphertext, tag] = sealFrame(this.#key.key, this.#header, k, prefix, body);
    const hash = sha256(prefix, ciphertext, tag);
    const entry: Entry = { offset: this.#offset, length: body.length, plain, lineBreaks, flags, hash };
    await writeFully(this.#file, [prefix, ciphertext, tag]);
    release(ciphertext);
    this.#entries.push(entry);
    this.#offset += frameSize(entry);
    if (this.#offset >= this.#nextSpaceCheck) {
      this.#nextSpaceCheck = this.#offset + SPACE_CHECK;
      await assertSpace(this.#options);
    }
  }

  async #writeEnd(sha256: string, accept: (stored: Stored) => void): Promise<Stored> {
    const chunks = this.#entries.length;
    const trailer = encodeTrailer({ indexOffset: this.#offset, chunks });
    const index = encodeIndex({
      entries: this.#entries,
      size: this.#size,
      lineBreaks: this.#lineBreaks,
      sha256,
    });
    const frame = sealIndex(this.#key.key, this.#header, trailer, chunks, index);
    await writeFully(this.#file, [frame, trailer]);
    await this.#file.sync();
    await this.#file.close();
    const hashes = this.#entries.map((entry) => entry.hash);
    const stored = {
      ...{ size: this.#size, sha256, lineBreaks: this.#lineBreaks },
      root: rootHash(this.#header, hashes, frame, trailer),
      storedBytes: this.#offset + frame.length + trailer.length,
    };
    accept(stored);
    await rename(this.#options.temporary, this.#options.path);
    await syncFolder(dirname(this.#options.path));
    return stored;
  }

  /** Runs a step unless one failed before; a failure is kept, not thrown. */
  async #guard(step: () => Promise<void>): Promise<void> {
    if (this.#failure) return;
    try {
      await step();
    } catch (error) {
      this.#failure ??= writeError(error, this.#options.name);
      await this.#remove();
    }
  }

  async #orFail<T>(step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (error) {
      this.#failure = writeError(error, this.#options.name);
      await this.#written;
      await this.#remove();
      throw this.#failure;
    }
  }

  async #remove(): Promise<void> {
    await this.#file.close().catch(() => undefined);
    await rm(this.#options.temporary, { force: true }).catch(() => undefined);
    await rm(this.#options.path, { force: true }).catch(() => undefined);
  }
}

/** Never follows or reuses what is already there. */
const openPrivate = (path: string): Promise<FileHandle> => open(path, 'wx', 0o600);

/** `writev` may write less than it was given. */
async function writeFully(file: FileHandle, parts: readonly Buffer[]): Promise<void> {
  const rest = [...parts];
  while (rest.length > 0) {
    let { bytesWritten } = await file.writev(rest);
    while (rest[0] && bytesWritten >= rest[0].length) bytesWritten -= rest.shift()?.length ?? 0;
    if (rest[0]) rest[0] = rest[0].subarray(bytesWritten);
  }
}

async function assertSpace({ path, name, minFreeBytes }: WriterOptions): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(path));
  if (bavail * bsize >= minFreeBytes) return;
  const left = Math.floor((bavail * bsize) / 2 ** 20);
  const kept = Math.ceil(minFreeBytes / 2 ** 20);
  const detail = `${left} MiB are left and ${kept} MiB stay reserved for the database`;
  throw new BenchError('artifact.disk-full', { name, detail });
}

function writeError(error: unknown, name: string): BenchError {
  if (error instanceof BenchError) return error;
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const detail = code === 'EDQUOT' ? 'the quota is used up' : 'no space is left';
    return new BenchError('artifact.disk-full', { name, detail }, { cause: error });
  }
  const detail = error instanceof Error ? error.message : String(error);
  return new BenchError('artifact.write-failed', { name, detail }, { cause: error });
}
