import { createReadStream } from 'node:fs';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Sha256 } from '../../shared/model/common.ts';
import { type SnapshotAnswer, snapshotPath } from '../../shared/sync/snapshot.ts';
import { rangeOf } from '../blobs/downloads.ts';
import { RefusedError } from '../refusal.ts';
import type { Asking } from '../stations/requests.ts';
import type { Snapshots } from './service.ts';

/** The newest snapshot of the asking bench's site, and its file, whole or in a range. */
export function snapshotRoutes(
  app: FastifyInstance,
  snapshots: Snapshots,
  asks: (request: FastifyRequest) => Promise<Asking>,
): void {
  app.get('/v1/snapshot', async (request): Promise<SnapshotAnswer> => {
    const { siteId } = await asks(request);
    return { snapshot: snapshots.newest(siteId), hubTime: new Date().toISOString() };
  });

  const route = { exposeHeadRoute: false };
  app.get<{ Params: { sha256: string } }>(snapshotPath(':sha256'), route, async (request, reply) => {
    const { siteId } = await asks(request);
    const { sha256 } = request.params;
    const file = Sha256.safeParse(sha256).success ? snapshots.file(siteId, sha256) : null;
    if (!file) throw new RefusedError('blob.unknown');
    const range = rangeOf(request.headers.range, file.size);
    reply.type('application/octet-stream').header('accept-ranges', 'bytes');
    if (range === 'unsatisfiable') {
      return reply.status(416).header('content-range', `bytes */${file.size}`).send();
    }
    const { start, end } = range ?? { start: 0, end: file.size - 1 };
    if (range) reply.status(206).header('content-range', `bytes ${start}-${end}/${file.size}`);
    return reply.header('content-length', end - start + 1).send(createReadStream(file.path, { start, end }));
  });
}
