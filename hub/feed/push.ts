import { RULES } from '../../shared/sync/arrival.ts';
import type { Entry } from '../../shared/sync/entry.ts';
import type { Epoch, PushRequest } from '../../shared/sync/protocol.ts';
import { RefusedError } from '../refusal.ts';
import { genesis, hashOf, publicKey, signed } from './chain.ts';
import { type Linked, place } from './place.ts';
import type { FeedStore, FeedTransaction, Station, Tail } from './store.ts';

export interface Pushed {
  readonly siteId: string;
  readonly acknowledged: number;
  readonly backedUp: number;
  /** End of the site's feed after it, and the path it took. */
  readonly n: number;
  readonly hash: Buffer;
  readonly epochs: readonly Epoch[];
  /** Entries that got a place in the feed by it. */
  readonly placed: number;
}

/** Where the hub's copy of a station's log ends, for the bench that asks. */
type End = Pick<Tail, 'lastSeq' | 'lastHash'>;

/**
 * Takes contiguous entries of a station: exactly once, whatever is repeated, lost or cut off on the way. One
 * transaction locks the station, leaves out what is there already, refuses holes and broken chains, locks the site,
 * gives numbers, judges, and writes; what it returned is on disk.
 * Throws `RefusedError`.
 */
export async function push(
  store: FeedStore,
  stationId: string,
  request: PushRequest,
  rules = RULES,
): Promise<Pushed> {
  const pushed = await store.transaction(async (feed) => {
    const station = mayPush(await feed.lockStation(stationId));
    const tail = await take(feed, station, request);
    if (tail === 'clone') {
      await feed.quarantine(station.id);
      return null;
    }
    const { linked, ...after } = tail;
    const end = await place(feed, station, linked, rules);
    const { siteId, incarnation } = station;
    // A bench that went back writes others in the place of entries that are in a backup.
    const backedUp = request.incarnation === incarnation ? station.backedUp : 0;
    // Most of what is asked changes nothing: then nothing is written.
    if (linked.length > 0 || request.incarnation !== incarnation) {
      await feed.saveStation(station.id, { ...after, incarnation: request.incarnation });
    }
    return { ...end, siteId, backedUp, acknowledged: after.lastSeq };
  });
  // Outside of the transaction: what it wrote must stay.
  if (!pushed) throw new RefusedError('sync.clone');
  return pushed;
}

function mayPush(station: Station | null): Station {
  if (!station) throw new RefusedError('sync.unknown-station');
  if (station.state === 'revoked') throw new RefusedError('sync.revoked');
  if (station.state === 'quarantined') throw new RefusedError('sync.clone');
  return station;
}

/** What of a request is new, linked to what the hub has; `clone` when it is from a second bench of this identity. */
async function take(
  feed: FeedTransaction,
  station: Station,
  request: PushRequest,
): Promise<'clone' | (Omit<Tail, 'incarnation'> & { readonly linked: readonly Linked[] })> {
  checkForm(request);
  const from = await branch(feed, station, request);
  if (from === 'clone' || !(await isSame(feed, station, from, request))) return 'clone';
  const { entries, end } = request;
  const linked = link(
    station,
    from,
    entries.filter(({ seq }) => seq > from.lastSeq),
  );
  const lastSeq = from.lastSeq + linked.length;
  const lastHash = linked.at(-1)?.hash ?? from.lastHash;
  // An answer that was lost is asked for again with an earlier end: then it says nothing of this one.
  if (end.seq !== lastSeq) return { linked, lastSeq, lastHash, lastSignature: null };
  if (!Buffer.from(end.hash, 'base64').equals(lastHash)) return 'clone';
  const isSigned = (key: Buffer) => signed(lastHash, end.signature, publicKey(key));
  // What was written before its key was changed is signed by the key it had then.
  if (!isSigned(station.publicKey) && !(await feed.keysAt(station.id, lastSeq)).some(isSigned)) {
    throw new RefusedError('sync.bad-signature');
  }
  return { linked, lastSeq, lastHash, lastSignature: Buffer.from(end.signature, 'base64') };
}

/** Throws `sync.bad-request` where entries are not contiguous up to the end. */
function checkForm({ entries, end }: PushRequest): void {
  const first = entries[0]?.seq ?? end.seq;
  const isContiguous = entries.every(({ seq }, index) => seq === first + index);
  if (!isContiguous || (entries.at(-1)?.seq ?? end.seq) !== end.seq)
    throw new RefusedError('sync.bad-request');
}

/**
 * A restored bench goes on from an earlier entry under a new incarnation: the last one that it and the hub have in
 * common. What it has lost stays in the feed, from which it reads it back. An incarnation that was left behind and speaks
 * again is a second bench.
 */
async function branch(
  feed: FeedTransaction,
  station: Station,
  { incarnation, lineage }: PushRequest,
): Promise<End | 'clone'> {
  if (incarnation === station.incarnation) return station;
  if (lineage.length === 0) return 'clone';
  if (await feed.lastOf(station.id, incarnation, Number.MAX_SAFE_INTEGER)) return 'clone';
  for (const step of lineage.toReversed()) {
    const last = await feed.lastOf(station.id, step.incarnation, step.seq);
    if (last) return { lastSeq: last.seq, lastHash: last.hash };
  }
  return { lastSeq: 0, lastHash: genesis(station.id) };
}

/** Whether what the hub has already is what the request says. Throws `sync.hole`. */
async function isSame(
  feed: FeedTransaction,
  station: Station,
  { lastSeq }: End,
  { entries, end }: PushRequest,
): Promise<boolean> {
  if ((entries[0]?.seq ?? end.seq + 1) > lastSeq + 1) {
    throw new RefusedError('sync.hole', { acknowledged: lastSeq });
  }
  const known: { seq: number; is: (found: { id: string; hash: Buffer }) => boolean }[] = entries
    .filter(({ seq }) => seq <= lastSeq)
    .map((entry) => ({ seq: entry.seq, is: ({ id }) => id === entry.id }));
  if (end.seq > 0 && end.seq <= lastSeq) {
    known.push({ seq: end.seq, is: ({ hash }) => hash.equals(Buffer.from(end.hash, 'base64')) });
  }
  if (known.length === 0) return true;
  const found = await feed.entriesAt(station.id, [...new Set(known.map(({ seq }) => seq))]);
  return known.every(({ seq, is }) => found.some((row) => row.seq === seq && is(row)));
}

/** Computes the chain anew. Throws `sync.bad-entry` where an entry's content is not what it committed to. */
function link(station: Station, { lastHash }: End, entries: readonly Entry[]): Linked[] {
  let previous = lastHash;
  return entries.map((entry) => {
    const hash = hashOf(station.id, entry, previous);
    if (!hash) throw new RefusedError('sync.bad-entry');
    const linked = { entry, previous, hash };
    previous = hash;
    return linked;
  });
}
