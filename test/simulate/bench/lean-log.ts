import type { KeyObject } from 'node:crypto';
import { commitTo, entryHash, genesis, nextHlc, signHash } from '../../../electron/station/storage/chain.ts';
import type { OpRow } from '../../../electron/station/storage/history.ts';
import type { LogStore } from '../../../electron/station/storage/log.ts';
import type { PlacedEntry } from '../../../electron/station/storage/placing.ts';
import type { Clock } from '../../../electron/station/storage/store.ts';
import type { SyncState } from '../../../electron/station/sync/state.ts';
import type { EntityType } from '../../../shared/ops/define.ts';
import { arrive, arrivedOf, type Rules } from '../../../shared/sync/arrival.ts';
import type { Entry } from '../../../shared/sync/entry.ts';
import type { BenchDisk, OwnEntry } from './disk.ts';

/** Something that a person or the bench does. */
export interface Deed {
  readonly kind: string;
  readonly entity: string;
  readonly entityId: string;
  readonly caseId: string | null;
  /** JSON; null where it was erased before it was sent. */
  readonly body: string | null;
  readonly synced: boolean;
}

/** What the exchange with a hub needs of a bench's log. */
export type SentLog = Pick<
  LogStore,
  | 'stationId'
  | 'incarnation'
  | 'clock'
  | 'head'
  | 'rows'
  | 'byKind'
  | 'sign'
  | 'transaction'
  | 'readFeed'
  | 'feedHashAt'
  | 'epochs'
  | 'place'
  | 'rewind'
  | 'openSite'
>;

/**
 * A bench's log and its history in memory, with nothing else: it chains, signs, takes in and judges as the station does,
 * and is quick. Every method is a transaction.
 */
export class LeanLog implements SentLog {
  readonly disk: BenchDisk;
  readonly clock: Clock;
  readonly rules: Rules;
  /** The process that opened it has ended. */
  isClosed = false;
  readonly #key: KeyObject;

  constructor(disk: BenchDisk, clock: Clock, key: KeyObject, rules: Rules) {
    this.disk = disk;
    this.clock = clock;
    this.#key = key;
    this.rules = rules;
  }

  get stationId(): string {
    return this.disk.stationId;
  }
  get incarnation(): string {
    return this.disk.incarnation;
  }
  head(): number {
    return this.disk.own.length;
  }
  sign(hash: Uint8Array): Buffer {
    return signHash(hash, this.#key);
  }
  transaction<T>(work: () => T): T {
    return work();
  }

  append({ kind, entity, entityId, caseId, body, synced }: Deed): Entry {
    const { disk, clock } = this;
    const last = disk.own.at(-1);
    const at = clock.now();
    const salt = Buffer.from(clock.random(16));
    const commitment = commitTo(salt, body ?? 'erased');
    const previous = last?.hash ?? genesis(disk.stationId);
    const epoch = disk.epochs.at(-1)?.id;
    const meta = {
      ...{ seq: disk.own.length + 1, id: clock.id(), incarnation: disk.incarnation },
      ...{ kind, entity, entityId, version: 1, baseVersion: null, caseId },
      ...{ actorId: 'ada', actorName: 'Ada', at },
      hlc: nextHlc(last?.entry.hlc ?? null, Date.parse(at)),
      synced,
      base: disk.hub ? this.readTo(disk) : null,
      ...(epoch === undefined ? {} : { epoch }),
    };
    const hash = entryHash({ ...meta, stationId: disk.stationId }, commitment, previous);
    const entry: Entry = {
      ...meta,
      body: synced ? body : null,
      salt: synced && body !== null ? salt.toString('base64') : null,
      commitment: commitment.toString('base64'),
    };
    disk.own.push({ entry, body, salt: body === null ? null : salt, commitment, previous, hash });
    return entry;
  }

  rows(seq: number, limit: number): readonly OpRow[] {
    return this.disk.own.slice(seq, seq + limit).map((own) => new LeanRow(own, this));
  }

  byKind(kind: string): ReturnType<LogStore['byKind']> {
    const own = this.disk.own.filter(({ entry, body }) => entry.kind === kind && body !== null);
    return own.map(({ entry, body }) => ({
      ...entry,
      stationId: this.disk.stationId,
      entity: entry.entity as EntityType,
      body: JSON.parse(body ?? 'null'),
      baseVersion: undefined,
    }));
  }

  readFeed(): { n: number; hash: Buffer } | null {
    const last = this.disk.read.at(-1);
    return last ? { n: this.disk.read.length, hash: last.hash } : null;
  }

  feedHashAt(n: number): Buffer | null {
    return this.disk.read[n - 1]?.hash ?? null;
  }

  epochs(): ReturnType<LogStore['epochs']> {
    const { epochs, left } = this.disk;
    return { epochs: [...epochs], left: [...left] };
  }

  place(placed: readonly PlacedEntry[]): void {
    if (this.isClosed) throw new Error('the log is closed');
    for (const { entry, hash } of placed) {
      if (entry.n <= this.disk.read.length) continue;
      if (entry.n !== this.disk.read.length + 1) throw new Error(`a hole in the feed before ${entry.n}`);
      this.takeIn({ entry, hash });
    }
  }

  /** What an entry says of how far its author had read. */
  protected readTo(disk: BenchDisk): number {
    return disk.read.length;
  }

  openSite(): void {}

  protected takeIn({ entry, hash }: PlacedEntry): void {
    const { states, epochs, read } = this.disk;
    const { outcome } = arrive(arrivedOf(entry, epochs), states as never, this.rules);
    read.push({ entry, hash, outcome });
  }

  rewind(n: number, { epochs, left }: ReturnType<LogStore['epochs']>): void {
    if (this.isClosed) throw new Error('the log is closed');
    const before = this.disk.read.slice(0, n);
    this.disk.epochs = epochs;
    this.disk.left = left;
    this.#readAnew(before);
  }

  /** Judges everything anew: another version of the program is here, or the history is another one. */
  refold(): void {
    this.#readAnew(this.disk.read);
  }

  #readAnew(entries: readonly PlacedEntry[]): void {
    this.disk.states = new Map();
    this.disk.read = [];
    for (const placed of entries) this.takeIn(placed);
  }
}

/** A row of the station’s table; what it is signed with is made where it is asked for. */
class LeanRow implements OpRow {
  readonly seq: number;
  readonly id: string;
  readonly incarnation: string;
  readonly kind: string;
  readonly entity: EntityType;
  readonly entity_id: string;
  readonly version: number;
  readonly base_version: number | null;
  readonly case_id: string | null;
  readonly actor_id: string;
  readonly actor_name: string;
  readonly at: string;
  readonly hlc: string;
  readonly base: number | null;
  readonly epoch: string | null;
  readonly synced: 0 | 1;
  readonly body: string | null;
  readonly salt: Buffer | null;
  readonly commitment: Buffer;
  readonly previous: Buffer;
  readonly hash: Buffer;
  readonly #log: LeanLog;

  constructor({ entry, body, salt, commitment, previous, hash }: OwnEntry, log: LeanLog) {
    this.seq = entry.seq;
    this.id = entry.id;
    this.incarnation = entry.incarnation;
    this.kind = entry.kind;
    this.entity = entry.entity as EntityType;
    this.entity_id = entry.entityId;
    this.version = entry.version;
    this.base_version = entry.baseVersion;
    this.case_id = entry.caseId;
    this.actor_id = entry.actorId;
    this.actor_name = entry.actorName;
    this.at = entry.at;
    this.hlc = entry.hlc;
    this.base = entry.base;
    this.epoch = entry.epoch ?? null;
    this.synced = entry.synced ? 1 : 0;
    this.body = body;
    this.salt = salt;
    this.commitment = commitment;
    this.previous = previous;
    this.hash = hash;
    this.#log = log;
  }

  get signature(): Buffer {
    return this.#log.sign(this.hash);
  }
}

/** What the bench remembers of its hub, as the station's table does. */
export function leanState(disk: BenchDisk): SyncState {
  const change = (values: Partial<NonNullable<BenchDisk['hub']>>) => {
    if (disk.hub) disk.hub = { ...disk.hub, ...values };
  };
  return {
    get: () => disk.hub,
    joined(url, { siteId, siteName, hubKey }, joinedAt) {
      disk.hub = {
        ...{ url, siteId, siteName, hubKey: Buffer.from(hubKey, 'base64'), joinedAt, acknowledged: 0 },
        ...{ head: null, told: null, talkedAt: null, trouble: null, troubleSince: null },
      };
    },
    left() {
      disk.hub = null;
    },
    pushed: ({ acknowledged }, talkedAt) =>
      change({ acknowledged, talkedAt, trouble: null, troubleSince: null }),
    keepHead({ n, hash }) {
      if ((disk.hub?.head?.n ?? 0) <= n) change({ head: { n, hash: Buffer.from(hash, 'base64') } });
    },
    wentBack: ({ n, hash }) => change({ head: { n, hash: Buffer.from(hash, 'base64') } }),
    talked: (talkedAt) => change({ talkedAt }),
    trouble: (trouble, at) => change({ trouble, troubleSince: disk.hub?.troubleSince ?? at }),
  } as SyncState;
}
