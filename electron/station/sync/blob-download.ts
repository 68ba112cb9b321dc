import { setTimeout as after } from 'node:timers/promises';
import { BenchError, isBenchError } from '../../../shared/errors/index.ts';
import { blobPath, CheckAnswer } from '../../../shared/sync/blobs.ts';
import type { IncomingCopy } from '../evidence/copies.ts';
import { type HubConnection, NOTHING, unreachable } from './hub-client.ts';
import { untilSilent } from './silence.ts';

/** Tries without a new byte until the hub is taken for away, and the pause before the second one. */
const TRIES = 3;
const PAUSE_MS = 500;

export interface Wanted {
  readonly path: string;
  readonly size: number;
}

/**
 * Brings content from the hub; a connection that breaks off is taken up where it broke. Nothing of it is kept or shown
 * unless all of it is what was recorded. Throws as `HubConnection.send` and as `IncomingCopy`.
 */
export async function download(
  client: HubConnection,
  wanted: Wanted,
  copy: IncomingCopy,
  signal: AbortSignal,
  onProgress: (received: number) => void,
): Promise<void> {
  let failures = 0;
  while (copy.received() < wanted.size) {
    const before = copy.received();
    try {
      await readOn(client, wanted, copy, signal, onProgress);
      if (copy.received() < wanted.size) throw new BenchError('sync.unreachable', brokeOff(client));
    } catch (error) {
      failures = copy.received() > before ? 0 : failures + 1;
      if (!isBenchError(error, 'sync.unreachable') || failures === TRIES) throw error;
      await after(PAUSE_MS * 2 ** failures, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
  await copy.finish();
}

const brokeOff = ({ url }: HubConnection) => ({ url, detail: 'the connection broke off' });

/** Reads from where the copy is, for as long as the connection holds. */
async function readOn(
  client: HubConnection,
  { path }: Wanted,
  copy: IncomingCopy,
  signal: AbortSignal,
  onProgress: (received: number) => void,
): Promise<void> {
  const from = copy.received();
  const silence = untilSilent(signal);
  try {
    const response = await client.send({
      ...{ method: 'GET', path, bodyHash: NOTHING, signal: silence.signal },
      headers: {
        'accept-encoding': copy.packs && from === 0 ? 'gzip' : 'identity',
        ...(from === 0 ? {} : { range: `bytes=${from}-` }),
      },
    });
    const start = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1] ?? '0';
    if (Number(start) !== from) {
      await response.body?.cancel();
      throw new BenchError('sync.not-a-hub', { url: client.url, detail: 'it sends another part of a file' });
    }
    for await (const bytes of bodyOf(response, client, signal)) {
      silence.heard();
      await copy.write(bytes);
      onProgress(copy.received());
    }
  } finally {
    silence.end();
  }
}

/** The bytes of an answer; a connection that breaks is one of the domain's errors. */
async function* bodyOf({ body }: Response, { url }: HubConnection, signal: AbortSignal) {
  const reader = body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        signal.throwIfAborted();
        throw unreachable(url, cause);
      });
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** Tells the hub that its copy seems damaged: it looks itself, and its bench sends it anew. Never rejects. */
export async function report(client: HubConnection, sha256: string, signal: AbortSignal): Promise<void> {
  await client.ask('POST', `${blobPath(sha256)}/check`, {}, CheckAnswer, signal).catch(() => {});
}
