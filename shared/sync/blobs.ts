import { z } from 'zod';
import { Sha256 } from '../model/common.ts';

/*
 * How the content of artifacts travels between a bench and its hub: by tus 1.0.0 (tus.io) to the hub, by HTTP ranges
 * from it. The signature of a request that brings content (`signingForm`) has the SHA-256 of the whole content as its
 * body's hash: every byte of it is covered, however many requests it takes, and nothing is held back to be hashed first.
 */

export const TUS_VERSION = '1.0.0';
export const TUS = {
  version: 'tus-resumable',
  length: 'upload-length',
  offset: 'upload-offset',
  metadata: 'upload-metadata',
  content: 'application/offset+octet-stream',
} as const;

export const uploadsPath = '/v1/uploads';
/** An upload is made, and gone on with, under the hash of what it brings. */
export const uploadPath = (sha256: string): string => `${uploadsPath}/${sha256}`;
export const blobPath = (sha256: string): string => `/v1/blobs/${sha256}`;

/** `POST /v1/blobs/missing`: which of these the hub cannot give to the bench’s site. */
export const MissingRequest = z.object({ sha256: z.array(Sha256).max(1000) });
export const MissingAnswer = z.object({ missing: z.array(Sha256) });
export type MissingAnswer = z.infer<typeof MissingAnswer>;

/** `POST /v1/blobs/HASH/check`: the hub reads its copy again; one that is damaged is set aside. */
export const CheckAnswer = z.object({ ok: z.boolean() });
export type CheckAnswer = z.infer<typeof CheckAnswer>;
