import type { Database } from 'better-sqlite3';
import type { Op } from '../../../shared/ops/define.ts';
import { arrive, contentOf } from '../../../shared/sync/arrival.ts';
import { baseOnPath } from '../../../shared/sync/epochs.ts';
import { holding, isUnseen, judge, type Outcome, type States } from '../../../shared/sync/merge.ts';
import type { Epoch } from '../../../shared/sync/protocol.ts';
import { createHistory, type HistoryRow, type OpRow, type ToldOp, toOp } from './history.ts';
import { createLinks, touchedBy } from './links.ts';
import type { OpKinds } from './log.ts';
import { sql } from './statements.ts';
import { provisionalStates, storedStates } from './states.ts';
import type { Projection, Projector, SiteProjection } from './store.ts';

export interface ProjectingOptions {
  readonly db: Database;
  readonly kinds: OpKinds;
  readonly projections: readonly (Projection | SiteProjection)[];
  /** Told of an operation of another bench that cannot be projected; it is kept, and nothing of it is shown. */
  readonly onUnfit?: (op: Op, error: unknown) => void;
}

const APPLIED: Outcome = { is: 'applied', unseen: [] };
/** Whether an operation that came to this is shown as whoever wrote it saw it. */
const isAsWritten = (outcome: Outcome): boolean =>
  (outcome.is === 'applied' && outcome.same === undefined) || outcome.is === 'unjudged';
const isOfSite = (projection: Projection | SiteProjection): projection is SiteProjection =>
  'forget' in projection;

/**
 * Writes operations into tables. A bench's own tables follow its own log; the site's tables are a fold of the site's
 * history, in which an operation of another bench can fall before some of this one's: then what they touch is
 * forgotten and projected anew, in order.
 */
export function createProjecting({ db, kinds, projections, onUnfit }: ProjectingOptions) {
  const history = createHistory(db);
  const states = storedStates(db);
  const links = createLinks(db);
  const site = projections.filter(isOfSite);
  const ofSite = byKind(site);
  const ofBench = byKind(projections.filter((projection) => !isOfSite(projection)));
  const cached = withCachedStatements(db);
  const count = db
    .prepare(
      `INSERT INTO entity_versions (entity_id, version) VALUES (?, 1)
       ON CONFLICT DO UPDATE SET version = version + 1 RETURNING version`,
    )
    .pluck();
  const setOutcome = db.prepare('UPDATE feed SET outcome = ? WHERE n = ?');
  /** Whether each operation is projected so that one that does not fit leaves nothing behind. */
  let isGuarded = true;
  /** Own entries without a place that the tables show otherwise than they were written. */
  const rewritten = {
    has: db.prepare('SELECT 1 FROM not_as_written WHERE seq = ?').pluck(),
    add: db.prepare('INSERT OR IGNORE INTO not_as_written VALUES (?)'),
    delete: db.prepare('DELETE FROM not_as_written WHERE seq = ?'),
  };
  const pathRead = db.prepare('SELECT epochs, epochs_left AS epochsLeft FROM feed_site');

  /** The path of the history that was read, and the epochs that were left. */
  function epochs(): { epochs: Epoch[]; left: string[] } {
    const row = pathRead.get() as { epochs: string; epochsLeft: string } | undefined;
    return { epochs: JSON.parse(row?.epochs ?? '[]'), left: JSON.parse(row?.epochsLeft ?? '[]') };
  }

  const run = (projectors: readonly Projector[] | undefined, op: Op) => {
    for (const projector of projectors ?? []) projector(cached, op as Op<string, never>);
  };

  function judged(op: Op, outcome: Outcome, n: number): void {
    for (const projection of site) projection.judged?.(cached, op, outcome, n);
  }

  /** Projects what holds of an operation; the entity gets its next version where anything does. */
  function fold(op: Op, outcome: Outcome, n: number | null): void {
    if (n !== null) judged(op, outcome, n);
    const body = holding(op.kind, op.body, outcome);
    if (body === null || !ofSite.has(op.kind)) return;
    // Which version somebody saw is asked of cases alone; nothing else that has a case's id may make it another one.
    const version = kinds[op.kind]?.entity === 'case' ? (count.get(op.entityId) as number) : op.version;
    const same = outcome.is === 'applied' ? outcome.same : undefined;
    run(ofSite.get(op.kind), { ...op, body, version, ...(same === undefined ? {} : { same }) });
  }

  /**
   * What another bench made must not keep this one from working, whatever is in it; nor must an own operation that does
   * not fit behind it any more, of which the others show nothing either.
   */
  function foldFitting(op: Op, outcome: Outcome, n: number | null): void {
    try {
      if (isGuarded) db.transaction(() => fold(op, outcome, n))();
      else fold(op, outcome, n);
    } catch (error) {
      if (!isGuarded || isDiskTrouble(error)) throw error;
      onUnfit?.(op, error);
    }
  }

  function foldRow(row: HistoryRow, content: unknown, outcome: Outcome): Op {
    const op = toOp(row, content);
    foldFitting(op, outcome, row.n);
    return op;
  }

  /** Operations without a place yet, as if the hub gave them the next ones. */
  function foldUnplaced(rows: Iterable<HistoryRow>, provisional: States, after: number): Op[] {
    const ops: Op[] = [];
    const path = epochs().epochs;
    let n = after;
    for (const row of rows) {
      const op = toOp(row);
      n += 1;
      const outcome = judge({ ...placedOf(row, n, path), body: op.body }, provisional);
      foldFitting(op, outcome.is === 'unjudged' ? APPLIED : outcome, null);
      if (isAsWritten(outcome)) rewritten.delete.run(op.seq);
      else rewritten.add.run(op.seq);
      ops.push(op);
    }
    return ops;
  }

  const link = (row: HistoryRow): void => links.link(touchedBy(toOp(row), kinds));

  /** What a restored bench knows of the one it was, it knows before the hub heard of the restore. */
  function afterRestores(): States {
    const provisional = provisionalStates(states);
    const path = epochs().epochs;
    const after = history.readN();
    for (const row of history.restores()) {
      judge({ ...placedOf(row, after + 1, path), body: toOp(row).body }, provisional);
    }
    return provisional;
  }

  return {
    history,
    states,
    epochs,
    /** What an operation's projection reads and writes. */
    touched: (op: Parameters<typeof touchedBy>[0]) => touchedBy(op, kinds),

    /** A new entry of this bench's own log, decided on what the tables show: it holds. */
    appended(op: Op): void {
      const projectors = [...(ofBench.get(op.kind) ?? []), ...(ofSite.get(op.kind) ?? [])];
      if (projectors.length === 0) throw new Error(`no projector for “${op.kind}”`);
      if (ofSite.has(op.kind)) links.link(touchedBy(op, kinds));
      run(projectors, op);
    },

    /** An own entry has got its place: gives whether the tables show already what it came to there. */
    shows(seq: number, outcome: Outcome): boolean {
      if (rewritten.has.get(seq) === undefined) return isAsWritten(outcome);
      rewritten.delete.run(seq);
      return false;
    },

    /**
     * Guarding each operation costs as much as projecting it, and nearly all fit: in here the first one that does not
     * throws, and the caller does all of it again, guarded.
     */
    unguarded<T>(work: () => T): T {
      isGuarded = false;
      try {
        return work();
      } finally {
        isGuarded = true;
      }
    },

    /**
     * Whether whoever made an operation knew of one that comes before it in the history: their bench had it. What the
     * clocks of two benches say is no matter.
     */
    knew(later: ToldOp, earlier: ToldOp): boolean {
      const [n, before] = [later, earlier].map((op) => op.n ?? Number.POSITIVE_INFINITY) as [number, number];
      const base = baseOnPath({ ...later, n }, epochs().epochs);
      return !isUnseen({ ...later, base }, { n: before, by: earlier.author, seq: earlier.seq }, states);
    },

    /** Tells of an operation that has got its place and is projected already. */
    judged,
    /** Makes known what belongs together by an operation of another bench. */
    link: (op: Op): void => links.link(touchedBy(op, kinds)),
    /** An operation of another bench, where nothing that comes after it touches the same. */
    foreign: foldFitting,
    /** Everything that hangs together with these. */
    closure: links.closure,

    /** Makes known what belongs together by own operations that the hub has not numbered yet. */
    linkUnplaced(): void {
      for (const page of history.unplaced()) page.forEach(link);
    },

    /** Forgets all that hangs together with these and projects it anew, in order. Gives the operations it did. */
    refold(ids: Iterable<string>): Op[] {
      const all = links.closure(ids);
      for (const projection of site) projection.forget(cached, all);
      const rows = history.of(all).filter((row) => row.synced === 1);
      const placed = rows.filter((row) => row.n !== null);
      const ops = placed.map((row) =>
        foldRow(row, contentOf(row) ?? null, JSON.parse(row.outcome ?? 'null') ?? APPLIED),
      );
      const unplaced = rows.filter((row) => row.n === null && row.body !== null);
      return [...ops, ...foldUnplaced(unplaced, afterRestores(), history.readN())];
    },

    /**
     * Throws away every table and makes it anew: this bench's from its log, the site's from its history.
     * @param onward while windows are open: a version that one of them has seen is never given to anything else
     */
    rebuild({ onward }: { readonly onward: boolean }): void {
      for (const table of projections.flatMap((projection) => projection.tables)) {
        db.exec(`DELETE FROM ${table}`);
      }
      states.clear();
      links.clear();
      if (!onward) db.exec('UPDATE entity_versions SET version = 0');
      for (const op of ownOps(db)) {
        if (kinds[op.kind]?.synced === false) count.get(op.entityId);
        run(ofBench.get(op.kind), op);
      }
      const path = epochs().epochs;
      for (const page of history.placed()) {
        for (const row of page) {
          const { outcome, content } = arrive(placedOf(row, row.n ?? 0, path), states);
          const text = JSON.stringify(outcome);
          if (text !== row.outcome) setOutcome.run(text, row.n);
          links.link(touchedBy(toOp(row, content), kinds));
          foldRow(row, content, outcome);
        }
      }
      const provisional = provisionalStates(states);
      for (const page of history.unplaced(0)) {
        const rows = page.filter((row) => row.body !== null);
        rows.forEach(link);
        foldUnplaced(rows, provisional, history.readN());
      }
    },
  };
}

export type Projecting = ReturnType<typeof createProjecting>;

/** How an operation is presented to its judge. */
const placedOf = (row: HistoryRow, n: number, path: readonly Epoch[]) => ({
  n,
  id: row.id,
  author: `${row.station_id}/${row.incarnation}`,
  seq: row.seq,
  kind: row.kind,
  entityId: row.entity_id,
  base: baseOnPath({ n, base: row.base, epoch: row.epoch }, path),
  body: row.body,
  at: row.at,
  actorName: row.actor_name,
});

function byKind(projections: readonly Projection[]): ReadonlyMap<string, readonly Projector[]> {
  const found = new Map<string, Projector[]>();
  for (const { projectors } of projections) {
    for (const [kind, projector] of Object.entries(projectors)) {
      found.set(kind, [...(found.get(kind) ?? []), projector]);
    }
  }
  return found;
}

function* ownOps(db: Database): Generator<Op> {
  const stationId = db.prepare('SELECT id FROM station').pluck().get() as string;
  const rows = db.prepare('SELECT * FROM ops WHERE seq > ? ORDER BY seq LIMIT 500');
  for (let seq = 0; ; ) {
    const page = rows.all(seq) as OpRow[];
    if (page.length === 0) return;
    for (const row of page) if (row.body !== null) yield toOp({ ...row, station_id: stationId });
    seq = page.at(-1)?.seq ?? seq;
  }
}

/** A rule of the tables that the operation breaks is the operation's trouble; anything else of the database is not. */
const isDiskTrouble = (error: unknown): boolean => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && code.startsWith('SQLITE_') && !code.startsWith('SQLITE_CONSTRAINT');
};

/** The database as projectors see it: they name their SQL anew for each operation. */
const withCachedStatements = (db: Database): Database =>
  Object.create(db, { prepare: { value: (text: string) => sql(db, text) } });
