import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { FastifyRequest } from 'fastify';
import { RefusedError } from '../refusal.ts';
import type { Incoming } from './uploads.ts';

/** A connection on which nothing arrives for this long is dead. */
const SILENCE_MS = 120_000;

/** The content that a request brings, as it comes in, compressed or not; call `end` when it is done with. */
export function incomingOf({ raw }: FastifyRequest): Incoming & { end(): void } {
  const cut = () => void raw.destroy();
  raw.setTimeout(SILENCE_MS, cut);
  const isPacked = raw.headers['content-encoding'] === 'gzip';
  return {
    bytes: isPacked ? unpacked(raw) : pieces(raw),
    cut,
    wasCut: () => raw.destroyed && !raw.complete,
    end() {
      raw.setTimeout(0);
      // What still comes of a request that is refused must not keep its answer from leaving.
      raw.unpipe().resume();
    },
  };
}

/** The connection outlives a refusal in the middle: the answer goes out on it. */
const pieces = (bytes: Readable): AsyncIterable<Uint8Array> => bytes.iterator({ destroyOnReturn: false });

async function* unpacked(raw: Readable): AsyncGenerator<Uint8Array> {
  const plain = raw.pipe(createGunzip());
  // A pipe does not end when what is piped into it breaks off; what arrived before is good.
  raw.once('close', () => plain.end());
  try {
    yield* pieces(plain);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'Z_DATA_ERROR') throw new RefusedError('sync.bad-request');
    throw error;
  }
}
