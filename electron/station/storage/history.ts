import type { Database } from 'better-sqlite3';
import type { EntityType, Op } from '../../../shared/ops/define.ts';
import { contentOf } from '../../../shared/sync/arrival.ts';
import type { EntryColumns } from '../../../shared/sync/entry.ts';
import type { Outcome } from '../../../shared/sync/merge.ts';

/** A row of `ops`, as stored. */
export interface OpRow extends EntryColumns {
  readonly epoch: string | null;
  readonly entity: EntityType;
  readonly synced: 0 | 1;
  readonly body: string | null;
  readonly salt: Buffer | null;
  readonly commitment: Buffer;
  readonly previous: Buffer;
  readonly hash: Buffer;
  readonly signature: Buffer;
}

/** An operation of whichever bench, in its place in the site's history. */
export interface HistoryRow extends Omit<OpRow, 'hash' | 'signature'> {
  readonly station_id: string;
  /** Its number in the feed; null while only this bench has it. Those come after all the others. */
  readonly n: number | null;
  /** JSON of what it came to; null while only this bench has it. */
  readonly outcome: string | null;
}

/** An operation, what became of it, and what its bench had read when it was made. */
export type ToldOp = Op & {
  readonly outcome: Outcome | null;
  /** Its number in the feed; null while only this bench has it. */
  readonly n: number | null;
  /** `station/incarnation` */
  readonly author: string;
  /** How far its author had read the feed, and in which epoch; null when it had never joined. */
  readonly base: number | null;
  readonly epoch: string | null;
};

const PAGE = 500;

const OWN_COLUMNS = `SELECT ops.*, (SELECT id FROM station) AS station_id, feed.n AS n, feed.outcome AS outcome`;
const OWN = `${OWN_COLUMNS} FROM ops LEFT JOIN feed ON feed.seq = ops.seq`;
const FOREIGN = `SELECT foreign_ops.*, 1 AS synced, feed.outcome AS outcome
  FROM foreign_ops JOIN feed ON feed.n = foreign_ops.n`;

/** @param body its content, where the caller has read it already */
export function toOp(
  row: Omit<HistoryRow, 'n' | 'outcome'>,
  body: unknown = row.body === null ? null : JSON.parse(row.body),
): Op {
  return {
    stationId: row.station_id,
    seq: row.seq,
    id: row.id,
    kind: row.kind,
    entity: row.entity,
    entityId: row.entity_id,
    version: row.version,
    caseId: row.case_id,
    actorId: row.actor_id,
    actorName: row.actor_name,
    at: row.at,
    body,
    ...(row.base_version === null ? {} : { baseVersion: row.base_version }),
  };
}

const inOrder = (own: HistoryRow[], foreign: HistoryRow[]): HistoryRow[] =>
  [...own, ...foreign].sort((a, b) => {
    if (a.n !== null && b.n !== null) return a.n - b.n;
    if (a.n === null && b.n === null) return a.seq - b.seq;
    return a.n === null ? 1 : -1;
  });

/** Whatever stands in another bench's operation, reading it must not fail: what its kind cannot read is left out. */
function readable(row: HistoryRow): unknown {
  const content = contentOf(row);
  if (content !== null || row.body === null) return content ?? null;
  try {
    return JSON.parse(row.body);
  } catch {
    return null;
  }
}

const told = (row: HistoryRow): ToldOp => ({
  ...toOp(row, readable(row)),
  outcome: row.outcome === null ? null : JSON.parse(row.outcome),
  n: row.n,
  author: `${row.station_id}/${row.incarnation}`,
  base: row.base,
  epoch: row.epoch,
});

/** Reads the site's history as far as this bench knows it: what the hub has numbered, then what it has not seen yet. */
export function createHistory(db: Database) {
  const ownOfCase = db.prepare(`${OWN} WHERE case_id = ? AND body IS NOT NULL`);
  const foreignOfCase = db.prepare(`${FOREIGN} WHERE case_id = ? AND body IS NOT NULL`);
  const ownAt = db.prepare(`${OWN_COLUMNS} FROM feed JOIN ops ON ops.seq = feed.seq WHERE feed.n = ?`);
  const foreignAt = db.prepare(`${FOREIGN} WHERE foreign_ops.n = ?`);
  const ids = `(SELECT value FROM json_each(?))`;
  const ownOf = [
    db.prepare(`${OWN} WHERE case_id IN ${ids}`),
    db.prepare(`${OWN} WHERE case_id IS NULL AND entity_id IN ${ids}`),
  ];
  const foreignOf = [
    db.prepare(`${FOREIGN} WHERE case_id IN ${ids}`),
    db.prepare(`${FOREIGN} WHERE case_id IS NULL AND entity_id IN ${ids}`),
  ];
  const ownPlaced = db.prepare(
    `${OWN_COLUMNS} FROM feed JOIN ops ON ops.seq = feed.seq WHERE feed.n > ? ORDER BY feed.n LIMIT ?`,
  );
  const foreignPlaced = db.prepare(`${FOREIGN} WHERE foreign_ops.n > ? ORDER BY foreign_ops.n LIMIT ?`);
  const unplaced = db.prepare(
    `${OWN} WHERE ops.seq > ? AND feed.n IS NULL AND synced = 1 ORDER BY ops.seq LIMIT ?`,
  );
  const restores = db.prepare(
    `${OWN} WHERE case_id IS NULL AND entity_id = (SELECT id FROM station) AND kind = 'station.restored'
       AND feed.n IS NULL AND body IS NOT NULL ORDER BY ops.seq`,
  );
  const readN = db.prepare('SELECT coalesce(max(n), 0) FROM feed').pluck();
  const placedSeq = db.prepare('SELECT coalesce(max(seq), 0) FROM feed').pluck();
  const rows = (statements: readonly { all(...args: unknown[]): unknown[] }[], list: string) =>
    statements.flatMap((statement) => statement.all(list) as HistoryRow[]);

  function* pages(first: number, read: (after: number) => HistoryRow[], key: (row: HistoryRow) => number) {
    for (let after = first; ; ) {
      const page = read(after);
      if (page.length === 0) return;
      yield page;
      after = key(page.at(-1) as HistoryRow);
    }
  }

  return {
    /** The last number of the feed that is here. */
    readN: (): number => readN.get() as number,
    byCase: (caseId: string): readonly ToldOp[] =>
      inOrder(ownOfCase.all(caseId) as HistoryRow[], foreignOfCase.all(caseId) as HistoryRow[]).map(told),
    /** The operation with a number; null when it is not here or was erased. */
    at(n: number): ToldOp | null {
      const row = (ownAt.get(n) ?? foreignAt.get(n)) as HistoryRow | undefined;
      return row && row.body !== null ? told(row) : null;
    },
    /** Everything about these entities, in order. */
    of(entities: readonly string[]): HistoryRow[] {
      const list = JSON.stringify(entities);
      return inOrder(rows(ownOf, list), rows(foreignOf, list));
    },
    /** What the feed has, in order, in pages. */
    *placed(): Generator<HistoryRow[]> {
      const read = (after: number) =>
        inOrder(
          ownPlaced.all(after, PAGE) as HistoryRow[],
          foreignPlaced.all(after, PAGE) as HistoryRow[],
        ).slice(0, PAGE);
      yield* pages(0, read, (row) => row.n ?? 0);
    },
    /** Restores of this bench that the hub has not numbered yet. */
    restores: (): HistoryRow[] => restores.all() as HistoryRow[],
    /** What the hub has not numbered yet, after `seq`, in pages. */
    *unplaced(seq = placedSeq.get() as number): Generator<HistoryRow[]> {
      yield* pages(
        seq,
        (after) => unplaced.all(after, PAGE) as HistoryRow[],
        (row) => row.seq,
      );
    },
  };
}
