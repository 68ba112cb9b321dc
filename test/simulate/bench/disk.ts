import type { Joined } from '../../../electron/station/sync/state.ts';
import type { Entry } from '../../../shared/sync/entry.ts';
import type { Outcome, State } from '../../../shared/sync/merge.ts';
import type { Epoch, FeedEntry } from '../../../shared/sync/protocol.ts';

/** An entry of a bench's own log. */
export interface OwnEntry {
  readonly entry: Entry;
  /** What the hub does not get of an entry that is the bench's own business. */
  readonly body: string | null;
  readonly salt: Buffer | null;
  readonly commitment: Buffer;
  readonly previous: Buffer;
  readonly hash: Buffer;
}

/** An operation of the site in its place, as a bench has read it. */
export interface ReadEntry {
  readonly entry: FeedEntry;
  /** Of the feed, at its number. */
  readonly hash: Buffer;
  readonly outcome: Outcome;
}

/**
 * What a bench has on its disk. Lists only grow; where something is taken back there is a new list, so that whoever
 * kept one knows what a bench knew at that moment.
 */
export class BenchDisk {
  readonly stationId: string;
  incarnation: string;
  own: OwnEntry[] = [];
  read: ReadEntry[] = [];
  states = new Map<string, State>();
  epochs: readonly Epoch[] = [];
  left: readonly string[] = [];
  hub: Joined | null = null;

  constructor(stationId: string, incarnation: string) {
    this.stationId = stationId;
    this.incarnation = incarnation;
  }

  /** Brings what is looked at here up to what is really there. */
  look(): void {}

  /** A hash of the tables that are the same on every bench; null where there are none. */
  tables(): string | null {
    return null;
  }

  copy(): BenchDisk {
    const copy = new BenchDisk(this.stationId, this.incarnation);
    copy.own = [...this.own];
    copy.read = [...this.read];
    copy.states = new Map(this.states);
    copy.epochs = this.epochs;
    copy.left = this.left;
    copy.hub = this.hub;
    return copy;
  }
}
