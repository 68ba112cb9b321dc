import { createPublicKey, verify } from 'node:crypto';
import { BenchError, toBenchError } from '../../../shared/errors/index.ts';
import type { SyncReport, SyncView } from '../../../shared/model/sync.ts';
import { EnrolAnswer, type Head, PushAnswer } from '../../../shared/sync/protocol.ts';
import type { LogStore } from '../storage/log.ts';
import type { Actor } from '../storage/store.ts';
import { type HubClient, hubClient, RefusedByHub } from './hub-client.ts';
import { outbox } from './outbox.ts';
import { type Joined, syncState } from './state.ts';

/** Pause after a failure: doubling from one second to five minutes. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 300_000;
/** With nothing to send, the hub is asked now and then whether all is well. */
const QUIET_MS = 60_000;

export interface SyncOptions {
  readonly log: LogStore;
  readonly mode: 'live' | 'training';
  /** Name and prefix of the bench, as the hub should know it. */
  readonly bench: () => { name: string; prefix: string };
  /** Told whenever what `view` shows may have changed. */
  readonly changed: () => void;
  readonly note: (line: string, details: object) => void;
}

/** Brings this bench's work to its hub: exactly once, whatever is cut off, and without anybody waiting for it. */
export function createSync({ log, mode, bench, changed, note }: SyncOptions) {
  const { clock } = log;
  const state = syncState(log.db);
  const box = outbox(log);
  const stop = new AbortController();
  let client: HubClient | null = null;
  /** One exchange at a time: the loop's and those that people ask for. */
  let turn: Promise<unknown> = Promise.resolve();
  let pause = FIRST_PAUSE_MS;
  let timer: NodeJS.Timeout | null = null;
  let due = Number.POSITIVE_INFINITY;

  const joined = (): Joined => {
    const now = state.get();
    if (!now) throw new BenchError('sync.not-joined');
    return now;
  };
  const clientOf = (url: string): HubClient => {
    client ??= hubClient({ url, stationId: log.stationId, privateKey: log.privateKey, now: clock.now });
    return client;
  };
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = turn.then(work, work);
    turn = next.catch(() => {});
    return next;
  };

  function checkHead(hub: Joined, head: Head): void {
    const key = createPublicKey({ key: hub.hubKey, format: 'der', type: 'spki' });
    const hash = Buffer.from(head.hash, 'base64');
    if (!verify(null, hash, key, Buffer.from(head.signature, 'base64'))) {
      throw new BenchError('sync.not-a-hub', {
        url: hub.url,
        detail: 'its history is not signed by its key',
      });
    }
    const { head: kept } = hub;
    if (kept && (head.n < kept.n || (head.n === kept.n && !hash.equals(kept.hash)))) {
      throw new BenchError('sync.rewritten');
    }
    state.keepHead(head);
  }

  /** Sends what the hub does not have yet; gives how many entries it took. */
  async function push(signal: AbortSignal): Promise<number> {
    let sent = 0;
    let from = joined().acknowledged;
    for (;;) {
      const hub = joined();
      const request = box.next(from);
      try {
        const answer = await clientOf(hub.url).ask('POST', '/v1/push', request, PushAnswer, signal);
        checkHead(hub, answer.head);
        sent += Math.max(0, answer.acknowledged - hub.acknowledged);
        state.pushed(answer, clock.now());
        from = answer.acknowledged;
        changed();
        if (answer.acknowledged >= log.head() || request.entries.length === 0) return sent;
      } catch (error) {
        // A hub that was restored from a backup has less than it had: it is sent again from there.
        const has =
          error instanceof RefusedByHub && error.code === 'sync.hole' ? error.acknowledged : undefined;
        if (has === undefined || has >= from) throw error;
        from = has;
      }
    }
  }

  async function exchange(signal: AbortSignal): Promise<number> {
    try {
      const sent = await push(signal);
      pause = FIRST_PAUSE_MS;
      return sent;
    } catch (error) {
      if (signal.aborted) throw error;
      const problem = toBenchError(error);
      state.trouble(problem, clock.now());
      note('the hub could not be told', { code: problem.code, message: problem.message });
      changed();
      throw error;
    }
  }

  /** The next exchange by itself, `ms` from now or earlier: what comes in between does not put it off. */
  function schedule(ms: number): void {
    if (stop.signal.aborted || !state.get()) return;
    const at = clock.monotonic() + ms;
    if (timer && due <= at) return;
    if (timer) clearTimeout(timer);
    due = at;
    timer = setTimeout(() => {
      timer = null;
      void inTurn(() => exchange(stop.signal)).then(
        () => schedule(QUIET_MS),
        () => {
          schedule(pause * (0.8 + Math.random() * 0.4));
          pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
        },
      );
    }, ms);
    timer.unref();
  }

  const stopListening = log.onCommitted(() => {
    // A failing hub is not asked more often because much is going on.
    if (pause === FIRST_PAUSE_MS) schedule(100);
  });

  function view(): SyncView | null {
    const hub = state.get();
    if (!hub) return null;
    const { url, siteName, acknowledged, talkedAt, trouble, troubleSince } = hub;
    const pending = Math.max(0, log.head() - acknowledged);
    return { url, siteName, acknowledged, pending, talkedAt, trouble, troubleSince };
  }

  return {
    view,
    /** Starts to talk to the hub, where the bench has one. */
    start: (): void => schedule(0),

    /** Joins the hub that made the code. Throws `sync.joined-already`, `sync.training`, `sync.bad-address`, … */
    enrol: (actor: Actor, address: string, code: string): Promise<SyncView> =>
      inTurn(async () => {
        const before = state.get();
        if (before) throw new BenchError('sync.joined-already', { url: before.url });
        if (mode === 'training') throw new BenchError('sync.training');
        const url = hubAddress(address);
        client = null;
        const { name, prefix } = bench();
        const answer = await clientOf(url).ask(
          'POST',
          '/v1/enrol',
          {
            ...{ protocol: 1, code, stationId: log.stationId, incarnation: log.incarnation, name, prefix },
            publicKey: log.publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
            at: clock.now(),
          },
          EnrolAnswer,
          stop.signal,
        );
        const { siteId, siteName } = answer;
        log.transaction(() => {
          state.joined(url, answer, clock.now());
          const body = { url, siteId, siteName };
          log.append(actor, [{ kind: 'station.hub-joined', entityId: log.stationId, body }]);
        });
        changed();
        schedule(0);
        return view() as SyncView;
      }),

    /** Forgets the hub; what it has stays there. */
    leave: (actor: Actor): Promise<void> =>
      inTurn(async () => {
        const { url } = joined();
        log.transaction(() => {
          log.append(actor, [{ kind: 'station.hub-left', entityId: log.stationId, body: { url } }]);
          state.left();
        });
        client = null;
        changed();
      }),

    /** One exchange now; throws what keeps bench and hub apart. */
    once: (): Promise<SyncReport> =>
      inTurn(async () => {
        joined();
        const pushed = await exchange(stop.signal);
        return { ...(view() as SyncView), pushed };
      }),

    async close(): Promise<void> {
      stopListening();
      if (timer) clearTimeout(timer);
      stop.abort(new BenchError('run.station-stopped'));
      await turn;
    },
  };
}

/** Throws `sync.bad-address`. Without TLS a hub is only on this machine: what is sent names customers. */
function hubAddress(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : null;
  const isLocal = url && /^(127(\.\d+){3}|localhost|\[::1\])$/.test(url.hostname);
  if (!url || (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLocal))) {
    throw new BenchError('sync.bad-address', { url: address });
  }
  return url.origin;
}
