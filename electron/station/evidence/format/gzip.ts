import { constants, gunzip, gzip } from 'node:zlib';
import { release } from './common.ts';
import { CHUNK } from './layout.ts';

/** Output in one piece, so that each chunk is one visit to the thread pool. */
const ROOM = 4096;
const FAST = { level: constants.Z_BEST_SPEED, chunkSize: CHUNK + ROOM };

const compress = (bytes: Uint8Array): Promise<Buffer> =>
  new Promise((resolve, reject) =>
    gzip(bytes, FAST, (error, result) => (error ? reject(error) : resolve(result))),
  );

/** Samples of a chunk that tell whether gzip has anything to gain in it. */
const SAMPLES = 4;
const SAMPLE = 16 * 1024;

/**
 * Compresses chunk after chunk in the thread pool. After a chunk that did not shrink (a photo, a firmware
 * image), the next is sampled first: trying in vain costs ten times what everything else does.
 */
export function createCompressor(): (chunk: Buffer) => Promise<Buffer | null> {
  let doubtful = false;
  return async (chunk) => {
    if (doubtful && chunk.length === CHUNK) {
      const step = CHUNK / SAMPLES;
      const sample = Buffer.concat(
        Array.from({ length: SAMPLES }, (_, n) => chunk.subarray(n * step, n * step + SAMPLE)),
      );
      if ((await compress(sample)).length > sample.length * 0.97) return null;
    }
    const packed = await compress(chunk);
    doubtful = packed.length >= chunk.length;
    if (!doubtful) return packed;
    release(packed);
    return null;
  };
}

/** Exactly `size` bytes, or null when the data is no gzip or expands to another size. */
export function expand(packed: Uint8Array, size: number): Promise<Buffer | null> {
  return new Promise((resolve) =>
    gunzip(packed, { chunkSize: size + ROOM, maxOutputLength: size + 1 }, (error, plain) =>
      resolve(error || plain.length !== size ? null : plain),
    ),
  );
}
