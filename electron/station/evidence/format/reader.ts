import type { KeyObject } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { BenchError } from '../../../../shared/errors/index.ts';
import { release } from './common.ts';
import { deriveFileKey, openFrame, openIndex, rootHash, sha256 } from './crypto.ts';
import { expand } from './gzip.ts';
import {
  CHUNK,
  decodeHeader,
  decodeIndex,
  decodePrefix,
  decodeTrailer,
  type Entry,
  FLAG_GZIP,
  frameSize,
  HEADER,
  type Index,
  indexFrameSize,
  MIN_FILE,
  TRAILER,
} from './layout.ts';

/** The largest range read, in bytes. */
export const RANGE = CHUNK;
/** Chunks prepared ahead while one is being used. */
const AHEAD = 2;

/** Everything needed to open a stored artifact and to know that it is the right one. */
export interface ArtifactFile {
  readonly path: string;
  readonly id: string;
  readonly caseKey: Uint8Array;
  /** Root hash from the log. */
  readonly root: string;
}

/** Where in a file something is wrong; `code` names the finding. */
export function damaged(id: string, code: string, where: string, detail: string): BenchError {
  return new BenchError('artifact.damaged', {
    id,
    detail: `${where}: ${detail}`,
    finding: code,
    where,
    reason: detail,
  });
}

/** One chunk of content, authenticated; whoever uses it up may release it. */
export interface Chunk {
  readonly k: number;
  /** Where it starts in the content. */
  readonly offset: number;
  readonly bytes: Buffer;
}

/**
 * Reads an artifact file (see `layout.ts`). Every byte it gives was authenticated with the case's key and,
 * through the root hash, is what the log says was stored.
 */
export class ArtifactReader {
  readonly index: Index;
  readonly #file: FileHandle;
  readonly #id: string;
  readonly #key: KeyObject;
  readonly #header: Buffer;

  /** Throws `artifact.missing`, `artifact.damaged`. */
  static async open(artifact: ArtifactFile): Promise<ArtifactReader> {
    const file = await openForReading(artifact);
    try {
      return await ArtifactReader.#load(file, artifact);
    } catch (error) {
      await file.close();
      if (error instanceof BenchError) throw error;
      const detail = error instanceof Error ? error.message : String(error);
      throw damaged(artifact.id, 'file.unreadable', 'the file', detail);
    }
  }

  static async #load(file: FileHandle, { id, caseKey, root }: ArtifactFile): Promise<ArtifactReader> {
    const { size } = await file.stat();
    if (size < MIN_FILE) throw damaged(id, 'file.truncated', 'the file', `only ${size} bytes are left of it`);
    const header = await readExactly(file, 0, HEADER);
    const key = openHeader(id, header, caseKey);
    const trailerBytes = await readExactly(file, size - TRAILER, TRAILER);
    const trailer = decodeTrailer(trailerBytes, size);
    if (!trailer) throw damaged(id, 'file.end', 'the end of the file', 'it was cut, extended or changed');
    const { indexOffset, chunks } = trailer;
    const frame = await readExactly(file, indexOffset, indexFrameSize(chunks));
    const plain = openIndex(key, header, trailerBytes, chunks, frame);
    if (!plain) throw damaged(id, 'file.index', 'the index', 'it does not authenticate');
    const index = decodeIndex(plain, chunks, indexOffset);
    if (!index) throw damaged(id, 'file.index', 'the index', 'it contradicts itself');
    const hashes = index.entries.map((entry) => entry.hash);
    if (rootHash(header, hashes, frame, trailerBytes) !== root)
      throw damaged(id, 'file.root', 'the file', 'it is not the one that the log recorded');
    return new ArtifactReader(file, id, key, header, index);
  }

  private constructor(file: FileHandle, id: string, key: KeyObject, header: Buffer, index: Index) {
    this.#file = file;
    this.#id = id;
    this.#key = key;
    this.#header = header;
    this.index = index;
  }

  get size(): number {
    return this.index.size;
  }

  /** Content of chunk `k`, the caller's to release. Throws `artifact.damaged`, naming the chunk and its bytes. */
  async chunk(k: number): Promise<Buffer> {
    const entry = this.index.entries[k];
    if (!entry) throw new RangeError(`there is no chunk ${k}`);
    const where = chunkInWords(k, this.index.entries.length, entry);
    const wrong = (code: string, detail: string) => damaged(this.#id, code, where, detail);
    const frame = await readExactly(this.#file, entry.offset, frameSize(entry)).catch((error: Error) => {
      throw wrong('chunk.unreadable', error.message);
    });
    const hash = sha256(frame);
    if (!hash.equals(entry.hash)) {
      const owner = this.index.entries.findIndex((other) => other.hash.equals(hash));
      if (owner >= 0) throw wrong('chunk.swapped', `it holds what belongs to chunk ${owner + 1}`);
      const changed = 'its bytes were changed after they were stored';
      throw wrong('chunk.damaged', frame.length < frameSize(entry) ? 'it is cut off' : changed);
    }
    const prefix = decodePrefix(frame);
    const body = prefix && openFrame(this.#key, this.#header, k, frame);
    if (!body) throw wrong('chunk.damaged', 'it does not authenticate');
    release(frame);
    const gzipped = (entry.flags & FLAG_GZIP) !== 0;
    const plain = gzipped ? await expand(body, entry.plain) : body;
    if (gzipped) release(body);
    if (plain?.length !== entry.plain || prefix.flags !== entry.flags)
      throw wrong('chunk.damaged', 'it is not of the length that the index says');
    return plain;
  }

  /** At most `RANGE` bytes from `offset`; fewer at the end, none past it. */
  async read(offset: number, length: number): Promise<Buffer> {
    if (!Number.isSafeInteger(offset) || offset < 0 || !(length >= 1 && length <= RANGE)) {
      const detail = `a range starts at 0 or later and has 1 to ${RANGE} bytes`;
      throw new BenchError('input.invalid', { detail });
    }
    const end = Math.min(offset + length, this.size);
    if (end <= offset) return Buffer.alloc(0);
    let range: Buffer | null = null;
    for (let k = Math.floor(offset / CHUNK); k * CHUNK < end; k++) {
      const start = k * CHUNK;
      const chunk = await this.chunk(k);
      // Whoever reads everything asks for whole chunks: they need no copy.
      if (start === offset && chunk.length === end - offset) return chunk;
      range ??= Buffer.allocUnsafe(end - offset);
      chunk.copy(range, Math.max(0, start - offset), Math.max(0, offset - start), end - start);
      release(chunk);
    }
    return range ?? Buffer.alloc(0);
  }

  /**
   * All chunks from `first` on, in order, a few prepared ahead in the thread pool. Each is a promise, so that
   * a damaged one does not hide those after it.
   */
  *prepared(first = 0): Generator<{ k: number; content: Promise<Buffer> }, void> {
    const count = this.index.entries.length;
    const coming: Promise<Buffer>[] = [];
    for (let k = first; k < count; k++) {
      while (coming.length <= AHEAD && k + coming.length < count) {
        const chunk = this.chunk(k + coming.length);
        chunk.catch(() => undefined);
        coming.push(chunk);
      }
      const content = coming.shift();
      if (content) yield { k, content };
    }
  }

  /** All chunks from `first` on. Throws `artifact.damaged` at the first bad one. */
  async *chunks(first = 0): AsyncGenerator<Chunk, void> {
    for (const { k, content } of this.prepared(first)) {
      yield { k, offset: k * CHUNK, bytes: await content };
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** The file's key, after its header was found to be of this artifact and of this case's key. */
export function openHeader(id: string, bytes: Buffer, caseKey: Uint8Array): KeyObject {
  const header = decodeHeader(bytes);
  if (typeof header === 'string') throw damaged(id, 'file.header', 'the header', header);
  if (header.id !== id)
    throw damaged(id, 'file.other', 'the file', `it belongs to artifact ${header.id}, not to this one`);
  const { key, check } = deriveFileKey(caseKey, id, header.salt);
  if (!check.equals(header.keyCheck))
    throw damaged(id, 'file.key', 'the header', 'the case’s key does not open it, or it was changed');
  return key;
}

/** `chunk 3 of 12 (bytes 2,097,152 to 3,145,727)`; bytes of the content. */
export function chunkInWords(k: number, count: number, { plain }: Pick<Entry, 'plain'>): string {
  const first = k * CHUNK;
  const bytes =
    plain === 0
      ? 'no bytes'
      : `bytes ${first.toLocaleString('en')} to ${(first + plain - 1).toLocaleString('en')}`;
  return `chunk ${k + 1} of ${count} (${bytes})`;
}

export async function openForReading({ path, id }: ArtifactFile): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new BenchError('artifact.missing', { id }, { cause });
    }
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw damaged(id, 'file.unreadable', 'the file', detail);
  }
}

/** Up to `length` bytes: fewer only at the end of the file. */
export async function readExactly(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(length);
  let got = 0;
  while (got < length) {
    const { bytesRead } = await file.read(bytes, got, length - got, offset + got);
    if (bytesRead === 0) break;
    got += bytesRead;
  }
  return bytes.subarray(0, got);
}
