import { createHash, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { z } from 'zod';
import { BenchError } from '../../../shared/errors/index.ts';
import {
  type Epoch,
  HEADERS,
  isRefusalCode,
  Refusal,
  SYNC_PROTOCOL,
  signingForm,
} from '../../../shared/sync/protocol.ts';

const gzipped = promisify(gzip);
/** A hub that says nothing for this long is taken for away. */
const ANSWER_MS = 60_000;
/** No answer is larger: a page of the feed with the longest bodies would be cut smaller by the hub. */
const WORTH_PACKING = 2048;

export interface HubClientOptions {
  readonly url: string;
  readonly stationId: string;
  /** Asked for each request: the bench may change it. */
  readonly privateKey: KeyObject;
  /** UTC instant, ISO 8601; what the clock says may be wrong. */
  now(): string;
}

/** What the hub knows better when it refuses. */
export class RefusedByHub extends BenchError {
  readonly acknowledged: number | undefined;
  readonly epochs: readonly Epoch[] | undefined;
  constructor(
    code: ConstructorParameters<typeof BenchError>[0],
    more: { readonly acknowledged?: number | undefined; readonly epochs?: readonly Epoch[] | undefined } = {},
  ) {
    super(code);
    this.acknowledged = more.acknowledged;
    this.epochs = more.epochs;
  }
}

/** A request that is to be signed. */
export interface HubRequest {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Called for each try. */
  readonly body?: (() => Uint8Array<ArrayBuffer> | AsyncIterable<Uint8Array>) | undefined;
  /** SHA-256 of the body, or of the whole that it is a part of; hex. */
  readonly bodyHash: string;
  readonly signal: AbortSignal;
}

const isTimeout = (reason: unknown): boolean =>
  reason instanceof DOMException && reason.name === 'TimeoutError';

/** What keeps a request from its answer, as one of the domain's errors. */
export function unreachable(url: string, cause: unknown): BenchError {
  const { cause: why } = cause as { cause?: unknown };
  // What the request's own content failed of.
  if (why instanceof BenchError) return why;
  const code = (why as { code?: string } | undefined)?.code;
  const detail = code ?? (cause instanceof Error ? cause.message : String(cause));
  return new BenchError('sync.unreachable', { url, detail }, { cause });
}

/** The same, unless it is the caller who gave up. */
export const apart = (url: string, cause: unknown, signal: AbortSignal): unknown =>
  signal.aborted && !isTimeout(signal.reason) ? signal.reason : unreachable(url, cause);

/**
 * The JSON of an answer, null where it is none. An answer that was cut off says nothing about who gave it: then throws
 * `sync.unreachable`, or the signal's reason.
 */
async function jsonOf(response: Response, url: string, signal: AbortSignal): Promise<unknown> {
  try {
    return JSON.parse(await response.text());
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } };
    const isWhole = error instanceof SyntaxError || cause?.code?.startsWith('Z_');
    if (isWhole) return null;
    throw apart(url, error, signal);
  }
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
/** Of a request without a body. */
export const NOTHING = hashOf(new Uint8Array());

/**
 * Talks to a hub. Every request is signed by the station's key; one that is refused because this computer's clock is off
 * is asked again by the hub's clock.
 */
export function hubClient(options: HubClientOptions) {
  const { url, stationId, now } = options;
  let skewMs = 0;

  async function once({ method, path, headers, body, bodyHash, signal }: HubRequest): Promise<Response> {
    const at = new Date(Date.parse(now()) + skewMs).toISOString();
    const form = signingForm({ method, path, stationId, at, bodyHash });
    const response = await fetch(new URL(path, url), {
      method,
      redirect: 'error',
      signal,
      headers: {
        [HEADERS.station]: stationId,
        [HEADERS.at]: at,
        [HEADERS.signature]: sign(null, Buffer.from(form, 'utf8'), options.privateKey).toString('base64'),
        [HEADERS.protocol]: String(SYNC_PROTOCOL),
        ...headers,
      },
      // Node's takes what can be iterated, which the browser's types do not know.
      ...(body ? { body: body() as NonNullable<RequestInit['body']>, duplex: 'half' } : {}),
    }).catch((cause: unknown) => {
      throw apart(url, cause, signal);
    });
    if (response.ok) return response;
    const refusal = Refusal.safeParse(await jsonOf(response, url, signal));
    if (!refusal.success)
      throw new BenchError('sync.not-a-hub', { url, detail: `status ${response.status}` });
    const { code, hubTime, ...more } = refusal.data.error;
    if (!isRefusalCode(code)) throw new BenchError('sync.unreachable', { url, detail: code });
    if (code === 'sync.clock' && hubTime) skewMs = Date.parse(hubTime) - Date.parse(now());
    throw new RefusedByHub(code, more);
  }

  /**
   * One request, asked again by the hub's clock where that helps; gives an answer that is no refusal, its body unread.
   * Throws `RefusedByHub`, `sync.unreachable`, `sync.not-a-hub`, the signal's reason.
   */
  async function send(request: HubRequest): Promise<Response> {
    const before = skewMs;
    try {
      return await once(request);
    } catch (error) {
      const isClock = error instanceof RefusedByHub && error.code === 'sync.clock';
      if (!isClock || skewMs === before) throw error;
      return once(request);
    }
  }

  return {
    url,
    send,
    /** By how much this computer's clock is behind the hub's, as far as it matters, in milliseconds. */
    skewMs: () => skewMs,
    /** Asks with JSON and is answered in JSON. Throws as `send`. */
    async ask<T>(
      method: 'GET' | 'POST',
      path: string,
      content: object | null,
      answer: z.ZodType<T>,
      signal: AbortSignal,
    ): Promise<T> {
      const text = Buffer.from(content === null ? '' : JSON.stringify(content));
      const isPacked = text.length >= WORTH_PACKING;
      const body = new Uint8Array(isPacked ? await gzipped(text, { level: 1 }) : text);
      const whole = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
      const response = await send({
        method,
        path,
        headers: {
          ...(content === null ? {} : { 'content-type': 'application/json' }),
          ...(isPacked ? { 'content-encoding': 'gzip' } : {}),
        },
        body: content === null ? undefined : () => body,
        bodyHash: content === null ? NOTHING : hashOf(body),
        signal: whole,
      });
      const parsed = answer.safeParse(await jsonOf(response, url, whole));
      if (parsed.success) return parsed.data;
      throw new BenchError('sync.not-a-hub', { url, detail: parsed.error.issues[0]?.message ?? 'no answer' });
    },
  };
}

export type HubConnection = ReturnType<typeof hubClient>;
/** What exchanging entries needs of it. */
export type HubClient = HubConnection | Pick<HubConnection, 'ask' | 'skewMs'>;
