import type { FeedReads, FeedStore, FeedTransaction, Judged, Site, Tail } from '../../../hub/feed/store.ts';
import type { Outcome, State } from '../../../shared/sync/merge.ts';
import type { Epoch } from '../../../shared/sync/protocol.ts';
import { fedOf, type HubDisk, type HubEntry, type StationRow } from './disk.ts';
import type { Locks } from './locks.ts';

/** The process that the store works for: each step of it takes time, and it may end at any. */
export interface Process {
  /** Resolves after a while; never, when the process has ended meanwhile. */
  step(what: string): Promise<void>;
  /** Whether the database asks for the transaction to be run again. */
  isToRepeat(): boolean;
}

/** What `inTransaction` of the hub does with serialisation failures. */
const ATTEMPTS = 5;

/**
 * The hub's feeds in memory, with what the decisions rely on in PostgreSQL: rows are locked until a transaction ends,
 * nobody sees what is not committed, uniqueness is enforced, a process that ends leaves nothing of its transaction.
 */
export function memoryStore(disk: () => HubDisk, locks: Locks, process: Process): FeedStore {
  return {
    ...readsOf(disk, process, () => null),
    async transaction(work) {
      for (let attempt = 1; ; attempt++) {
        const tx = new MemoryTransaction(disk, locks, process);
        try {
          const result = await work(tx.port());
          await process.step('commit');
          if (attempt < ATTEMPTS && process.isToRepeat()) continue;
          tx.commit();
          await process.step('committed');
          return result;
        } finally {
          locks.release(tx);
        }
      }
    },
  };
}

/** @param outcomeOf an outcome that the transaction itself has written */
function readsOf(
  disk: () => HubDisk,
  process: Process,
  outcomeOf: (n: number) => Outcome | null,
): FeedReads & Pick<FeedTransaction, 'unjudged'> {
  const isUnjudged = ({ place }: HubEntry) =>
    place && (outcomeOf(place.n) ?? place.outcome).is === 'unjudged';
  return {
    async site() {
      await process.step('read the site');
      return disk().site;
    },
    async siteIds() {
      await process.step('read the sites');
      return [disk().site.id];
    },
    async page(_siteId, after, limit) {
      await process.step('read a page');
      return disk()
        .feed.slice(after, after + limit)
        .map(fedOf);
    },
    async hashAt(_siteId, n) {
      await process.step('read a hash');
      return disk().feed[n - 1]?.place?.hash ?? null;
    },
    async unjudgedKinds() {
      await process.step('read kinds');
      return [
        ...new Set(
          disk()
            .feed.filter(isUnjudged)
            .map(({ entry }) => entry.kind),
        ),
      ].sort();
    },
    async unjudged(_siteId, kinds, after, limit) {
      await process.step('read what is unjudged');
      const rows = disk().feed.slice(after).filter(isUnjudged);
      return rows
        .filter(({ entry }) => kinds.includes(entry.kind))
        .slice(0, limit)
        .map(fedOf);
    },
  };
}

class MemoryTransaction {
  readonly #disk: () => HubDisk;
  readonly #locks: Locks;
  readonly process: Process;
  readonly stations = new Map<string, Partial<StationRow>>();
  site: Pick<Site, 'n' | 'hash'> | null = null;
  readonly epochs: Epoch[] = [];
  readonly entries: HubEntry[] = [];
  isJudgedAnew = false;
  readonly states = new Map<string, State>();
  readonly reviews: Judged[] = [];
  readonly outcomes = new Map<number, Outcome>();

  constructor(disk: () => HubDisk, locks: Locks, process: Process) {
    this.#disk = disk;
    this.#locks = locks;
    this.process = process;
  }

  commit(): void {
    this.#disk().apply(this);
  }

  port(): FeedTransaction {
    const { process } = this;
    const disk = this.#disk;
    const write = async (what: string, work: () => void) => {
      await process.step(what);
      work();
    };
    return {
      ...readsOf(disk, process, (n) => this.outcomes.get(n) ?? null),
      lockStation: async (id) => {
        await process.step('lock the station');
        await this.#locks.take(`station ${id}`, this);
        const row = disk().stations.get(id);
        return row ? { ...row, ...this.stations.get(id) } : null;
      },
      lockSite: async () => {
        await process.step('lock the site');
        await this.#locks.take('site', this);
        return { ...disk().site, ...this.site };
      },
      keysAt: async (stationId) => {
        await process.step('look for keys');
        const row = disk().stations.get(stationId);
        return row ? [row.publicKey] : [];
      },
      lastOf: async (stationId, incarnation, seq) => {
        await process.step('look for an incarnation');
        const found = disk().lastOf(stationId, incarnation, seq);
        return found ? foundOf(found) : null;
      },
      entriesAt: async (stationId, seqs) => {
        await process.step('look for entries');
        return seqs.flatMap((seq) => disk().at(stationId, seq).map(foundOf));
      },
      states: async (_siteId, keys) => {
        await process.step('read states');
        return keys.flatMap((key) => {
          const state = this.states.get(key) ?? (this.isJudgedAnew ? undefined : disk().states.get(key));
          return state ? [[key, state] as const] : [];
        });
      },
      saveStates: (_siteId, states) =>
        write('save states', () => {
          for (const [key, state] of states) this.states.set(key, state);
        }),
      addEntries: ({ id }, entries) =>
        write('add entries', () => {
          for (const entry of entries) this.entries.push({ ...entry, stationId: id });
        }),
      addReviews: (_siteId, judged) => write('add reviews', () => void this.reviews.push(...judged)),
      saveSite: ({ n, hash }) =>
        write('save the site', () => {
          this.site = { n, hash };
        }),
      addEpoch: (_siteId, epoch) => write('add an epoch', () => void this.epochs.push(epoch)),
      saveStation: (id, tail: Tail) =>
        write('save the station', () => void this.stations.set(id, { ...tail })),
      quarantine: (id) =>
        write('quarantine', () => {
          this.stations.set(id, { ...this.stations.get(id), state: 'quarantined' });
        }),
      saveOutcomes: (_siteId, judged) =>
        write('save outcomes', () => {
          for (const { n, outcome } of judged) this.outcomes.set(n, outcome);
        }),
      forgetJudgement: () =>
        write('forget the judgement', () => {
          this.isJudgedAnew = true;
        }),
    };
  }
}

const foundOf = ({ entry, hash }: HubEntry) => ({ seq: entry.seq, id: entry.id, hash });
