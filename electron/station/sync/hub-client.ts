import { createHash, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { z } from 'zod';
import { BenchError } from '../../../shared/errors/index.ts';
import {
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
  readonly privateKey: KeyObject;
  /** UTC instant, ISO 8601; what the clock says may be wrong. */
  now(): string;
}

/** What the hub knows better when it refuses. */
export class RefusedByHub extends BenchError {
  readonly acknowledged: number | undefined;
  constructor(code: ConstructorParameters<typeof BenchError>[0], acknowledged: number | undefined) {
    super(code);
    this.acknowledged = acknowledged;
  }
}

/**
 * Talks to a hub. Every request is signed by the station's key; one that is refused because this computer's clock is off
 * is asked again by the hub's clock.
 */
export function hubClient({ url, stationId, privateKey, now }: HubClientOptions) {
  let skewMs = 0;

  async function once<T>(
    method: 'GET' | 'POST',
    path: string,
    content: object | null,
    answer: z.ZodType<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const text = content === null ? Buffer.alloc(0) : Buffer.from(JSON.stringify(content));
    const isPacked = text.length >= WORTH_PACKING;
    const body = isPacked ? await gzipped(text, { level: 1 }) : text;
    const at = new Date(Date.parse(now()) + skewMs).toISOString();
    const bodyHash = createHash('sha256').update(body).digest('hex');
    const form = signingForm({ method, path, stationId, at, bodyHash });
    const response = await fetch(new URL(path, url), {
      method,
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
      headers: {
        [HEADERS.station]: stationId,
        [HEADERS.at]: at,
        [HEADERS.signature]: sign(null, Buffer.from(form, 'utf8'), privateKey).toString('base64'),
        [HEADERS.protocol]: String(SYNC_PROTOCOL),
        ...(content === null ? {} : { 'content-type': 'application/json' }),
        ...(isPacked ? { 'content-encoding': 'gzip' } : {}),
      },
      ...(content === null ? {} : { body: new Uint8Array(body) }),
    }).catch((cause: unknown) => {
      if (signal.aborted) throw signal.reason;
      const { cause: why } = cause as { cause?: { code?: string } };
      const detail = why?.code ?? (cause instanceof Error ? cause.message : String(cause));
      throw new BenchError('sync.unreachable', { url, detail }, { cause });
    });
    const said: unknown = await response.json().catch(() => null);
    if (response.ok) {
      const parsed = answer.safeParse(said);
      if (parsed.success) return parsed.data;
      throw new BenchError('sync.not-a-hub', { url, detail: parsed.error.issues[0]?.message ?? 'no answer' });
    }
    const refusal = Refusal.safeParse(said);
    if (!refusal.success)
      throw new BenchError('sync.not-a-hub', { url, detail: `status ${response.status}` });
    const { code, hubTime, acknowledged } = refusal.data.error;
    if (!isRefusalCode(code)) throw new BenchError('sync.unreachable', { url, detail: code });
    if (code === 'sync.clock' && hubTime) skewMs = Date.parse(hubTime) - Date.parse(now());
    throw new RefusedByHub(code, acknowledged);
  }

  return {
    /** By how much this computer's clock is behind the hub's, as far as it matters, in milliseconds. */
    skewMs: () => skewMs,
    /** Throws `RefusedByHub`, `sync.unreachable`, `sync.not-a-hub`, the signal's reason. */
    async ask<T>(
      method: 'GET' | 'POST',
      path: string,
      content: object | null,
      answer: z.ZodType<T>,
      signal: AbortSignal,
    ): Promise<T> {
      const before = skewMs;
      try {
        return await once(method, path, content, answer, signal);
      } catch (error) {
        const isClock = error instanceof RefusedByHub && error.code === 'sync.clock';
        if (!isClock || skewMs === before) throw error;
        return once(method, path, content, answer, signal);
      }
    },
  };
}

export type HubClient = ReturnType<typeof hubClient>;
