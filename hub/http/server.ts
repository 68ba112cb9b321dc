import type { KeyObject } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:tls';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import type pg from 'pg';
import type { z } from 'zod';
import { BenchError } from '../../shared/errors/index.ts';
import {
  type Done,
  type EnrolAnswer,
  EnrolRequest,
  HEADERS,
  type PushAnswer,
  PushRequest,
  RotateRequest,
  StationRequest,
  SYNC_PROTOCOL,
} from '../../shared/sync/protocol.ts';
import { blobRoutes } from '../blobs/routes.ts';
import type { BlobLimits } from '../blobs/store.ts';
import { push } from '../feed/push.ts';
import { pathOf, signedHead } from '../feed/read.ts';
import { feedRoutes } from '../feed/routes.ts';
import { createWaiting } from '../feed/waiting.ts';
import { RefusedError } from '../refusal.ts';
import { snapshotRoutes } from '../snapshots/routes.ts';
import type { Snapshots } from '../snapshots/service.ts';
import { renameStation, rotateKey } from '../stations/changes.ts';
import { enrol } from '../stations/enrol.ts';
import {
  type Asking,
  checkProtocol,
  type Request,
  takesGzip,
  whoAsks,
  whoSigned,
} from '../stations/requests.ts';
import { feedStore } from '../storage/feed-store.ts';
import { adminRoutes } from './admin.ts';
import { adminPage } from './admin-page.ts';
import { failureOf } from './failures.ts';
import { healthRoutes } from './health.ts';
import { createMetrics } from './metrics.ts';
import { followTls, readTls, type TlsFiles } from './tls.ts';

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
  readonly snapshots: Snapshots;
  readonly key: { readonly privateKey: KeyObject; readonly publicDer: Buffer };
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly tls?: TlsFiles;
  /** Where the content of artifacts is kept. */
  readonly blobs: { readonly dir: string; readonly limits: Partial<BlobLimits> | undefined };
  /** How often the hub makes a backup by itself, in milliseconds; null when it does not. */
  readonly backupEveryMs: number | null;
  log(line: string, details?: object): void;
}

export interface HubServer {
  readonly address: string;
  close(): Promise<void>;
}

/** Serves the hub's protocol. Throws `hub.tls`, `hub.address`. */
export async function serveHub(options: HubOptions): Promise<HubServer> {
  const { pool, key } = options;
  const metrics = createMetrics();
  const store = feedStore(pool);
  const waiting = createWaiting(async (siteId) => (await store.site(siteId)).n);
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    // Whoever is behind a proxy sees its address; nothing is decided by it.
    trustProxy: false,
    ...(options.tls ? { https: readTls(options.tls) } : {}),
  });
  let closing = false;

  // The exact bytes: they are what was signed.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', async (request) => {
    checkProtocol(request.headers[HEADERS.protocol]);
  });
  app.addHook('onResponse', async (request, reply) => {
    metrics.answered(request.routeOptions.url ?? 'none', reply.statusCode, reply.elapsedTime);
  });
  app.setErrorHandler((error, request, reply) => {
    const { status, error: said } = failureOf(error);
    if (said.code !== 'sync.failed') metrics.refused(said.code);
    if (status === 500) {
      options.log('a request failed', { url: request.url, error: `${(error as Error).stack}` });
    }
    return reply.status(status).send({ error: { hubTime: new Date().toISOString(), ...said } });
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

  const signedParts = (
    request: FastifyRequest,
    sha256?: string,
  ): [Request, (name: string) => string | undefined] => [
    { method: request.method, path: request.url, body: sha256 ?? bodyOf(request) },
    (name) => {
      const value = request.headers[name];
      return typeof value === 'string' ? value : undefined;
    },
  ];
  const asks = (request: FastifyRequest, sha256?: string): Promise<Asking> =>
    whoAsks(pool, ...signedParts(request, sha256));

  async function answer(
    request: FastifyRequest,
    reply: FastifyReply,
    content: object,
  ): Promise<FastifyReply> {
    const text = Buffer.from(JSON.stringify(content));
    reply.type('application/json').header(HEADERS.protocol, SYNC_PROTOCOL);
    if (!takesGzip(request) || text.length < WORTH_PACKING) return reply.send(text);
    return reply.header('content-encoding', 'gzip').send(await gzipped(text, { level: 1 }));
  }

  app.post('/v1/enrol', async (request, reply) => {
    const asked = await read(request, EnrolRequest);
    const site = await enrol(pool, asked);
    options.log('a bench joined', { station: asked.stationId, name: asked.name });
    const { epochs } = await store.site(site.siteId);
    const content: EnrolAnswer = {
      ...site,
      ...pathOf(epochs),
      hubKey: key.publicDer.toString('base64'),
      hubTime: new Date().toISOString(),
    };
    return answer(request, reply, content);
  });

  app.post('/v1/push', async (request, reply) => {
    const { stationId } = await asks(request);
    const pushed = await push(store, stationId, await read(request, PushRequest));
    metrics.pushed(pushed.placed);
    waiting.tell(pushed.siteId, pushed.n);
    const content: PushAnswer = {
      acknowledged: pushed.acknowledged,
      backedUp: pushed.backedUp,
      head: signedHead(pushed.n, pushed.hash, key.privateKey),
      ...pathOf(pushed.epochs),
      hubTime: new Date().toISOString(),
    };
    return answer(request, reply, content);
  });

  app.post('/v1/station', async (request, reply) => {
    const asking = await asks(request);
    await renameStation(pool, asking, await read(request, StationRequest));
    return answer(request, reply, done());
  });

  app.post('/v1/rotate', async (request, reply) => {
    const signer = await whoSigned(pool, ...signedParts(request));
    await rotateKey(pool, signer, await read(request, RotateRequest));
    options.log('a bench has another key', { station: signer.stationId });
    return answer(request, reply, done());
  });

  feedRoutes(app, { pool, store, waiting, key: key.privateKey, metrics, asks, isClosing: () => closing });
  snapshotRoutes(app, options.snapshots, (request) => asks(request));
  healthRoutes(app, pool, metrics, () => closing);
  adminRoutes(app, { pool, backupEveryMs: options.backupEveryMs, read });
  adminPage(app);
  blobRoutes(app, { pool, ...options.blobs, metrics: metrics.blobs, asks, read, log: options.log });

  await app.listen({ host: options.host, port: options.port }).catch((cause: Error) => {
    const address = `${options.host}:${options.port}`;
    throw new BenchError('hub.address', { address, detail: cause.message }, { cause });
  });
  const leaveTls = options.tls
    ? followTls(app.server as unknown as Server, options.tls, options.log)
    : () => {};
  const { address, port } = app.server.address() as AddressInfo;
  const host = address.includes(':') ? `[${address}]` : address;
  return {
    address: `${options.tls ? 'https' : 'http'}://${host}:${port}`,
    async close() {
      closing = true;
      waiting.close();
      leaveTls();
      // Who is being answered gets the answer; a connection that nobody speaks on must not keep the hub from ending.
      const late = setTimeout(() => app.server.closeAllConnections(), PATIENCE_MS);
      await app.close();
      clearTimeout(late);
    },
  };
}

const done = (): Done => ({ hubTime: new Date().toISOString() });

const refuse = (): never => {
  throw new RefusedError('sync.bad-request');
};
