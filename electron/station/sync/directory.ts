import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { Review } from '../../../shared/model/cases.ts';
import type { Op } from '../../../shared/ops/define.ts';
import { needsReview } from '../../../shared/sync/merge.ts';
import { sql } from '../storage/statements.ts';
import type { SiteProjection } from '../storage/store.ts';

const keyOf = (spki: string): KeyObject =>
  createPublicKey({ key: Buffer.from(spki, 'base64'), format: 'der', type: 'spki' });

/** What is no key is left out: whoever looks for it finds none. */
function addKey(db: Database, op: Op<string, unknown>): void {
  const { publicKey } = op.body as { publicKey: string };
  try {
    keyOf(publicKey);
  } catch {
    return;
  }
  sql(db, 'INSERT OR IGNORE INTO bench_keys VALUES (?, ?)').run(publicKey, op.stationId);
}

/**
 * The site as its benches tell it: their names, their people, and the operations that somebody should look at. Who may
 * sign in at this bench is another matter (`people`): every bench has its own.
 */
export const directoryProjection: SiteProjection = {
  tables: ['reviews', 'colleagues', 'bench_keys', 'benches'],
  forget(db, ids) {
    const list = JSON.stringify(ids);
    sql(db, 'DELETE FROM reviews WHERE case_id IN (SELECT value FROM json_each(?))').run(list);
    sql(db, 'DELETE FROM colleagues WHERE id IN (SELECT value FROM json_each(?))').run(list);
    sql(db, 'DELETE FROM bench_keys WHERE station_id IN (SELECT value FROM json_each(?))').run(list);
    sql(db, 'DELETE FROM benches WHERE station_id IN (SELECT value FROM json_each(?))').run(list);
  },
  judged(db, op, outcome, n) {
    // What a person could choose is about cases. An id that another operation has already is a forgery.
    if (op.entity !== 'case' || !needsReview(outcome)) return;
    sql(db, 'INSERT OR IGNORE INTO reviews VALUES (?, ?, ?, ?, NULL)').run(
      n,
      op.id,
      op.entityId,
      outcome.is === 'conflict' ? 1 : 0,
    );
  },
  projectors: {
    'station.made': (db, op) => {
      if (op.entityId !== op.stationId) return;
      sql(db, 'INSERT OR IGNORE INTO benches VALUES (?, NULL, NULL)').run(op.entityId);
      addKey(db, op);
    },
    'station.key-rotated': addKey,
    'station.settings': (db, op) => {
      if (op.entityId !== op.stationId) return;
      const { stationName, benchPrefix } = op.body as { stationName?: string; benchPrefix?: string };
      sql(
        db,
        `INSERT INTO benches VALUES (:id, :name, :prefix) ON CONFLICT DO UPDATE SET
           name = coalesce(excluded.name, name), prefix = coalesce(excluded.prefix, prefix)`,
      ).run({ id: op.entityId, name: stationName ?? null, prefix: benchPrefix ?? null });
    },
    'person.added': (db, op) => {
      const { name } = op.body as { name: string };
      sql(db, 'INSERT OR IGNORE INTO colleagues VALUES (?, ?, ?)').run(op.entityId, name, op.stationId);
    },
    'case.conflict-settled': (db, op) => {
      const { opId, choice, reason } = op.body as { opId: string; choice: string; reason: string | null };
      const settled = JSON.stringify({
        choice,
        reason,
        by: op.actorName,
        at: op.at,
        stationId: op.stationId,
      });
      sql(db, 'UPDATE reviews SET settled = ? WHERE op_id = ? AND case_id = ? AND settled IS NULL').run(
        settled,
        opId,
        op.entityId,
      );
    },
  },
};

/** Every key that benches of the site ever signed with, this one's among them. */
export const benchKeys = (db: Database): KeyObject[] =>
  (sql(db, 'SELECT public_key FROM bench_keys').pluck().all() as string[]).map(keyOf);

export const benchName = (db: Database, stationId: string): string | null =>
  (sql(db, 'SELECT name FROM benches WHERE station_id = ?').pluck().get(stationId) as string | null) ?? null;

export const colleagueName = (db: Database, id: string): string | null =>
  (sql(db, 'SELECT name FROM colleagues WHERE id = ?').pluck().get(id) as string | undefined) ?? null;

/** Cases that wait for a person. */
export const casesInReview = (db: Database, review: Review): string[] =>
  sql(db, 'SELECT DISTINCT case_id FROM reviews WHERE settled IS NULL AND is_conflict = ?')
    .pluck()
    .all(review === 'in-conflict' ? 1 : 0) as string[];

/** What each of these cases waits for a person for; those that wait for nothing are left out. */
export function reviewsOfCases(db: Database, caseIds: readonly string[]): ReadonlyMap<string, Review[]> {
  const rows = sql(
    db,
    `SELECT DISTINCT case_id AS caseId, is_conflict AS isConflict FROM reviews
     WHERE settled IS NULL AND case_id IN (SELECT value FROM json_each(?)) ORDER BY is_conflict DESC`,
  ).all(JSON.stringify(caseIds)) as { caseId: string; isConflict: 0 | 1 }[];
  const reviews = new Map<string, Review[]>();
  for (const { caseId, isConflict } of rows) {
    const review = isConflict ? 'in-conflict' : 'to-look-at';
    reviews.set(caseId, [...(reviews.get(caseId) ?? []), review]);
  }
  return reviews;
}

/** How many changes wait for a person: those that did not hold, and those to look at. */
export function openReviews(db: Database): { conflicts: number; toLookAt: number } {
  const rows = sql(
    db,
    'SELECT is_conflict AS isConflict, count(*) AS count FROM reviews WHERE settled IS NULL GROUP BY is_conflict',
  ).all() as { isConflict: 0 | 1; count: number }[];
  const countOf = (isConflict: 0 | 1) => rows.find((row) => row.isConflict === isConflict)?.count ?? 0;
  return { conflicts: countOf(1), toLookAt: countOf(0) };
}
