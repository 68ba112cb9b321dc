import { z } from 'zod';

/** The part of a Blob that both ends use; every host has Blob, and the wire format carries it as bytes. */
export interface Bytes {
  readonly size: number;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** What was sent as a Blob arrives as a File: the wire gives it a name. */
const BLOBS = new Set(['[object Blob]', '[object File]']);

/** A Blob of at most `limit` bytes. */
export const bytes = (limit: number) =>
  z.custom<Bytes>(
    (value) => BLOBS.has(Object.prototype.toString.call(value)) && (value as Bytes).size <= limit,
    { error: `Send a Blob of at most ${limit} bytes.` },
  );
