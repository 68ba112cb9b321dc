import type { Database } from 'better-sqlite3';
import { classifyIdentifier, imeiKey, readMeid, serialKey } from '../../../shared/identity/index.ts';
import type { CaseFilter } from '../../../shared/model/cases.ts';
import { sql } from '../storage/statements.ts';
import { searchable } from './refresh.ts';
import type { CaseRow } from './rows.ts';

export type CaseSort = 'changed' | 'number' | 'promised' | 'priority';

const ORDER: Readonly<Record<CaseSort, string>> = {
  changed: 'changed_at DESC',
  number: 'prefix, ordinal',
  promised: 'promised_on, changed_at DESC',
  priority: 'priority, changed_at DESC',
};

const STOPPED = `(id IN (SELECT case_id FROM safety_stops WHERE released_at IS NULL)
  OR unit_id IN (SELECT unit_id FROM safety_stops WHERE released_at IS NULL AND unit_id IS NOT NULL))`;

/** What tells whether a case's data instruction is fulfilled, as far as its own table can. */
export type DataRow = Pick<
  CaseRow,
  | 'n'
  | 'id'
  | 'in_lab'
  | 'unit_arrived'
  | 'unit_id'
  | 'data_instruction'
  | 'data_exception'
  | 'identity_changed_at'
>;
const DATA_COLUMNS =
  'n, id, in_lab, unit_arrived, unit_id, data_instruction, data_exception, identity_changed_at';
const DATA_MAYBE_OPEN = 'in_lab = 1 AND unit_arrived = 1';

interface Where {
  readonly sql: string;
  readonly params: readonly (string | number)[];
}

/**
 * @param today the site's calendar day: what was promised before it is overdue
 * @param among ids of cases that may be found; null: any
 */
function where(db: Database, filter: CaseFilter, today: string, among: readonly string[] | null): Where {
  const parts: string[] = [];
  const params: (string | number)[] = [];
  const add = (part: string, ...values: (string | number)[]) => {
    parts.push(part);
    params.push(...values);
  };
  if (filter.statuses) add(`status IN (SELECT value FROM json_each(?))`, JSON.stringify(filter.statuses));
  if (filter.open === true) add(`status <> 'closed'`);
  if (filter.open === false) add(`status = 'closed'`);
  if (filter.assigneeId !== undefined) add('assignee_id = ?', filter.assigneeId);
  if (filter.priority !== undefined) add('priority = ?', filter.priority);
  if (filter.flag === 'identity-conflict') add('conflict = 1');
  if (filter.flag === 'safety-stop') add(STOPPED);
  if (filter.flag === 'overdue') add('in_lab = 1 AND promised_on < ?', today);
  if (filter.flag === 'data-open') add(DATA_MAYBE_OPEN);
  if (among !== null) add('id IN (SELECT value FROM json_each(?))', JSON.stringify(among));
  if (filter.text !== undefined) {
    const found = textMatches(db, filter.text);
    // Few are looked up one by one; for many, an index in the wanted order is walked instead (the plus keeps
    // the planner from fetching and sorting thousands of wide rows).
    const n = found.length > LOOKED_UP ? '+n' : 'n';
    add(`${n} IN (SELECT value FROM json_each(?))`, JSON.stringify(found));
  }
  return { sql: parts.length === 0 ? '' : `WHERE ${parts.join(' AND ')}`, params };
}

const LOOKED_UP = 1000;

/** Cases in which all words occur; what is no word (an IMEI with hyphens) is searched as it is stored. */
function textMatches(db: Database, text: string): number[] {
  const scan = classifyIdentifier(text);
  const spoken = scan.kind === 'imei' || scan.kind === 'meid' ? scan.value : text;
  const words = searchable(spoken)
    .split(/[\s\p{Cc}]+/u)
    .filter((word) => word !== '');
  const long = words.filter((word) => [...word].length >= 3);
  const short = words.filter((word) => !long.includes(word));
  const contains = short.map(() => 'instr(search, ?) > 0');
  if (long.length === 0) {
    // Too short for a trigram: every text is read.
    const all = contains.join(' AND ') || '1';
    const rows = db.prepare(`SELECT n FROM case_texts WHERE ${all}`).pluck();
    return rows.all(...short) as number[];
  }
  const match = long.map((word) => `"${word.replaceAll('"', '""')}"`).join(' AND ');
  const all = ['case_search MATCH ?', ...contains].join(' AND ');
  const rows = db.prepare(`SELECT rowid FROM case_search WHERE ${all}`).pluck();
  return rows.all(match, ...short) as number[];
}

/** One page of cases. `keep` says which of the matching ones stay, by what these tables cannot tell (wipes, say). */
export function listRows(
  db: Database,
  options: {
    readonly filter: CaseFilter;
    readonly sort: CaseSort;
    readonly offset: number;
    readonly limit: number;
    readonly today: string;
    readonly among: readonly string[] | null;
    readonly keep?: ((rows: readonly DataRow[]) => ReadonlySet<string>) | undefined;
  },
): { total: number; rows: readonly CaseRow[] } {
  const { filter, sort, offset, limit, today, among, keep } = options;
  const condition = where(db, filter, today, among);
  const order = `ORDER BY ${ORDER[sort]}, n DESC`;
  if (keep) {
    const all = db
      .prepare(`SELECT ${DATA_COLUMNS} FROM cases ${condition.sql} ${order}`)
      .all(...condition.params) as DataRow[];
    const ids = keep(all);
    const kept = all.filter((row) => ids.has(row.id)).map((row) => row.n);
    const page = JSON.stringify(kept.slice(offset, offset + limit));
    const rows = sql(db, `SELECT * FROM cases WHERE n IN (SELECT value FROM json_each(?)) ${order}`).all(
      page,
    );
    return { total: kept.length, rows: rows as CaseRow[] };
  }
  const { total } = db
    .prepare(`SELECT count(*) AS total FROM cases ${condition.sql}`)
    .get(...condition.params) as { total: number };
  // Only the page's own rows are read whole: sorting wide rows would cost ten times as much.
  const rows = db
    .prepare(
      `SELECT * FROM cases WHERE n IN (SELECT n FROM cases ${condition.sql} ${order} LIMIT ? OFFSET ?) ${order}`,
    )
    .all(...condition.params, limit, offset) as CaseRow[];
  return { total, rows };
}

/** How many cases are open, by status. */
export function openCounts(db: Database): Record<string, number> {
  const rows = sql(
    db,
    "SELECT status, count(*) AS total FROM cases WHERE status <> 'closed' GROUP BY status",
  ).all() as { status: string; total: number }[];
  return Object.fromEntries(rows.map((row) => [row.status, row.total]));
}

const OPEN_FIRST = "ORDER BY status = 'closed', opened_at DESC, n DESC";

/** Cases by their number or by any identifier ever connected with them; open ones first, then the newest. */
export function findRows(db: Database, text: string, limit: number): CaseRow[] {
  const scan = classifyIdentifier(text);
  const bare = text.trim();
  const byId = sql(db, 'SELECT * FROM cases WHERE id = ? OR number = ?').all(
    bare.toLowerCase(),
    bare,
  ) as CaseRow[];
  // A text can be read in more than one way (sixteen digits, say); every reading is looked up.
  const keys = [
    { kind: 'imei', value: imeiKey(scan.value) },
    { kind: 'meid', value: readMeid(scan.value) },
    { kind: 'serial', value: serialKey(scan.kind === 'serial' ? scan.value : bare) },
  ].filter((key) => key.value !== null);
  const byIdentifier = sql(
    db,
    `SELECT * FROM cases WHERE id IN (
       SELECT case_id FROM json_each(?) AS key JOIN case_identifiers
         ON kind = key.value ->> '$.kind' AND case_identifiers.value = key.value ->> '$.value'
     ) ${OPEN_FIRST} LIMIT ?`,
  ).all(JSON.stringify(keys), limit) as CaseRow[];
  const seen = new Set(byId.map((row) => row.id));
  return [...byId, ...byIdentifier.filter((row) => !seen.has(row.id))].slice(0, limit);
}

/** The next count of a bench's case numbers: contiguous from 1 for each prefix. */
export function nextOrdinal(db: Database, prefix: string): number {
  const row = sql(db, 'SELECT max(ordinal) AS last FROM cases WHERE prefix = ?').get(prefix) as {
    last: number | null;
  };
  return (row.last ?? 0) + 1;
}

/** Open cases of a unit, newest first. */
export const openCasesOfUnit = (db: Database, unitId: string): CaseRow[] =>
  sql(db, `SELECT * FROM cases WHERE unit_id = ? AND status <> 'closed' ${OPEN_FIRST}`).all(
    unitId,
  ) as CaseRow[];

/** Open cases in the lab that know any of these identifiers, newest first. */
export function openCasesByKeys(
  db: Database,
  keys: readonly { readonly kind: string; readonly value: string }[],
): CaseRow[] {
  return sql(
    db,
    `SELECT * FROM cases WHERE in_lab = 1 AND without_unit = 0 AND id IN (
       SELECT case_id FROM json_each(?) AS key JOIN case_identifiers
         ON kind = key.value ->> '$.kind' AND case_identifiers.value = key.value ->> '$.value'
     ) ${OPEN_FIRST} LIMIT 20`,
  ).all(JSON.stringify(keys)) as CaseRow[];
}
