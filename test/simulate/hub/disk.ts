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

export const NO_CHANGE: HubChange = {
  ...{ stations: new Map(), site: null, epochs: [], entries: [], isJudgedAnew: false },
  ...{ states: new Map(), reviews: [], outcomes: new Map() },
};

/** A rule of the database that a transaction would have broken: it is rolled back. */
export class ConstraintError extends Error {}

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
  /** All entries in the order in which they came. */
  #entries: HubEntry[] = [];
  /** By station and number: a restored bench can have several with one. Made when it is first asked for. */
  #places: Map<string, HubEntry[][]> | null = null;

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
    for (const { stationId, entry, place } of entries) {
      const { seq, incarnation } = entry;
      if (this.at(stationId, seq).some((other) => other.entry.incarnation === incarnation)) {
        throw new ConstraintError(`entry ${stationId}/${incarnation}/${seq} is there already`);
      }
      if (place && this.feed[place.n - 1]) throw new ConstraintError(`number ${place.n} is given already`);
    }
    const again = reviews.find(({ n }) => this.reviews.has(n));
    if (again && !isJudgedAnew) throw new ConstraintError(`review of ${again.n} is there already`);
  }

  #add(added: HubEntry): void {
    this.#entries.push(added);
    if (this.#places) index(this.#places, added);
    if (added.place) this.feed[added.place.n - 1] = added;
  }

  #of(stationId: string): readonly (readonly HubEntry[] | undefined)[] {
    if (!this.#places) {
      this.#places = new Map();
      for (const entry of this.#entries) index(this.#places, entry);
    }
    return this.#places.get(stationId) ?? [];
  }

  at(stationId: string, seq: number): readonly HubEntry[] {
    return this.#of(stationId)[seq] ?? [];
  }

  /** The last entry up to `seq` that an incarnation wrote. */
  lastOf(stationId: string, incarnation: string, seq: number): HubEntry | undefined {
    const places = this.#of(stationId);
    for (let at = Math.min(seq, places.length - 1); at > 0; at--) {
      const found = places[at]?.find(({ entry }) => entry.incarnation === incarnation);
      if (found) return found;
    }
    return undefined;
  }

  get all(): readonly HubEntry[] {
    return this.#entries;
  }

  /** The database as a backup has it. */
  copy(): HubDisk {
    const copy = new HubDisk(this.site);
    copy.stations = new Map(this.stations);
    copy.states = new Map(this.states);
    copy.reviews = new Map(this.reviews);
    copy.codes = new Map(this.codes);
    copy.feed = [...this.feed];
    copy.#entries = [...this.#entries];
    return copy;
  }
}

function index(places: Map<string, HubEntry[][]>, entry: HubEntry): void {
  let ofStation = places.get(entry.stationId);
  if (!ofStation) {
    ofStation = [];
    places.set(entry.stationId, ofStation);
  }
  const there = ofStation[entry.entry.seq];
  if (there) there.push(entry);
  else ofStation[entry.entry.seq] = [entry];
}

export const fedOf = ({ stationId, entry, previous, place }: HubEntry): Fed => ({
  entry,
  stationId,
  previous,
  n: place?.n ?? 0,
  hash: place?.hash ?? previous,
});
