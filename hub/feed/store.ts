import type { Entry } from '../../shared/sync/entry.ts';
import type { Outcome, State } from '../../shared/sync/merge.ts';
import type { Epoch } from '../../shared/sync/protocol.ts';

/*
 * What the hub keeps of its feeds, as far as the code that decides needs it: PostgreSQL in `hub/storage/feed-store`, memory
 * in the simulator.
 */

/** A station as far as pushing needs it. */
export interface Station {
  readonly id: string;
  readonly siteId: string;
  /** SPKI, DER. */
  readonly publicKey: Buffer;
  /** Who wrote its last entry, or would write the first. */
  readonly incarnation: string;
  readonly lastSeq: number;
  readonly lastHash: Buffer;
  /** Entries up to here are in a backup of the hub. */
  readonly backedUp: number;
  readonly state: 'active' | 'revoked' | 'quarantined';
}

/** What pushing changes of a station. */
export interface Tail {
  readonly incarnation: string;
  readonly lastSeq: number;
  readonly lastHash: Buffer;
  /** The station's signature over `lastHash`; null where it was not told. */
  readonly lastSignature: Buffer | null;
}

/** Where a site's feed ends, and the path it took. */
export interface Site {
  readonly id: string;
  readonly n: number;
  readonly hash: Buffer;
  readonly epochs: readonly Epoch[];
}

/** An entry of a station, found by its place. */
export interface Found {
  readonly seq: number;
  readonly id: string;
  readonly hash: Buffer;
}

/** An entry in its place: in its station's chain and, where it is for everybody, in the feed. */
export interface Chained {
  readonly entry: Entry;
  readonly previous: Buffer;
  readonly hash: Buffer;
  readonly place: { readonly n: number; readonly hash: Buffer; readonly outcome: Outcome } | null;
}

/** An entry of the feed, as it is read back. */
export interface Fed {
  readonly entry: Entry;
  readonly stationId: string;
  readonly previous: Buffer;
  readonly n: number;
  /** Of the feed, at `n`. */
  readonly hash: Buffer;
}

/** What became of an operation. */
export interface Judged {
  readonly n: number;
  readonly id: string;
  readonly outcome: Outcome;
}

export interface FeedReads {
  site(siteId: string): Promise<Site>;
  siteIds(): Promise<string[]>;
  /** Entries of the feed after `n`, in their order. */
  page(siteId: string, after: number, limit: number): Promise<Fed[]>;
  /** Hash of the feed at a number from 1 on; null where it does not go so far. */
  hashAt(siteId: string, n: number): Promise<Buffer | null>;
  /** Kinds of entries that the version which took them did not know, in alphabetical order. */
  unjudgedKinds(siteId: string): Promise<string[]>;
}

/** Nothing of it is seen by anybody else, or outlives a crash, before all of it does. */
export interface FeedTransaction extends FeedReads {
  /** Nobody else gets the station before the transaction ends. */
  lockStation(id: string): Promise<Station | null>;
  /** Nobody else gives numbers in the site's feed before the transaction ends. */
  lockSite(siteId: string): Promise<Site>;
  /** All keys of a station that may sign its entry `seq`: the one it had then, and later ones. */
  keysAt(stationId: string, seq: number): Promise<Buffer[]>;
  /** The last entry up to `seq` that an incarnation wrote; null when there is none. */
  lastOf(stationId: string, incarnation: string, seq: number): Promise<Found | null>;
  /** All entries with one of these numbers; a restored station can have several with one. */
  entriesAt(stationId: string, seqs: readonly number[]): Promise<Found[]>;
  states(siteId: string, keys: readonly string[]): Promise<(readonly [key: string, state: State])[]>;
  saveStates(siteId: string, states: readonly (readonly [key: string, state: State])[]): Promise<void>;
  addEntries(station: Station, entries: readonly Chained[]): Promise<void>;
  /** Remembers operations that a person should look at. */
  addReviews(siteId: string, judged: readonly Judged[]): Promise<void>;
  saveSite(site: Pick<Site, 'id' | 'n' | 'hash'>): Promise<void>;
  /** Adds to the path of a site that is locked. */
  addEpoch(siteId: string, epoch: Epoch): Promise<void>;
  saveStation(id: string, tail: Tail): Promise<void>;
  quarantine(stationId: string): Promise<void>;
  /** As `page`, but only entries of these kinds that were not judged. */
  unjudged(siteId: string, kinds: readonly string[], after: number, limit: number): Promise<Fed[]>;
  saveOutcomes(siteId: string, judged: readonly Judged[]): Promise<void>;
  /** Forgets states and reviews, because they are made anew. */
  forgetJudgement(siteId: string): Promise<void>;
}

export interface FeedStore extends FeedReads {
  /** What `work` returned is on disk. It may be run again where the database asks for it. */
  transaction<T>(work: (feed: FeedTransaction) => Promise<T>): Promise<T>;
}
