import type { Chained, Fed, Judged, Site, Station } from '../../../hub/feed/store.ts';
import type { Outcome, State } from '../../../shared/sync/merge.ts';
import type { Epoch } from '../../../shared/sync/protocol.ts';

/** An entry as the hub's database keeps it. */
export interface HubEntry extends Omit<Chained, 'place'> {
  readonly stationId: string;
  /** Null for what is the bench's own business. */
  readonly place: { readonly n: number; readonly hash: Buffer; readonly outcome: Outcome } | null;
}

export interface StationRow extends Station {
  readonly prefix: string;
  readonly lastSignature: Buffer | null;
}

/** What a transaction writes, all of it or nothing. */
export interface HubChange {
  readonly stations: ReadonlyMap<string, Partial<StationRow>>;
  readonly site: Pick<Site, 'n' | 'hash'> | null;
  readonly epochs: readonly Epoch[];
  readonly entries: readonly HubEntry[];
  /** States and reviews are made anew. */
  readonly isJudgedAnew: boolean;
  readonly states: ReadonlyMap<string, State>;
  readonly reviews: readonly Judged[];
  readonly outcomes: ReadonlyMap<number, Outcome>;
}

/** A rule of the database that a transaction would have broken: it is rolled back. */
export class ConstraintError extends Error {}

const entryKey = ({ stationId, entry }: HubEntry) => `${stationId}/${entry.incarnation}/${entry.seq}`;
const seqKey = (stationId: string, seq: number) => `${stationId}/${seq}`;

/** The hub's database of one site, as far as it is on its disk. Copies share what never changes. */
export class HubDisk {
  stations = new Map<string, StationRow>();
  site: Site;
  states = new Map<string, State>();
  /** By the operation's number. */
  reviews = new Map<number, Judged>();
  codes = new Map<string, string | null>();
  /** In the order of their numbers, from 1 on. */
  feed: HubEntry[] = [];
  #keys = new Set<string>();
  #bySeq = new Map<string, HubEntry[]>();
  #byAuthor = new Map<string, HubEntry[]>();

  constructor(site: Site) {
    this.site = site;
  }

  /** Whether the database keeps its rules. */
  isChecked = true;

  /** Throws `ConstraintError`, and changes nothing then. */
  apply(change: HubChange): void {
    if (this.isChecked) this.#check(change);
    for (const [id, row] of change.stations) {
      const before = this.stations.get(id);
      if (before) this.stations.set(id, { ...before, ...row });
    }
    this.site = { ...this.site, ...change.site, epochs: [...this.site.epochs, ...change.epochs] };
    for (const added of change.entries) this.#add(added);
    if (change.isJudgedAnew) {
      this.states.clear();
      this.reviews.clear();
    }
    for (const [key, state] of change.states) this.states.set(key, state);
    for (const review of change.reviews) this.reviews.set(review.n, review);
    for (const [n, outcome] of change.outcomes) {
      const row = this.feed[n - 1];
      if (row?.place) this.feed[n - 1] = { ...row, place: { ...row.place, outcome } };
    }
  }

  #check({ entries, reviews, isJudgedAnew }: HubChange): void {
    for (const added of entries) {
      if (this.#keys.has(entryKey(added)))
        throw new ConstraintError(`entry ${entryKey(added)} is there already`);
      const n = added.place?.n;
      if (n !== undefined && this.feed[n - 1]) throw new ConstraintError(`number ${n} is given already`);
    }
    const again = reviews.find(({ n }) => this.reviews.has(n));
    if (again && !isJudgedAnew) throw new ConstraintError(`review of ${again.n} is there already`);
  }

  #add(added: HubEntry): void {
    this.#keys.add(entryKey(added));
    append(this.#bySeq, seqKey(added.stationId, added.entry.seq), added);
    append(this.#byAuthor, `${added.stationId}/${added.entry.incarnation}`, added);
    if (added.place) this.feed[added.place.n - 1] = added;
  }

  at(stationId: string, seq: number): readonly HubEntry[] {
    return this.#bySeq.get(seqKey(stationId, seq)) ?? [];
  }

  by(stationId: string, incarnation: string): readonly HubEntry[] {
    return this.#byAuthor.get(`${stationId}/${incarnation}`) ?? [];
  }

  *all(): Iterable<HubEntry> {
    for (const list of this.#bySeq.values()) yield* list;
  }

  /** The database as a backup has it. */
  copy(): HubDisk {
    const copy = new HubDisk(this.site);
    copy.stations = new Map(this.stations);
    copy.states = new Map(this.states);
    copy.reviews = new Map(this.reviews);
    copy.codes = new Map(this.codes);
    copy.feed = [...this.feed];
    copy.#keys = new Set(this.#keys);
    copy.#bySeq = new Map([...this.#bySeq].map(([key, list]) => [key, [...list]]));
    copy.#byAuthor = new Map([...this.#byAuthor].map(([key, list]) => [key, [...list]]));
    return copy;
  }
}

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

export const fedOf = ({ stationId, entry, previous, place }: HubEntry): Fed => ({
  entry,
  stationId,
  previous,
  n: place?.n ?? 0,
  hash: place?.hash ?? previous,
});
