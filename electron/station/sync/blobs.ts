import { BenchError, type ErrorCode, isBenchError, toBenchError } from '../../../shared/errors/index.ts';
import type { Artifact } from '../../../shared/model/evidence.ts';
import type { BlobsView } from '../../../shared/model/sync.ts';
import type { ArtifactAdded } from '../../../shared/ops/evidence.ts';
import { MissingAnswer } from '../../../shared/sync/blobs.ts';
import type { IncomingCopy } from '../evidence/copies.ts';
import { type AddedHere, addedHere } from '../evidence/queries.ts';
import type { LogStore } from '../storage/log.ts';
import { createFetches } from './blob-fetches.ts';
import { blobQueue } from './blob-queue.ts';
import { upload } from './blob-upload.ts';
import { type HubConnection, hubClient } from './hub-client.ts';
import { repeating } from './repeating.ts';
import { type Joined, requestsTo, syncState } from './state.ts';

/** With nothing to send, it is looked now and then whether something came. */
const QUIET_MS = 60_000;
/** After an entry was acknowledged: more may follow at once. */
const SOON_MS = 50;
/** How often the hub is asked whether it still has what it was sent: it may have found damage. */
const RECHECK_MS = 24 * 60 * 60_000;
/** Hashes in one such question. */
const PAGE = 1000;

/** What is wrong with one file alone: the others go on. */
const OF_ONE_FILE: readonly ErrorCode[] = [
  'artifact.missing',
  'artifact.damaged',
  'artifact.erased',
  'input.not-found',
  'blob.too-large',
  'blob.wrong-content',
];

interface Trouble {
  readonly problem: BenchError;
  readonly since: string;
}

export interface BlobsOptions {
  readonly log: LogStore;
  readonly artifacts: {
    added(): readonly AddedHere[];
    get(id: string): Artifact;
    isHere(id: string): Promise<boolean>;
    read(id: string, offset: number, length: number): Promise<Uint8Array>;
    receive(id: string): Promise<IncomingCopy>;
  };
  /** Told whenever what `view` shows, or an artifact, may have changed: which topics are to be read again. */
  readonly changed: (topics: readonly string[]) => void;
  readonly note: (line: string, details: object) => void;
}

/**
 * The content of artifacts between this bench and its hub. What was added here is sent in the background, oldest first,
 * one at a time, never in the way of entries; what was added elsewhere is fetched when somebody wants to see it.
 */
export function createBlobs({ log, artifacts, changed, note }: BlobsOptions) {
  const { clock } = log;
  const state = syncState(log.db);
  const queue = blobQueue(log.db, artifacts.added);
  const stop = new AbortController();
  /** Files that cannot be sent, and why; they are tried again when the bench is next opened. */
  const stuck = new Map<string, Trouble>();
  /** Files of which the hub has nothing: they were added since the bench was opened, and were never tried. */
  const fresh = new Set<string>();
  let trouble: Trouble | null = null;
  let current: { readonly id: string; sent: number } | null = null;
  /** When the hub was asked what it has lost, and in which epoch of the site's history. */
  let checked: { readonly epoch: string; readonly at: number } | null = null;
  let hub: HubConnection | null = null;

  function clientOf({ url }: Joined): HubConnection {
    if (hub?.url !== url) {
      hub = hubClient(requestsTo(url, log));
    }
    return hub;
  }

  const fetches = createFetches({
    artifacts,
    client() {
      const joined = state.get();
      if (!joined) throw new BenchError('sync.not-joined');
      return clientOf(joined);
    },
    fetched: ({ caseId }) => changed([`case:${caseId}`]),
  });

  /** Puts back into the queue what the hub has lost. */
  async function recheck(joined: Joined): Promise<void> {
    const { siteId } = joined;
    // A hub that was restored begins another epoch.
    const epoch = log.epochs().epochs.at(-1)?.id ?? siteId;
    if (checked?.epoch === epoch && clock.monotonic() - checked.at < RECHECK_MS) return;
    const sent = queue.sent(siteId);
    for (let from = 0; from < sent.length; from += PAGE) {
      const page = sent.slice(from, from + PAGE);
      const sha256 = page.map((one) => one.sha256);
      const answer = await clientOf(joined).ask(
        ...(['POST', '/v1/blobs/missing', { sha256 }, MissingAnswer, stop.signal] as const),
      );
      const missing = new Set(answer.missing);
      const lost = page.filter((one) => missing.has(one.sha256));
      queue.again(
        siteId,
        lost.map(({ id }) => id),
      );
    }
    checked = { epoch, at: clock.monotonic() };
  }

  async function send(joined: Joined, one: AddedHere): Promise<void> {
    const { id } = one;
    const read = (offset: number, length: number) => artifacts.read(id, offset, length);
    const sending = { id, sent: 0 };
    current = sending;
    try {
      const content = { ...one, read, begun: !fresh.delete(id) };
      await upload(clientOf(joined), content, stop.signal, (sent) => {
        // It gets further each time: a line that breaks often must not be waited for longer and longer.
        if (sent > sending.sent) loop.progressed();
        sending.sent = sent;
        changed(['hub']);
      });
    } finally {
      current = null;
    }
    queue.done(joined.siteId, id, clock.now());
    loop.progressed();
  }

  /** Sends what there is to send. */
  async function sendAll(joined: Joined): Promise<void> {
    await recheck(joined);
    for (const one of queue.of(joined.siteId)) {
      if (stuck.has(one.id)) continue;
      if (state.get()?.siteId !== joined.siteId) return;
      try {
        await send(joined, one);
      } catch (error) {
        // Its entry is on its way, and wakes this when it has arrived.
        if (isBenchError(error, 'blob.unannounced')) return;
        if (!isBenchError(error, ...OF_ONE_FILE)) throw error;
        stuck.set(one.id, { problem: error, since: clock.now() });
        note('a file cannot be sent to the hub', {
          artifact: one.id,
          code: error.code,
          message: error.message,
        });
      }
      changed(['hub']);
    }
  }

  const loop = repeating({
    async work() {
      const joined = state.get();
      if (!joined) return;
      try {
        await sendAll(joined);
        trouble = null;
      } catch (error) {
        if (!stop.signal.aborted) {
          const problem = toBenchError(error);
          trouble = { problem, since: trouble?.since ?? clock.now() };
          note('files could not be sent to the hub', { code: problem.code, message: problem.message });
          changed(['hub']);
        }
        throw error;
      }
    },
    everyMs: QUIET_MS,
    monotonic: clock.monotonic,
    isWanted: () => state.get() !== null,
  });

  const stopListening = log.onCommitted((ops) => {
    for (const { kind, stationId, body } of ops) {
      if (kind === 'artifact.added' && stationId === log.stationId) {
        const one = addedHere(body as ArtifactAdded);
        fresh.add(one.id);
        queue.add(one);
      }
    }
  });

  return {
    /** How many files the hub lacks, and what keeps them here; null when the bench belongs to no hub. */
    view(): BlobsView | null {
      const joined = state.get();
      if (!joined) return null;
      const waiting = [...queue.of(joined.siteId)];
      const bytes = waiting.reduce((sum, { size }) => sum + size, 0);
      const held = waiting.find(({ id }) => stuck.has(id));
      const told = trouble ?? (held && stuck.get(held.id)) ?? null;
      const about = trouble || !held ? '' : `“${held.name}”: `;
      return {
        pending: waiting.length,
        pendingBytes: Math.max(0, bytes - (current?.sent ?? 0)),
        trouble: told && {
          code: told.problem.code,
          message: `${about}${told.problem.message}`,
          hint: told.problem.hint,
        },
        troubleSince: told?.since ?? null,
      };
    },
    /** Starts to send, where the bench has a hub. */
    start: (): void => loop.soon(0),
    /** Entries were acknowledged, or a hub was joined. */
    wake: (): void => loop.soon(SOON_MS),
    fetch: fetches.fetch,
    follow: fetches.follow,
    async close(): Promise<void> {
      stopListening();
      stop.abort(new BenchError('run.station-stopped'));
      await Promise.all([fetches.close(), loop.close()]);
    },
  };
}
