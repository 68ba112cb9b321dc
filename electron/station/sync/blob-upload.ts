import { pipeline, Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createGzip, gzip } from 'node:zlib';
import { BenchError } from '../../../shared/errors/index.ts';
import { TUS, TUS_VERSION, uploadPath, uploadsPath } from '../../../shared/sync/blobs.ts';
import { apart, type HubConnection, type HubRequest } from './hub-client.ts';
import { untilSilent } from './silence.ts';

const gzipped = promisify(gzip);

/** Up to here new content goes along with the request that makes its upload: a photo takes one. */
const WITH_CREATION = 8 * 1024 * 1024;
/** Up to here a request's content is held in memory, which takes half the time of a stream. */
const AT_ONCE = 256 * 1024;
/** What is read of an artifact at a time; the most that it gives. */
const RANGE = 1024 * 1024;

export interface Content {
  readonly sha256: string;
  readonly size: number;
  /** Whether compressing it is worth the while. */
  readonly packs: boolean;
  /** Whether some of it may be at the hub already. */
  readonly begun: boolean;
  read(offset: number, length: number): Promise<Uint8Array>;
}

/**
 * Brings content to the hub, from where an earlier try broke off; when it resolves, the hub has verified it and has it on
 * its disk. Content that is there already is not sent. Throws as `HubConnection.send`, and what `read` throws.
 */
export async function upload(
  client: HubConnection,
  content: Content,
  signal: AbortSignal,
  onProgress: (sent: number) => void,
): Promise<void> {
  const { sha256, size, begun } = content;
  const metadata = `sha256 ${Buffer.from(sha256).toString('base64')}`;
  let offset = await request(client, content, signal, {
    ...{ method: 'POST', path: uploadsPath, from: begun || size > WITH_CREATION ? null : 0 },
    headers: { [TUS.length]: String(size), [TUS.metadata]: metadata },
  });
  while (offset < size) {
    onProgress(offset);
    const reached = await request(client, content, signal, {
      ...{ method: 'PATCH', path: uploadPath(sha256), from: offset },
      headers: { [TUS.offset]: String(offset) },
    });
    // Less than all was taken, without a word why: the next try is after a pause.
    if (reached <= offset) throw new BenchError('blob.wrong-offset');
    offset = reached;
  }
}

/** One request of an upload, with the content from a byte on, or without any; gives how far the hub is then. */
async function request(
  client: HubConnection,
  content: Content,
  signal: AbortSignal,
  what: {
    readonly method: 'POST' | 'PATCH';
    readonly path: string;
    readonly from: number | null;
    readonly headers: Readonly<Record<string, string>>;
  },
): Promise<number> {
  const { method, path, from, headers } = what;
  const silence = untilSilent(signal);
  try {
    const brings = {
      'content-type': TUS.content,
      ...(content.packs ? { 'content-encoding': 'gzip' } : {}),
    };
    const response = await client.send({
      ...{ method, path, bodyHash: content.sha256, signal: silence.signal },
      headers: { [TUS.version]: TUS_VERSION, ...headers, ...(from === null ? {} : brings) },
      body: from === null ? undefined : await bodyOf(content, from, silence.heard),
    });
    await response.arrayBuffer().catch((cause: unknown) => {
      throw apart(client.url, cause, silence.signal);
    });
    const offset = response.headers.get(TUS.offset);
    if (offset !== null && /^\d{1,15}$/.test(offset)) return Number(offset);
    throw new BenchError('sync.not-a-hub', { url: client.url, detail: 'it takes no files' });
  } finally {
    silence.end();
  }
}

/** What a request brings: all at once where it is little, which takes half the time, else as it is read. */
async function bodyOf(content: Content, from: number, heard: () => void): Promise<HubRequest['body']> {
  const left = content.size - from;
  if (left <= AT_ONCE) {
    const plain = left === 0 ? new Uint8Array() : await content.read(from, left);
    const bytes = new Uint8Array(content.packs ? await gzipped(plain, { level: 1 }) : plain);
    return () => bytes;
  }
  return () => {
    const plain = ranges(content, from, heard);
    // What the reading fails of ends the compression with the same error.
    return content.packs ? pipeline(Readable.from(plain), createGzip({ level: 1 }), () => {}) : plain;
  };
}

async function* ranges({ size, read }: Content, from: number, heard: () => void) {
  for (let offset = from; offset < size; ) {
    const bytes = await read(offset, Math.min(RANGE, size - offset));
    if (bytes.length === 0) return;
    yield bytes;
    offset += bytes.length;
    heard();
  }
}
