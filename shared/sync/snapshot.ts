import { z } from 'zod';
import { Instant, Sha256 } from '../model/common.ts';

/*
 * A site as it is at a place of its feed, for a bench that joins late: the history up to there and all that follows
 * from it, so that the bench need not compute it anew. It is worth nothing to a program whose tables are others.
 */

/** One file of lines of JSON (`SnapshotLine`), compressed by gzip. */
export const Snapshot = z.object({
  n: z.number().int().positive(),
  /** Of the feed, at `n`; base64. */
  hash: z.base64(),
  /** Which tables it has, and what wrote them: equal on both sides, or of no use. */
  form: z.string().max(100),
  /** Of the compressed file, in bytes. */
  size: z.number().int().positive(),
  sha256: Sha256,
  /** By the hub's key, over `snapshotForm`. */
  signature: z.base64(),
});
export type Snapshot = z.infer<typeof Snapshot>;

/** `GET /v1/snapshot`: the newest there is. */
export const SnapshotAnswer = z.object({ snapshot: Snapshot.nullable(), hubTime: Instant });
export type SnapshotAnswer = z.infer<typeof SnapshotAnswer>;

/** `GET /v1/snapshot/SHA256`: the file, whole or in ranges. */
export const snapshotPath = (sha256: string): string => `/v1/snapshot/${sha256}`;

/** The text a hub signs for a snapshot. */
export const snapshotForm = (
  siteId: string,
  { n, hash, form, size, sha256 }: Omit<Snapshot, 'signature'>,
): string => JSON.stringify(['repairbench snapshot v1', siteId, n, hash, form, size, sha256]);

/** Each table begins with its name and columns, and its rows follow. */
export const SnapshotLine = z.union([
  z.object({ table: z.string(), columns: z.array(z.string()) }),
  // Bytes are in an array of their own, base64.
  z.array(z.union([z.string(), z.number(), z.null(), z.tuple([z.base64()])])),
]);
