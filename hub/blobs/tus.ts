import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { TUS, TUS_VERSION, uploadPath, uploadsPath } from '../../shared/sync/blobs.ts';
import { RefusedError } from '../refusal.ts';
import { incomingOf } from './incoming.ts';
import type { Upload } from './store.ts';
import type { Uploads } from './uploads.ts';

export interface TusOptions {
  readonly uploads: Uploads;
  readonly largestBytes: number;
  /** What a station may send of this hash. Throws `RefusedError`. */
  uploadOf(request: FastifyRequest, sha256: string): Promise<Upload>;
  received(bytes: number): void;
}

type Named = { Params: { sha256: string } };

/**
 * Uploads as tus 1.0.0 has them (tus.io), with creation, with or without content. There is one upload for each bench and
 * content, so to make it again is to go on with it. Bytes may come compressed; offsets count the content.
 */
export function tusRoutes(app: FastifyInstance, options: TusOptions): void {
  const { uploads, uploadOf } = options;
  // The handler reads it itself, as it comes.
  app.addContentTypeParser(TUS.content, (_request, _payload, done) => done(null));

  const answer = (reply: FastifyReply, offset: number): FastifyReply =>
    reply.header(TUS.offset, offset).header('cache-control', 'no-store');

  const route = {
    async onRequest(request: FastifyRequest, reply: FastifyReply) {
      reply.header(TUS.version, TUS_VERSION);
      if (request.headers[TUS.version] === TUS_VERSION) return;
      return reply.status(412).header('tus-version', TUS_VERSION).send();
    },
  };

  async function receive(request: FastifyRequest, upload: Upload, offset: number): Promise<number> {
    const incoming = incomingOf(request);
    try {
      const reached = await uploads.receive(upload, offset, incoming);
      options.received(reached - offset);
      return reached;
    } finally {
      incoming.end();
    }
  }

  app.options(uploadsPath, (_request, reply) =>
    reply
      .status(204)
      .header(TUS.version, TUS_VERSION)
      .header('tus-version', TUS_VERSION)
      .header('tus-extension', 'creation,creation-with-upload')
      .header('tus-max-size', options.largestBytes)
      .send(),
  );

  app.post(uploadsPath, route, async (request, reply) => {
    const sha256 = metadata(request, 'sha256');
    const upload = await uploadOf(request, sha256);
    if (wholeNumber(request, TUS.length) !== upload.size) throw new RefusedError('blob.unannounced');
    let offset = await uploads.offset(upload);
    const brings = request.headers['content-type'] === TUS.content || upload.size === 0;
    if (offset === 0 && brings) offset = await receive(request, upload, 0);
    return answer(reply, offset).status(201).header('location', uploadPath(sha256)).send();
  });

  app.head<Named>(uploadPath(':sha256'), route, async (request, reply) => {
    const upload = await uploadOf(request, request.params.sha256);
    const offset = await uploads.offset(upload);
    return answer(reply, offset).header(TUS.length, upload.size).send();
  });

  app.patch<Named>(uploadPath(':sha256'), route, async (request, reply) => {
    const upload = await uploadOf(request, request.params.sha256);
    if (request.headers['content-type'] !== TUS.content) throw new RefusedError('sync.bad-request');
    const offset = await receive(request, upload, wholeNumber(request, TUS.offset));
    return answer(reply, offset).status(204).send();
  });
}

function wholeNumber(request: FastifyRequest, name: string): number {
  const value = request.headers[name];
  if (typeof value !== 'string' || !/^\d{1,15}$/.test(value)) throw new RefusedError('sync.bad-request');
  return Number(value);
}

/** A value of `Upload-Metadata`: names with base64 values, divided by commas. */
function metadata(request: FastifyRequest, wanted: string): string {
  for (const pair of String(request.headers[TUS.metadata] ?? '').split(',')) {
    const [name, value = ''] = pair.trim().split(' ');
    if (name === wanted) return Buffer.from(value, 'base64').toString('utf8');
  }
  throw new RefusedError('sync.bad-request');
}
