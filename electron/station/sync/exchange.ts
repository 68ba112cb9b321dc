import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { BenchError } from '../../../shared/errors/index.ts';
import { epochForms, provenUpTo, wayAlong } from '../../../shared/sync/epochs.ts';
import {
  type Epoch,
  FeedAnswer,
  type FeedEntry,
  type Head,
  PushAnswer,
} from '../../../shared/sync/protocol.ts';
import { commitTo, entryHash, feedGenesis, feedHash } from '../storage/chain.ts';
import type { LogStore } from '../storage/log.ts';
import type { PlacedEntry } from '../storage/placing.ts';
import { type HubClient, RefusedByHub } from './hub-client.ts';
import { outbox } from './outbox.ts';
import { takeSnapshot } from './snapshot.ts';
import type { Joined, SyncState } from './state.ts';

/** So many operations are taken in at once; between them the bench does what people ask of it. */
const AT_ONCE = 200;

export interface ExchangeOptions {
  readonly log: LogStore;
  readonly state: SyncState;
  joined(): Joined;
  client(): HubClient;
  /** Told whenever how bench and hub stand may have changed. */
  changed(): void;
  /** Told of each part that got through, however much is left: a connection that breaks later is no failure of it. */
  progressed(way: 'sending' | 'reading'): void;
  /** Told when everything that is shown of the site may have changed. */
  anew(): void;
}

/**
 * What bench and hub say to each other: the bench sends its log, and reads the site's feed. It believes nothing that
 * the hub's chain and signature do not prove, and nothing that contradicts what it was shown before.
 */
export function createExchange({ log, state, joined, client, changed, progressed, anew }: ExchangeOptions) {
  const box = outbox(log);
  let last = 0;
  let taking: Promise<boolean> | null = null;

  /** Which path of the history the bench has read. */
  const epoch = () => log.epochs().epochs.at(-1)?.id;

  const distrust = (hub: Joined, detail: string) =>
    new BenchError('sync.not-a-hub', { url: hub.url, detail });

  let hubKey: { readonly der: Buffer; readonly key: KeyObject } | null = null;
  function keyOf({ hubKey: der }: Joined): KeyObject {
    if (!hubKey?.der.equals(der)) {
      hubKey = { der, key: createPublicKey({ key: der, format: 'der', type: 'spki' }) };
    }
    return hubKey.key;
  }

  function checkSignature(hub: Joined, content: Buffer, signature: string, what: string): void {
    const key = keyOf(hub);
    if (!verify(null, content, key, Buffer.from(signature, 'base64'))) {
      throw distrust(hub, `${what} is not signed by its key`);
    }
  }

  /**
   * A head must continue what was shown before.
   * @param before the furthest number known when it was asked for: an answer may be overtaken by another one
   */
  function checkHead(hub: Joined, head: Head, before: number): void {
    const hash = Buffer.from(head.hash, 'base64');
    checkSignature(hub, hash, head.signature, 'its history');
    const { head: kept } = joined();
    const known = kept?.n === head.n ? kept.hash : log.feedHashAt(head.n);
    if (head.n < before || (known && !known.equals(hash))) throw new BenchError('sync.rewritten');
    state.keepHead(head);
  }

  const history = (hub: Joined) => ({
    ...log.epochs(),
    readN: log.readFeed()?.n ?? 0,
    hashAt: (n: number) =>
      (n === 0 ? feedGenesis(hub.siteId) : log.feedHashAt(n))?.toString('base64') ?? null,
  });

  /**
   * Goes back to where what was read is proved to be on the hub's path; gives whether it could. What lies behind came
   * from a history that nobody signed, before the hub was restored.
   */
  function turnBack(hub: Joined): boolean {
    const { epochs, left, ...read } = history(hub);
    const n = provenUpTo({ epochs, ...read });
    const last = epochs.at(-1);
    if (!last || n === last.n || n === read.readN) return false;
    log.rewind(n, { epochs, left });
    anew();
    return true;
  }

  /** Goes back with a hub that was restored, along what it signed; gives whether it did. */
  function follow(hub: Joined, epochs: readonly Epoch[] = []): boolean {
    const way = wayAlong(history(hub), epochs);
    if (way.is === 'same') return false;
    if (way.is === 'rewritten') throw new BenchError('sync.rewritten');
    for (const { text, signature } of epochForms(hub.siteId, epochs)) {
      checkSignature(hub, Buffer.from(text, 'utf8'), signature, 'its restore');
    }
    log.transaction(() => {
      log.rewind(way.n, way);
      state.wentBack(way.head);
    });
    anew();
    return true;
  }

  /** Asks; a hub that was restored is followed first, and asked again. */
  async function askAlong<T extends { readonly epochs?: readonly Epoch[] | undefined }>(
    ask: () => Promise<T>,
  ): Promise<T> {
    const asked = epoch();
    try {
      const answer = await ask();
      return follow(joined(), answer.epochs) ? await ask() : answer;
    } catch (error) {
      const isBack = error instanceof RefusedByHub && error.code === 'sync.rewritten' && error.epochs;
      // Somebody else, who asked at the same time, may have gone back already.
      if (!isBack || !(follow(joined(), error.epochs) || epoch() !== asked)) throw error;
      return ask();
    }
  }

  const furthest = () => Math.max(joined().head?.n ?? 0, log.readFeed()?.n ?? 0);

  /** Sends what the hub does not have yet; gives how many entries it took. */
  async function push(signal: AbortSignal): Promise<number> {
    let sent = 0;
    let from = joined().acknowledged;
    for (;;) {
      const hub = joined();
      const request = box.next(from);
      let before = 0;
      let asked = epoch();
      try {
        const answer = await askAlong(() => {
          before = furthest();
          asked = epoch();
          return client().ask('POST', '/v1/push', request, PushAnswer, signal);
        });
        // Whoever reads may have gone back with the hub meanwhile: then it may go less far than what was known.
        checkHead(hub, answer.head, epoch() === asked ? before : 0);
        if (request.entries.length > 0 && answer.acknowledged <= from) {
          throw distrust(hub, 'it takes nothing of what it is sent');
        }
        sent += Math.max(0, answer.acknowledged - hub.acknowledged);
        state.pushed(answer, log.clock.now());
        if (answer.acknowledged > from) progressed('sending');
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

  /** The entries of a page with the feed's hash at each, every link computed anew. */
  function chained(hub: Joined, entries: readonly FeedEntry[], from: Buffer): PlacedEntry[] {
    let previous = from;
    return entries.map((entry) => {
      const { n, stationId, previous: link, body, salt, commitment, ...meta } = entry;
      const committed = Buffer.from(commitment, 'base64');
      const isWhole =
        body === null
          ? salt === null
          : salt !== null && commitTo(Buffer.from(salt, 'base64'), body).equals(committed);
      if (!isWhole) throw distrust(hub, `operation ${n} is not what was signed`);
      const hash = entryHash({ ...meta, stationId }, committed, Buffer.from(link, 'base64'));
      previous = feedHash(hub.siteId, n, hash, previous);
      return { entry, hash: previous };
    });
  }

  /**
   * Takes in a page of the feed; gives how many operations were new, null where the bench had to go back first.
   * @param isStill whether the bench is still where it was when it asked: meanwhile it may have left the hub, or gone back
   *   with it
   */
  async function take(
    hub: Joined,
    answer: FeedAnswer,
    after: number,
    from: Buffer,
    isStill: () => boolean,
  ): Promise<number | null> {
    const { entries, head } = answer;
    if (entries.some(({ n }, index) => n !== after + 1 + index))
      throw distrust(hub, 'its history has a hole');
    const placed = chained(hub, entries, from);
    const end = placed.at(-1)?.hash ?? from;
    const isHead = head.n === after + entries.length && Buffer.from(head.hash, 'base64').equals(end);
    if (!isHead) {
      if (turnBack(hub)) return null;
      throw distrust(hub, 'its history is not the one it signed');
    }
    checkSignature(hub, end, head.signature, 'its history');
    const { head: kept } = joined();
    const atKept = placed.find(({ entry }) => entry.n === kept?.n);
    if (kept && atKept && !atKept.hash.equals(kept.hash)) throw new BenchError('sync.rewritten');
    for (let first = 0; first < placed.length; first += AT_ONCE) {
      if (!isStill()) return first;
      // Somebody else may have taken them in meanwhile.
      log.place(placed.slice(first, first + AT_ONCE));
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    if (isStill() && (!kept || head.n > kept.n)) state.keepHead(head);
    return placed.length;
  }

  /** One at a time, whoever reads the feed. */
  function snapshot(hub: Joined, signal: AbortSignal): Promise<boolean> {
    const connection = client();
    // Who speaks to a hub without HTTP has no files to fetch.
    if (!('send' in connection)) return Promise.resolve(false);
    taking ??= takeSnapshot({ log, hub, client: connection }, last, signal).finally(() => {
      taking = null;
    });
    return taking;
  }

  /**
   * Reads the feed to its end; gives how many operations came.
   * @param waitS when there is nothing new, the hub answers only after so many seconds, or as soon as there is
   */
  async function pull(signal: AbortSignal, waitS = 0): Promise<number> {
    let taken = 0;
    for (;;) {
      const hub = joined();
      let read = log.readFeed();
      let asked = epoch();
      const answer = await askAlong(() => {
        read = log.readFeed();
        asked = epoch();
        const path = `/v1/feed?after=${read?.n ?? 0}&wait=${taken > 0 ? 0 : waitS}`;
        return client().ask('GET', path, null, FeedAnswer, signal);
      });
      const isStill = () => joined().siteId === hub.siteId && epoch() === asked;
      // Whoever sends may have gone back with the hub meanwhile: then this is about another place.
      if (!isStill()) continue;
      last = answer.last;
      if (await snapshot(hub, signal)) {
        anew();
        continue;
      }
      if (!isStill()) continue;
      const after = read?.n ?? 0;
      const came = await take(hub, answer, after, read?.hash ?? feedGenesis(hub.siteId), isStill);
      if (came === null) continue;
      taken += came;
      state.talked(log.clock.now());
      if (answer.entries.length > 0) {
        progressed('reading');
        changed();
      }
      if (after + answer.entries.length >= answer.last) return taken;
    }
  }

  return {
    push,
    pull,
    follow,
    /** How far the feed went when it was read last. */
    last: () => Math.max(last, log.readFeed()?.n ?? 0),
  };
}
