import type { Database } from 'better-sqlite3';
import type { Op } from '../../../shared/ops/define.ts';
import { arrive, arrivedOf } from '../../../shared/sync/arrival.ts';
import type { Epoch, FeedEntry } from '../../../shared/sync/protocol.ts';
import { type ToldOp, toOp } from './history.ts';
import type { Projecting } from './projecting.ts';
import type { SiteCopy } from './snapshot.ts';
import { createWaiting } from './waiting.ts';

/** An operation in its place in the site's feed; the caller has made sure of the chain. */
export interface PlacedEntry {
  readonly entry: FeedEntry;
  /** Of the feed, at its number. */
  readonly hash: Buffer;
}

export interface EpochsRead {
  readonly epochs: readonly Epoch[];
  readonly left: readonly string[];
}

/** What other benches of the site did, and where this bench's own operations came in between. */
export interface Placing {
  /** How far the feed is read here, and its hash there; null before the first operation. */
  readFeed(): { readonly n: number; readonly hash: Buffer } | null;
  /** The operation with a number, and what became of it; null when it is not here or was erased. */
  placedAt(n: number): ToldOp | null;
  /** Hash of the feed at a number that is here. */
  feedHashAt(n: number): Buffer | null;
  /**
   * Takes in the next operations of the feed: judges, keeps and projects them in one transaction, together with how
   * far the feed is read. Those that are here already are left out. Throws when one is missing in between.
   */
  place(entries: readonly PlacedEntry[]): void;
  /** Makes ready to read a site's feed: goes on with the one that was read, or forgets that of another site. */
  openSite(siteId: string): void;
  /** The path of the history that was read, and the epochs that were left. */
  epochs(): EpochsRead;
  /** How many operations of other benches came after a number. */
  foreignAfter(n: number): number;
  /** Goes back to an earlier place of the feed, because the hub did; own entries wait for their places again. */
  rewind(n: number, epochs: EpochsRead): void;
  /**
   * Makes room for the state of the site at a place of its feed, which is taken over instead of reading the feed up to
   * there. Only while nothing of the feed was read. Dispose of it in any case.
   */
  copyOfSite(): ArrivingSite;
  /** Grows with every change, of this bench or of others, as long as the feed is not read anew. */
  cursor(): number;
}

export interface ArrivingSite extends Pick<SiteCopy, 'take' | 'dispose'> {
  /**
   * Takes it over, with this bench's own work on top; gives whether it did: a state of another path of the history is
   * of no use. Throws when it does not end there. Changes nothing where it does not take it over.
   */
  takeOver(n: number, hash: Buffer): boolean;
}

export interface PlacingOptions {
  copy(): SiteCopy;
  readonly db: Database;
  readonly stationId: string;
  readonly projecting: Projecting;
  transaction<T>(work: () => T): T;
  /** Told within the transaction which operations changed tables. */
  changed(ops: readonly Op[]): void;
}

const FOREIGN_COLUMNS = [
  ...[
    'n',
    'station_id',
    'seq',
    'id',
    'incarnation',
    'kind',
    'entity',
    'entity_id',
    'version',
    'base_version',
  ],
  ...[
    'case_id',
    'actor_id',
    'actor_name',
    'at',
    'hlc',
    'base',
    'epoch',
    'body',
    'salt',
    'commitment',
    'previous',
  ],
];

const bytes = (text: string) => Buffer.from(text, 'base64');
const toRow = ({
  entityId,
  baseVersion,
  caseId,
  actorId,
  actorName,
  stationId,
  salt,
  ...entry
}: FeedEntry) => ({
  ...entry,
  epoch: entry.epoch ?? null,
  synced: 1 as const,
  station_id: stationId,
  entity: entry.entity as Op['entity'],
  entity_id: entityId,
  base_version: baseVersion,
  case_id: caseId,
  actor_id: actorId,
  actor_name: actorName,
  salt: salt === null ? null : bytes(salt),
  commitment: bytes(entry.commitment),
  previous: bytes(entry.previous),
});

export function createPlacing(options: PlacingOptions): Placing {
  const { db, stationId, projecting, transaction, changed } = options;
  const { history, states, touched, epochs } = projecting;
  const waiting = createWaiting(projecting);
  const last = db.prepare('SELECT n, hash FROM feed ORDER BY n DESC LIMIT 1');
  const hashAt = db.prepare('SELECT hash FROM feed WHERE n = ?').pluck();
  const site = db.prepare('SELECT site_id FROM feed_site').pluck();
  const setSite = db.prepare('INSERT OR IGNORE INTO feed_site (one, site_id) VALUES (1, ?)');
  const setEpochs = db.prepare('UPDATE feed_site SET epochs = ?, epochs_left = ?');
  const setRead = db.prepare('UPDATE hub SET read_n = ?');
  const ownSeq = db.prepare('SELECT seq FROM ops WHERE seq = ? AND id = ?').pluck();
  const insertFeed = db.prepare('INSERT INTO feed VALUES (?, ?, ?, ?)');
  const insertForeign = db.prepare(
    `INSERT INTO foreign_ops (${FOREIGN_COLUMNS}) VALUES (${FOREIGN_COLUMNS.map((name) => `:${name}`)})`,
  );
  const foreignAfter = db.prepare('SELECT count(*) FROM foreign_ops WHERE n > ?').pluck();
  const lastSeq = db.prepare('SELECT coalesce(max(seq), 0) FROM ops').pluck();

  /** One operation to its place; what has to be projected anew because of it goes into `anew`. */
  function placeOne({ entry, hash }: PlacedEntry, path: readonly Epoch[], anew: Set<string>): Op {
    const row = toRow(entry);
    const { outcome, content } = arrive(arrivedOf(entry, path), states);
    const own =
      entry.stationId === stationId ? (ownSeq.get(entry.seq, entry.id) as number | undefined) : undefined;
    insertFeed.run(entry.n, hash, own ?? null, JSON.stringify(outcome));
    const op = toOp(row, content);
    if (own !== undefined) {
      const keys = waiting.placed(own);
      // Where it came to something else than the tables show, it is projected again.
      if (projecting.shows(own, outcome)) projecting.judged(op, outcome, entry.n);
      else for (const key of keys) anew.add(key);
      return op;
    }
    insertForeign.run(row);
    const keys = touched(op);
    projecting.link(op);
    if (keys.some((key) => anew.has(key) || waiting.isNear(key))) for (const key of keys) anew.add(key);
    else projecting.foreign(op, outcome, entry.n);
    return op;
  }

  function placeAll(entries: readonly PlacedEntry[]): void {
    try {
      transaction(() => {
        waiting.look();
        const anew = new Set<string>();
        const ops: Op[] = [];
        const path = epochs().epochs;
        let n = readFeed()?.n ?? 0;
        for (const placed of entries) {
          if (placed.entry.n <= n) continue;
          if (placed.entry.n !== n + 1) throw new Error(`a hole in the feed before ${placed.entry.n}`);
          ops.push(placeOne(placed, path, anew));
          n += 1;
        }
        setRead.run(n);
        changed(anew.size === 0 ? ops : [...ops, ...projecting.refold(anew)]);
      });
    } catch (error) {
      waiting.forget();
      throw error;
    }
  }

  const readFeed: Placing['readFeed'] = () => (last.get() as { n: number; hash: Buffer } | undefined) ?? null;

  const goBack = (n: number) => {
    db.prepare('DELETE FROM foreign_ops WHERE n > ?').run(n);
    db.prepare('DELETE FROM feed WHERE n > ?').run(n);
    setRead.run(n);
    waiting.forget();
    projecting.rebuild({ onward: true });
  };

  return {
    readFeed,
    placedAt: history.at,
    feedHashAt: (n) => (hashAt.get(n) as Buffer | undefined) ?? null,
    place(entries) {
      if (db.inTransaction) return placeAll(entries);
      try {
        projecting.unguarded(() => placeAll(entries));
      } catch {
        placeAll(entries);
      }
    },
    foreignAfter: (n) => foreignAfter.get(n) as number,
    epochs,
    rewind: (n, { epochs: path, left }) =>
      transaction(() => {
        setEpochs.run(JSON.stringify(path), JSON.stringify(left));
        goBack(n);
      }),
    openSite: (siteId) =>
      transaction(() => {
        const before = site.get();
        if (before !== undefined && before !== siteId) {
          db.exec('DELETE FROM feed_site');
          goBack(0);
        }
        setSite.run(siteId);
        setRead.run(readFeed()?.n ?? 0);
      }),
    copyOfSite() {
      const copy = options.copy();
      return {
        ...copy,
        takeOver: (n, hash) =>
          transaction(() => {
            const siteId = site.get();
            const { epochs: path, left } = epochs();
            const ids = (list: readonly Epoch[]) => list.map(({ id }) => id).join();
            if (ids(copy.epochs()) !== ids(path)) return false;
            copy.takeOver();
            const read = readFeed();
            if (read?.n !== n || !read.hash.equals(hash) || site.get() !== siteId) {
              throw new Error('a snapshot that ends elsewhere');
            }
            setEpochs.run(JSON.stringify(path), JSON.stringify(left));
            setRead.run(n);
            projecting.linkUnplaced();
            waiting.forget();
            waiting.look();
            projecting.refold(waiting.keys());
            return true;
          }),
      };
    },
    cursor: () => (lastSeq.get() as number) + history.readN(),
  };
}
