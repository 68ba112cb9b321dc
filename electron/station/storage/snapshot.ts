import { rmSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import type { Epoch } from '../../../shared/sync/protocol.ts';
import type { Projection, SiteProjection } from './store.ts';

/** What is of the site besides its projections: parents first. */
const HISTORY = ['feed_site', 'feed', 'foreign_ops', 'states', 'links', 'entity_versions'];
/** Rows in one transaction while a copy is filled. */
const AT_ONCE = 1_000;

type Value = string | number | null | Buffer;
/** A line of a snapshot: the head of a table, or a row of it with bytes as `[base64]`. */
export type Line =
  | { readonly table: string; readonly columns: readonly string[] }
  | readonly (string | number | null | readonly [string])[];

const columnsOf = (db: Database, table: string): string[] =>
  (db.pragma(`main.table_xinfo(${table})`) as { name: string; hidden: number }[])
    .filter(({ hidden }) => hidden === 0)
    .map(({ name }) => name);

/** Tables of a site's history and of all that follows from it, parents first. */
const tablesOf = (projections: readonly (Projection | SiteProjection)[]): string[] => [
  ...HISTORY,
  ...projections.flatMap((projection) => ('forget' in projection ? projection.tables.toReversed() : [])),
];

/** Everything of a site in lines; the database must not change meanwhile. */
export function* siteLines(
  db: Database,
  projections: readonly (Projection | SiteProjection)[],
): Generator<Line> {
  for (const table of tablesOf(projections)) {
    const columns = columnsOf(db, table);
    yield { table, columns };
    const rows = db.prepare(`SELECT ${columns} FROM ${table}`).raw().iterate() as IterableIterator<Value[]>;
    for (const row of rows) {
      yield row.map((value) => (Buffer.isBuffer(value) ? ([value.toString('base64')] as const) : value));
    }
  }
}

/** Another state of the site beside this bench's own, while it is brought over. */
export interface SiteCopy {
  /** Throws on a table or column that there is not. */
  take(line: Line): void;
  /** The path of the history that it is at the end of. */
  epochs(): readonly Epoch[];
  /** Puts it in the place of this bench's own; within a transaction. */
  takeOver(): void;
  dispose(): void;
}

/** The tables of the bench's own database in the copy, empty. */
function makeTables(db: Database, tables: readonly string[]): void {
  const schema = db.prepare("SELECT sql FROM main.sqlite_schema WHERE type = 'table' AND name = ?").pluck();
  for (const table of tables) {
    db.exec((schema.get(table) as string).replace(`TABLE ${table}`, `TABLE copy.${table}`));
  }
}

/**
 * A database beside the bench's own, under the same key, that lines are brought into: the bench goes on working until
 * all of them are there.
 */
export function siteCopy(db: Database, projections: readonly (Projection | SiteProjection)[]): SiteCopy {
  const tables = tablesOf(projections);
  const path = `${db.name}-site`;
  rmSync(path, { force: true });
  db.prepare('ATTACH ? AS copy').run(path);
  const discard = () => {
    db.exec('DETACH copy');
    rmSync(path, { force: true });
  };
  try {
    // A copy that was cut off is thrown away: it need not survive anything.
    db.pragma('copy.journal_mode = OFF');
    db.pragma('copy.synchronous = OFF');
    makeTables(db, tables);
  } catch (error) {
    discard();
    throw error;
  }
  let insert: ((row: Value[]) => void) | null = null;
  let waiting: Value[][] = [];
  const write = db.transaction(() => {
    for (const row of waiting) insert?.(row);
    waiting = [];
  });

  return {
    take(line) {
      if (Array.isArray(line)) {
        waiting.push(line.map((value) => (Array.isArray(value) ? Buffer.from(value[0], 'base64') : value)));
        if (waiting.length === AT_ONCE) write();
        return;
      }
      const { table, columns } = line as Extract<Line, { table: string }>;
      write();
      const known = tables.includes(table) ? columnsOf(db, table) : [];
      const isKnown = columns.length > 0 && columns.every((column) => known.includes(column));
      if (!isKnown) throw new Error(`a snapshot with a table “${table}” of another form`);
      const statement = db.prepare(
        `INSERT INTO copy.${table} (${columns}) VALUES (${columns.map(() => '?')})`,
      );
      insert = (row) => void statement.run(...row);
    },
    epochs() {
      write();
      return JSON.parse((db.prepare('SELECT epochs FROM copy.feed_site').pluck().get() as string) ?? '[]');
    },
    takeOver() {
      write();
      for (const table of tables.toReversed()) {
        if (table !== 'entity_versions') db.exec(`DELETE FROM main.${table}`);
      }
      for (const table of tables) {
        const columns = columnsOf(db, table);
        if (table !== 'entity_versions') {
          db.exec(`INSERT INTO main.${table} (${columns}) SELECT ${columns} FROM copy.${table}`);
        }
      }
      db.exec(MINE);
    },
    dispose: discard,
  };
}

/** What is in this bench's own log is no other bench's, and versions that its windows have seen go on from there. */
const MINE = `
  UPDATE feed SET seq = NULL WHERE seq IS NOT NULL;
  UPDATE feed SET seq = (SELECT ops.seq FROM foreign_ops JOIN ops USING (id, seq) WHERE foreign_ops.n = feed.n)
    WHERE n IN (SELECT n FROM foreign_ops JOIN ops USING (id, seq) JOIN station ON station_id = station.id);
  DELETE FROM foreign_ops WHERE n IN (SELECT n FROM feed WHERE seq IS NOT NULL);
  INSERT INTO entity_versions (entity_id, version, entries)
    SELECT entity_id, version, 0 FROM copy.entity_versions WHERE true
    ON CONFLICT DO UPDATE SET version = max(version, excluded.version) + 1;
  UPDATE cases SET version = (SELECT version FROM entity_versions WHERE entity_id = cases.id);
`;
