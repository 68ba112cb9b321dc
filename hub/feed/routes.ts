import type { KeyObject } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type pg from 'pg';
import { z } from 'zod';
import {
  BATCH,
  type FeedAnswer,
  HEADERS,
  LONGEST_WAIT_S,
  SYNC_PROTOCOL,
} from '../../shared/sync/protocol.ts';
import { RefusedError } from '../refusal.ts';
import { type Asking, takesGzip } from '../stations/requests.ts';
import { createPages } from './pages.ts';
import { readFeed } from './read.ts';
import type { FeedReads } from './store.ts';
import type { Waiting } from './waiting.ts';

/** While a bench reads much, how far it is is noted after so many pages: it is shown to people, nothing rests on it. */
const NOTED_EVERY = 20;

const FeedQuery = z.object({
  after: z.coerce.number().int().nonnegative(),
  wait: z.coerce.number().int().min(0).max(LONGEST_WAIT_S).default(0),
});

export interface FeedOptions {
  readonly pool: pg.Pool;
  readonly store: FeedReads;
  readonly waiting: Waiting;
  readonly key: KeyObject;
  readonly metrics: { pulled(entries: number): void };
  asks(request: FastifyRequest): Promise<Asking>;
  isClosing(): boolean;
}

/** The site's history, in pages; who has read all of it can wait for more. */
export function feedRoutes(app: FastifyInstance, options: FeedOptions): void {
  const { pool, store, waiting, key, metrics, asks, isClosing } = options;
  const pages = createPages(store, key);

  app.get('/v1/feed', async (request, reply) => {
    const { stationId, siteId } = await asks(request);
    const query = FeedQuery.safeParse(request.query);
    if (!query.success) throw new RefusedError('sync.bad-request');
    const { after, wait } = query.data;
    let page = await pages.read(siteId, after);
    if (page.count === 0 && wait > 0 && !isClosing()) {
      const gone = new AbortController();
      request.raw.once('close', () => gone.abort());
      await waiting.beyond(siteId, after, wait * 1000, gone.signal);
      page = await pages.read(siteId, after);
    }
    if (page.count < BATCH || after % (BATCH * NOTED_EVERY) === 0) {
      await pool.query('UPDATE stations SET seen_at = now(), read_n = $2 WHERE id = $1 AND read_n <> $2', [
        stationId,
        after,
      ]);
    }
    metrics.pulled(page.count);
    reply.type('application/json').header(HEADERS.protocol, SYNC_PROTOCOL);
    const hubTime = new Date().toISOString();
    if (!takesGzip(request)) {
      const content: FeedAnswer = { ...(await readFeed(store, siteId, after, key)), hubTime };
      return reply.send(JSON.stringify(content));
    }
    // What is packed in two parts is unpacked as one (RFC 1952, section 2.2).
    const rest = gzipSync(JSON.stringify({ ...page.now, hubTime }).replace('{', ','), { level: 1 });
    return reply.header('content-encoding', 'gzip').send(Buffer.concat([page.packed, rest]));
  });
}
