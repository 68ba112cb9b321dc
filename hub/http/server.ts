import type { KeyObject } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import type pg from 'pg';
import { z } from 'zod';
import {
  type EnrolAnswer,
  EnrolRequest,
  type FeedAnswer,
  HEADERS,
  LONGEST_WAIT_S,
  type PushAnswer,
  PushRequest,
  SYNC_PROTOCOL,
} from '../../shared/sync/protocol.ts';
import { push } from '../feed/push.ts';
import { feedEnd, readFeed, signedHead } from '../feed/read.ts';
import { createWaiting } from '../feed/waiting.ts';
import { RefusedError } from '../refusal.ts';
import { enrol } from '../stations/enrol.ts';
import { type Asking, whoAsks } from '../stations/requests.ts';
import { adminRoutes } from './admin.ts';
import { createMetrics } from './metrics.ts';

const gzipped = promisify(gzip);
const gunzipped = promisify(gunzip);

/** A push of 500 entries with the longest bodies would be larger; the station sends fewer then. */
const BODY_LIMIT = 16 * 1024 * 1024;
const UNPACKED_LIMIT = 128 * 1024 * 1024;
/** How long a stopping hub waits for answers under way. */
const PATIENCE_MS = 3_000;
/** Below this, compressing costs more than it saves. */
const WORTH_PACKING = 2048;

export interface HubOptions {
  readonly pool: pg.Pool;
  readonly key: { readonly privateKey: KeyObject; readonly publicDer: Buffer };
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer };
  log(line: string, details?: object): void;
}

export interface HubServer {
  readonly address: string;
  close(): Promise<void>;
}

const FeedQuery = z.object({
  after: z.coerce.number().int().nonnegative(),
  wait: z.coerce.number().int().min(0).max(LONGEST_WAIT_S).default(0),
});

/** Serves the hub's protocol. Rejects with the system's error when the address is taken. */
export async function serveHub(options: HubOptions): Promise<HubServer> {
  const { pool, key } = options;
  const metrics = createMetrics();
  const waiting = createWaiting(async (siteId) => (await feedEnd(pool, siteId)).n);
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    // Whoever is behind a proxy sees its address; nothing is decided by it.
    trustProxy: false,
    ...(options.tls ? { https: { cert: options.tls.cert, key: options.tls.key } } : {}),
  });
  let closing = false;

  // The exact bytes: they are what was signed.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', async (request) => {
    const theirs = Number(request.headers[HEADERS.protocol] ?? SYNC_PROTOCOL);
    if (theirs > SYNC_PROTOCOL) throw new RefusedError('sync.too-new');
  });
  app.addHook('onResponse', async (request, reply) => {
    metrics.answered(request.routeOptions.url ?? 'none', reply.statusCode, reply.elapsedTime);
  });
  app.setErrorHandler((error, request, reply) => {
    const hubTime = new Date().toISOString();
    if (error instanceof RefusedError) {
      metrics.refused(error.code);
      const { code, message, more } = error;
      return reply.status(error.status).send({ error: { code, message, hubTime, ...more } });
    }
    const status = (error as { statusCode?: number }).statusCode ?? 500;
    if (status >= 500)
      options.log('a request failed', { url: request.url, error: `${(error as Error).stack}` });
    const message = status >= 500 ? 'The hub failed; try again.' : (error as Error).message;
    return reply.status(status).send({ error: { code: 'sync.failed', message, hubTime } });
  });

  const bodyOf = (request: FastifyRequest): Buffer =>
    Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);

  async function read<T>(request: FastifyRequest, schema: z.ZodType<T>): Promise<T> {
    const raw = bodyOf(request);
    const isPacked = request.headers['content-encoding'] === 'gzip';
    const text = isPacked ? await gunzipped(raw, { maxOutputLength: UNPACKED_LIMIT }).catch(refuse) : raw;
    const parsed = schema.safeParse(
      await Promise.resolve(text.toString('utf8')).then(JSON.parse).catch(refuse),
    );
    if (!parsed.success) throw new RefusedError('sync.bad-request');
    return parsed.data;
  }

  const asks = (request: FastifyRequest): Promise<Asking> =>
    whoAsks(pool, { method: request.method, path: request.url, body: bodyOf(request) }, (name) => {
      const value = request.headers[name];
      return typeof value === 'string' ? value : undefined;
    });

  async function answer(
    request: FastifyRequest,
    reply: FastifyReply,
    content: object,
  ): Promise<FastifyReply> {
    const text = Buffer.from(JSON.stringify(content));
    reply.type('application/json').header(HEADERS.protocol, SYNC_PROTOCOL);
    const takesGzip = String(request.headers['accept-encoding'] ?? '').includes('gzip');
    if (!takesGzip || text.length < WORTH_PACKING) return reply.send(text);
    return reply.header('content-encoding', 'gzip').send(await gzipped(text, { level: 1 }));
  }

  app.post('/v1/enrol', async (request, reply) => {
    const asked = await read(request, EnrolRequest);
    const site = await enrol(pool, asked);
    options.log('a bench joined', { station: asked.stationId, name: asked.name });
    const content: EnrolAnswer = {
      ...site,
      hubKey: key.publicDer.toString('base64'),
      hubTime: new Date().toISOString(),
    };
    return answer(request, reply, content);
  });

  app.post('/v1/push', async (request, reply) => {
    const { stationId } = await asks(request);
    const pushed = await push(pool, stationId, await read(request, PushRequest));
    metrics.pushed(pushed.placed);
    waiting.tell(pushed.siteId, pushed.n);
    const content: PushAnswer = {
      acknowledged: pushed.acknowledged,
      backedUp: pushed.backedUp,
      head: signedHead(pushed.n, pushed.hash, key.privateKey),
      hubTime: new Date().toISOString(),
    };
    return answer(request, reply, content);
  });

  app.get('/v1/feed', async (request, reply) => {
    const { stationId, siteId } = await asks(request);
    const query = FeedQuery.safeParse(request.query);
    if (!query.success) throw new RefusedError('sync.bad-request');
    const { after, wait } = query.data;
    let page = await readFeed(pool, siteId, after, key.privateKey);
    if (page.entries.length === 0 && wait > 0 && !closing) {
      const gone = new AbortController();
      request.raw.once('close', () => gone.abort());
      await waiting.beyond(siteId, after, wait * 1000, gone.signal);
      page = await readFeed(pool, siteId, after, key.privateKey);
    }
    await pool.query('UPDATE stations SET seen_at = now(), read_n = $2 WHERE id = $1 AND read_n <> $2', [
      stationId,
      after,
    ]);
    metrics.pulled(page.entries.length);
    const content: FeedAnswer = { ...page, hubTime: new Date().toISOString() };
    return answer(request, reply, content);
  });

  app.get('/healthz', async () => ({ ok: true }));
  app.get('/readyz', async (_request, reply) => {
    if (closing) return reply.status(503).send({ ok: false, why: 'stopping' });
    try {
      await pool.query('SELECT 1');
      return { ok: true };
    } catch {
      return reply.status(503).send({ ok: false, why: 'the database does not answer' });
    }
  });
  app.get('/metrics', async (_request, reply) => {
    const { rows } = await pool.query<{ state: string; count: number }>(
      'SELECT state, count(*) FROM stations GROUP BY state',
    );
    return reply.type('text/plain; version=0.0.4').send(await metrics.text(rows));
  });
  adminRoutes(app, pool, read);

  await app.listen({ host: options.host, port: options.port });
  const { address, port } = app.server.address() as AddressInfo;
  const host = address.includes(':') ? `[${address}]` : address;
  return {
    address: `${options.tls ? 'https' : 'http'}://${host}:${port}`,
    async close() {
      closing = true;
      waiting.close();
      // Who is being answered gets the answer; a connection that nobody speaks on must not keep the hub from ending.
      const late = setTimeout(() => app.server.closeAllConnections(), PATIENCE_MS);
      await app.close();
      clearTimeout(late);
    },
  };
}

const refuse = (): never => {
  throw new RefusedError('sync.bad-request');
};
