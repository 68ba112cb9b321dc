import type { FastifyInstance, FastifyRequest } from 'fastify';
import type pg from 'pg';
import type { z } from 'zod';
import { Sha256 } from '../../shared/model/common.ts';
import { blobPath, type CheckAnswer, type MissingAnswer, MissingRequest } from '../../shared/sync/blobs.ts';
import { RefusedError } from '../refusal.ts';
import type { Asking } from '../stations/requests.ts';
import { downloadRoutes } from './downloads.ts';
import { announcedSize, namedAtSite } from './named.ts';
import { BLOB_LIMITS, type BlobLimits, blobStore } from './store.ts';
import { tusRoutes } from './tus.ts';
import { createUploads, hashOf } from './uploads.ts';

const SWEEP_MS = 60 * 60_000;

export interface BlobOptions {
  readonly pool: pg.Pool;
  /** Folder of the blobs. */
  readonly dir: string;
  readonly limits: Partial<BlobLimits> | undefined;
  readonly metrics: { received(bytes: number): void; served(bytes: number): void };
  /** The station that signed a request; `sha256` in place of its body's own hash where it brings content. */
  asks(request: FastifyRequest, sha256?: string): Promise<Asking>;
  read<T>(request: FastifyRequest, schema: z.ZodType<T>): Promise<T>;
  log(line: string, details?: object): void;
}

/** The content of artifacts: benches send what they have announced, and read what their own site's history names. */
export function blobRoutes(app: FastifyInstance, options: BlobOptions): void {
  const { pool, asks, log, metrics } = options;
  const limits = { ...BLOB_LIMITS, ...options.limits };
  const store = blobStore(options.dir, limits);
  const uploads = createUploads(store);

  async function siteOf(request: FastifyRequest, sha256: string): Promise<string> {
    const { siteId } = await asks(request);
    const named = await namedAtSite(pool, siteId, [sha256]);
    if (!named.has(sha256)) throw new RefusedError('blob.unknown');
    return siteId;
  }

  tusRoutes(app, {
    uploads,
    ...limits,
    async uploadOf(request, sha256) {
      if (!Sha256.safeParse(sha256).success) throw new RefusedError('sync.bad-request');
      const brings = request.method !== 'HEAD';
      const asking = await asks(request, brings ? sha256 : undefined);
      const size = await announcedSize(pool, asking, sha256);
      if (size === null) throw new RefusedError('blob.unannounced');
      if (size > limits.largestBytes) throw new RefusedError('blob.too-large');
      return { ...asking, sha256, size };
    },
    received: metrics.received,
  });

  downloadRoutes(app, { store, siteOf, served: metrics.served });

  app.post('/v1/blobs/missing', async (request): Promise<MissingAnswer> => {
    const { siteId } = await asks(request);
    const { sha256 } = await options.read(request, MissingRequest);
    const named = await namedAtSite(pool, siteId, sha256);
    const sizes = await Promise.all(
      sha256.map((hash) => (named.has(hash) ? store.sizeOf(siteId, hash) : null)),
    );
    return { missing: sha256.filter((_, index) => sizes[index] === null) };
  });

  app.post<{ Params: { sha256: string } }>(
    `${blobPath(':sha256')}/check`,
    async (request): Promise<CheckAnswer> => {
      const { sha256 } = request.params;
      const siteId = await siteOf(request, sha256);
      if ((await store.sizeOf(siteId, sha256)) === null) throw new RefusedError('blob.unknown');
      const hash = await hashOf(store.places.path(siteId, sha256));
      if (hash.digest('hex') === sha256) return { ok: true };
      await store.setAside(siteId, sha256);
      log('a file of the hub is damaged and was set aside; its bench sends it again', { siteId, sha256 });
      return { ok: false };
    },
  );

  const sweep = async () => {
    const thrown = await uploads.sweep(Date.now() - limits.abandonedMs);
    if (thrown > 0) log('uploads that nobody went on with were thrown away', { uploads: thrown });
  };
  const timer = setInterval(() => void sweep().catch(fail), SWEEP_MS).unref();
  const fail = (error: unknown) => log('uploads could not be swept', { error: String(error) });
  app.addHook('onReady', () => sweep().catch(fail));
  app.addHook('onClose', async () => clearInterval(timer));
}
