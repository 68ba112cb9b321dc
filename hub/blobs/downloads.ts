import { createGzip } from 'node:zlib';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { blobPath } from '../../shared/sync/blobs.ts';
import { RefusedError } from '../refusal.ts';
import type { BlobStore } from './store.ts';

export interface DownloadOptions {
  readonly store: BlobStore;
  /** The site that asks for content which its history names. Throws `RefusedError`. */
  siteOf(request: FastifyRequest, sha256: string): Promise<string>;
  served(bytes: number): void;
}

/** Content by its hash, whole or in a range; whole it comes compressed to whoever asks for that. */
export function downloadRoutes(app: FastifyInstance, { store, siteOf, served }: DownloadOptions): void {
  // Asking for the head only would read the whole for nothing.
  const route = { exposeHeadRoute: false };
  app.get<{ Params: { sha256: string } }>(blobPath(':sha256'), route, async (request, reply) => {
    const { sha256 } = request.params;
    const siteId = await siteOf(request, sha256);
    const size = await store.sizeOf(siteId, sha256);
    if (size === null) throw new RefusedError('blob.unknown');
    const etag = `"${sha256}"`;
    const condition = request.headers['if-range'];
    const range = condition === undefined || condition === etag ? rangeOf(request.headers.range, size) : null;
    if (range === 'unsatisfiable') {
      const { code, message } = new RefusedError('sync.bad-request');
      return reply.status(416).header('content-range', `bytes */${size}`).send({ error: { code, message } });
    }
    reply.type('application/octet-stream').header('accept-ranges', 'bytes').header('etag', etag);
    // A hash names the same bytes for ever.
    reply.header('cache-control', 'private, max-age=31536000, immutable');
    const { start, end } = range ?? { start: 0, end: size - 1 };
    if (range) reply.status(206).header('content-range', `bytes ${start}-${end}/${size}`);
    if (end < start) return reply.header('content-length', 0).send('');
    const bytes = store.read(siteId, sha256, { start, end });
    bytes.once('close', () => served(bytes.bytesRead));
    const wantsPacked = String(request.headers['accept-encoding'] ?? '').includes('gzip');
    if (range || !wantsPacked) return reply.header('content-length', end - start + 1).send(bytes);
    reply.header('vary', 'accept-encoding').header('content-encoding', 'gzip');
    const packed = bytes.pipe(createGzip({ level: 1 }));
    bytes.once('error', (error) => packed.destroy(error));
    packed.once('close', () => bytes.destroy());
    return reply.send(packed);
  });
}

/** One range of bytes, both ends included; null when the whole is asked for, or something this does not know. */
export function rangeOf(
  header: string | undefined,
  size: number,
): { start: number; end: number } | 'unsatisfiable' | null {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return null;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return null;
  return start < size && start <= end ? { start, end } : 'unsatisfiable';
}
