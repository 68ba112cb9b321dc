import { setTimeout as after } from 'node:timers/promises';
import { BenchError, isBenchError, toBenchError } from '../../../shared/errors/index.ts';
import type { Artifact } from '../../../shared/model/evidence.ts';
import { blobPath } from '../../../shared/sync/blobs.ts';
import type { IncomingCopy } from '../evidence/copies.ts';
import { download, report } from './blob-download.ts';
import type { HubConnection } from './hub-client.ts';

/** Between two reports of how far a fetch is. */
const TELL_MS = 100;

export interface FetchOptions {
  /** Throws `sync.not-joined`. */
  client(): HubConnection;
  readonly artifacts: {
    get(id: string): Artifact;
    isHere(id: string): Promise<boolean>;
    receive(id: string): Promise<IncomingCopy>;
  };
  /** An artifact is here now. */
  fetched(artifact: Artifact): void;
}

/** Who waits for one artifact; the last one to give up ends it. */
interface Flight {
  readonly done: Promise<void>;
  readonly waiting: Set<(received: number) => void>;
  readonly stop: AbortController;
  received: number;
}

/** Brings the content of artifacts here when somebody wants to see it: each once, however many ask. */
export function createFetches({ client, artifacts, fetched }: FetchOptions) {
  const flights = new Map<string, Flight>();

  async function fetch(artifact: Artifact, signal: AbortSignal, onProgress: (received: number) => void) {
    const { id, name, sha256 } = artifact;
    try {
      const hub = client();
      const copy = await artifacts.receive(id);
      try {
        await download(hub, { path: blobPath(sha256), size: artifact.size }, copy, signal, onProgress);
      } catch (error) {
        await copy.discard();
        if (isBenchError(error, 'blob.damaged')) await report(hub, sha256, signal);
        throw error;
      }
    } catch (error) {
      signal.throwIfAborted();
      const { code, message } = toBenchError(error);
      if (!code.startsWith('sync.') && code !== 'blob.unknown') throw error;
      const bench = artifact.stationName ?? 'this bench';
      throw new BenchError('artifact.elsewhere', { name, bench, detail: message }, { cause: error });
    }
    fetched(artifact);
  }

  async function flightOf(artifact: Artifact): Promise<Flight> {
    for (;;) {
      const under = flights.get(artifact.id);
      if (!under) return start(artifact);
      if (!under.stop.signal.aborted) return under;
      // Everybody has given it up, and it has not ended yet.
      await under.done.catch(() => {});
    }
  }

  function start(artifact: Artifact): Flight {
    const stop = new AbortController();
    const waiting: Flight['waiting'] = new Set();
    const onProgress = (received: number) => {
      flight.received = received;
      for (const tell of waiting) tell(received);
    };
    const done = fetch(artifact, stop.signal, onProgress).finally(() => flights.delete(artifact.id));
    done.catch(() => {});
    const flight: Flight = { done, waiting, stop, received: 0 };
    flights.set(artifact.id, flight);
    return flight;
  }

  /**
   * Resolves when the content is here and verified. Throws `artifact.elsewhere`, which says where the file is and what
   * to do, `artifact.erased`, `artifact.disk-full`, `blob.damaged`, the signal's reason.
   */
  async function bring(
    id: string,
    { signal, onProgress = () => {} }: { signal?: AbortSignal; onProgress?: (received: number) => void } = {},
  ): Promise<void> {
    const artifact = artifacts.get(id);
    if (await artifacts.isHere(id)) return;
    signal?.throwIfAborted();
    const flight = await flightOf(artifact);
    // A function of its own: two may ask with the same one.
    const tell = (received: number) => onProgress(received);
    flight.waiting.add(tell);
    tell(flight.received);
    try {
      await (signal ? unlessAborted(flight.done, signal) : flight.done);
    } finally {
      flight.waiting.delete(tell);
      if (flight.waiting.size === 0) flight.stop.abort(signal?.reason);
    }
  }

  /** The same, telling how far it is; ends when it is here, and gives up when nobody listens any more. */
  async function* follow(
    id: string,
    signal?: AbortSignal,
  ): AsyncGenerator<{ received: number; size: number }, void> {
    const { size } = artifacts.get(id);
    const gone = new AbortController();
    let received = 0;
    const done = bring(id, {
      signal: AbortSignal.any([gone.signal, ...(signal ? [signal] : [])]),
      onProgress(bytes) {
        received = bytes;
      },
    }).then(() => true);
    done.catch(() => {});
    try {
      while (!(await Promise.race([done, after(TELL_MS, false)]))) yield { received, size };
      yield { received: size, size };
    } finally {
      gone.abort(new BenchError('run.aborted'));
    }
  }

  return {
    fetch: bring,
    follow,

    /** Ends every fetch; whoever waits for one is told. */
    async close(): Promise<void> {
      const all = [...flights.values()];
      for (const { stop } of all) stop.abort(new BenchError('run.station-stopped'));
      await Promise.allSettled(all.map(({ done }) => done));
    },
  };
}

function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason);
    signal.addEventListener('abort', giveUp);
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
