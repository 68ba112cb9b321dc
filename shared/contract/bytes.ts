import { z } from 'zod';

/** The part of a Blob that both ends use; every host has Blob, and the wire format carries it as bytes. */
export interface Bytes {
  readonly size: number;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** A Blob of at most `limit` bytes. */
export const bytes = (limit: number) =>
  z.custom<Bytes>(
    (value) => Object.prototype.toString.call(value) === '[object Blob]' && (value as Bytes).size <= limit,
    { error: `Send a Blob of at most ${limit} bytes.` },
  );
