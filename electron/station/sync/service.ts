import { BenchError, isBenchError, toBenchError } from '../../../shared/errors/index.ts';
import type { SyncReport, SyncView } from '../../../shared/model/sync.ts';
import { EnrolAnswer, LONGEST_WAIT_S } from '../../../shared/sync/protocol.ts';
import type { LogStore } from '../storage/log.ts';
import type { Actor } from '../storage/store.ts';
import { benchName, openReviews } from './directory.ts';
import { createExchange } from './exchange.ts';
import { type HubClient, hubClient } from './hub-client.ts';
import { createIntroduction } from './introduction.ts';
import { repeating } from './repeating.ts';
import { type Joined, requestsTo, syncState } from './state.ts';

/** With nothing to send, the hub is asked now and then whether all is well. */
const QUIET_MS = 60_000;
/** What is written in one go is sent in one. */
const GATHER_MS = 100;

export interface SyncOptions {
  readonly log: LogStore;
  readonly mode: 'live' | 'training';
  /** Name and prefix of the bench, as the hub should know it. */
  readonly bench: () => { name: string; prefix: string };
  /** Told whenever what `view` shows may have changed. */
  readonly changed: () => void;
  /** Told when everything that is shown of the site may have changed. */
  readonly anew: () => void;
  readonly note: (line: string, details: object) => void;
  /** How to talk to a hub; over HTTP when it is left out. */
  readonly client?: (url: string) => HubClient;
}

/**
 * Brings this bench's work to its hub, and the other benches' work here: exactly once, whatever is cut off, and without
 * anybody waiting for it.
 */
export function createSync(options: SyncOptions) {
  const { log, mode, bench, changed, note } = options;
  const { clock } = log;
  const state = syncState(log.db);
  const stop = new AbortController();
  let client: HubClient | null = null;
  /** One exchange at a time: the loop's and those that people ask for. */
  let turn: Promise<unknown> = Promise.resolve();

  const joined = (): Joined => {
    const now = state.get();
    if (!now) throw new BenchError('sync.not-joined');
    return now;
  };
  const clientOf = (url: string): HubClient => {
    client ??= options.client?.(url) ?? hubClient(requestsTo(url, log));
    return client;
  };
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = turn.then(work, work);
    turn = next.catch(() => {});
    return next;
  };
  const introduction = createIntroduction(log, state);
  const exchange = createExchange({
    log,
    state,
    joined,
    client: () => clientOf(joined().url),
    changed,
    progressed: (way) => (way === 'sending' ? sending : reading).progressed(),
    anew: options.anew,
  });

  /** Does it; what goes wrong is remembered for people to see. */
  async function telling<T>(work: () => Promise<T>): Promise<T> {
    const before = state.get();
    try {
      return await work();
    } catch (error) {
      if (stop.signal.aborted || !state.get()) throw error;
      const problem = toBenchError(error);
      // What got through in between did not end what is as wrong as before.
      const since = before?.trouble?.code === problem.code ? before.troubleSince : null;
      state.trouble(problem, since ?? clock.now());
      note('bench and hub are apart', { code: problem.code, message: problem.message });
      changed();
      throw error;
    }
  }

  /** Says who the bench is, where that changed, and sends what it did. */
  async function send(): Promise<number> {
    const connection = clientOf(joined().url);
    await introduction.key(connection, stop.signal);
    const problem = await introduction.name(connection, bench(), stop.signal);
    const sent = await exchange.push(stop.signal);
    if (problem) throw problem;
    return sent;
  }

  const isJoined = () => state.get() !== null;
  const sending = repeating({
    work: () => inTurn(() => telling(send)),
    everyMs: QUIET_MS,
    monotonic: clock.monotonic,
    isWanted: isJoined,
  });
  let wasApart = false;
  const reading = repeating({
    async work() {
      try {
        await telling(() => exchange.pull(listening.signal, LONGEST_WAIT_S));
      } catch (error) {
        wasApart = true;
        throw error;
      }
      // That the hub can be heard again is for the sender to find out, who clears the trouble.
      if (wasApart) sending.soon(0);
      wasApart = false;
    },
    everyMs: 0,
    monotonic: clock.monotonic,
    isWanted: isJoined,
  });
  let listening = new AbortController();

  const stopListening = log.onCommitted((ops) => {
    if (ops.some(({ stationId }) => stationId === log.stationId)) sending.soon(GATHER_MS);
  });

  function begin(): void {
    sending.soon(0);
    reading.soon(0);
  }

  function view(): SyncView | null {
    const hub = state.get();
    if (!hub) return null;
    const { url, siteName, acknowledged, talkedAt, trouble, troubleSince } = hub;
    const pending = Math.max(0, log.head() - acknowledged);
    const read = log.readFeed()?.n ?? 0;
    const unread = Math.max(0, exchange.last() - read);
    return {
      url,
      siteName,
      acknowledged,
      pending,
      read,
      unread,
      ...openReviews(log.db),
      talkedAt,
      trouble,
      troubleSince,
    };
  }

  return {
    view,
    /** Starts to talk to the hub, where the bench has one. */
    start: begin,

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
          state.told({ name, prefix });
          log.openSite(siteId);
          exchange.follow(joined(), answer.epochs);
          const body = { url, siteId, siteName };
          log.append(actor, [{ kind: 'station.hub-joined', entityId: log.stationId, body }]);
          // A bench that was never given a name has one all the same, by which the others call it.
          if (benchName(log.db, log.stationId) === null) {
            const settings = { stationName: name, benchPrefix: prefix };
            log.append(actor, [{ kind: 'station.settings', entityId: log.stationId, body: settings }]);
          }
        });
        options.anew();
        changed();
        begin();
        return view() as SyncView;
      }),

    /** Forgets the hub; what it has stays there, and what other benches did stays here. */
    leave: (actor: Actor): Promise<void> => {
      listening.abort(new BenchError('sync.not-joined'));
      listening = new AbortController();
      return inTurn(async () => {
        const { url } = joined();
        log.transaction(() => {
          log.append(actor, [{ kind: 'station.hub-left', entityId: log.stationId, body: { url } }]);
          state.left();
        });
        client = null;
        changed();
      });
    },

    /** Makes another key for this bench; the hub is told with the next exchange. */
    rotateKey: (actor: Actor): Promise<void> =>
      inTurn(async () => {
        introduction.rotate(actor);
        sending.soon(0);
      }),

    /**
     * One exchange now, both ways; throws what keeps bench and hub apart. A prefix that another bench has keeps nothing
     * from being read either: it is thrown in the end.
     */
    once: (): Promise<SyncReport> =>
      inTurn(async () => {
        joined();
        const before = log.readFeed()?.n ?? 0;
        let pushed = 0;
        let problem: BenchError | null = null;
        try {
          pushed = await telling(send);
        } catch (error) {
          if (!isBenchError(error, 'sync.prefix-taken')) throw error;
          problem = error;
        }
        await telling(() => exchange.pull(stop.signal));
        if (problem) throw problem;
        return { ...(view() as SyncView), pushed, pulled: log.foreignAfter(before) };
      }),

    async close(): Promise<void> {
      stopListening();
      const reason = new BenchError('run.station-stopped');
      stop.abort(reason);
      listening.abort(reason);
      await Promise.all([sending.close(), reading.close(), turn]);
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
