import { fileURLToPath } from 'node:url';
import Sqlite, { type Database } from 'better-sqlite3';
import { peopleProjection } from '../../../electron/station/people/service.ts';
import { PROJECTION_VERSION, SITE_PROJECTIONS } from '../../../electron/station/replica.ts';
import { stationProjection } from '../../../electron/station/settings.ts';
import { readMigrations } from '../../../electron/station/storage/database.ts';
import type { OpRow } from '../../../electron/station/storage/history.ts';
import { type LogStore, openLog } from '../../../electron/station/storage/log.ts';
import { syncState } from '../../../electron/station/sync/state.ts';
import { OPS } from '../../../shared/ops/index.ts';
import { metaOf } from '../../../shared/sync/entry.ts';
import type { State } from '../../../shared/sync/merge.ts';
import { holds } from '../check/violations.ts';
import type { BenchKind, OpenBench } from './bench.ts';
import { BenchDisk, type OwnEntry } from './disk.ts';

const migrations = readMigrations(
  fileURLToPath(new URL('../../../electron/station/storage/migrations/', import.meta.url)),
);
const ACTOR = { id: 'ada', name: 'Ada' };

/** The station's own database, in memory; what the simulator looks at is read back from it. */
class StationDisk extends BenchDisk {
  readonly db: Database;

  constructor(db: Database, stationId: string, incarnation: string) {
    super(stationId, incarnation);
    this.db = db;
  }

  override copy(): StationDisk {
    const copy = new StationDisk(new Sqlite(this.db.serialize()), this.stationId, this.incarnation);
    copy.own = [...this.own];
    copy.read = [...this.read];
    return copy;
  }

  override look(): void {
    this.hub = syncState(this.db).get();
    const outcomes = this.db.prepare('SELECT outcome FROM feed ORDER BY n').pluck().all() as string[];
    this.read = this.read.map((each, index) => ({ ...each, outcome: JSON.parse(outcomes[index] ?? 'null') }));
    const states = this.db.prepare('SELECT key, state FROM states').all() as { key: string; state: string }[];
    this.states = new Map(states.map(({ key, state }) => [key, JSON.parse(state) as State]));
  }

  override tables(): string {
    const log = logOn(this, {
      now: () => '',
      monotonic: () => 0,
      id: () => '',
      random: () => new Uint8Array(),
    });
    const before = tablesOf(this.db);
    log.rebuild();
    const after = tablesOf(this.db);
    for (const [name, rows] of after) {
      const [was, is] = difference(before.get(name) ?? [], rows);
      holds('tables are what making them anew gives', was === is, () => `${name}: ${was} instead of ${is}`);
    }
    return log.siteHash();
  }
}

/** Rows of the tables that every bench has alike, as text, without what differs from bench to bench. */
function tablesOf(db: Database): ReadonlyMap<string, readonly string[]> {
  const tables = new Map<string, readonly string[]>();
  for (const projection of SITE_PROJECTIONS) {
    const local = new Set(projection.local);
    for (const table of projection.tables.filter((name) => !local.has(name))) {
      const columns = (db.pragma(`table_xinfo(${table})`) as { name: string; hidden: number }[])
        .filter(({ name, hidden }) => hidden === 0 && !local.has(`${table}.${name}`))
        .map(({ name }) => name);
      const rows = db.prepare(
        `SELECT json_object(${columns.map((name) => `'${name}', ${name}`)}) FROM ${table}`,
      );
      tables.set(table, (rows.pluck().all() as string[]).sort());
    }
  }
  return tables;
}

/** The first rows in which two tables differ. */
function difference(was: readonly string[], is: readonly string[]): [string | undefined, string | undefined] {
  const at = is.findIndex((row, index) => row !== was[index]);
  return at === -1 ? [was[is.length], undefined] : [was[at], is[at]];
}

const logOn = (disk: StationDisk, clock: Parameters<BenchKind['open']>[1]): LogStore =>
  openLog({
    db: disk.db,
    clock,
    kinds: OPS,
    projections: [stationProjection, peopleProjection, ...SITE_PROJECTIONS],
    projectionVersion: PROJECTION_VERSION,
    onUnfit: (op, error) => {
      throw new Error(`an operation of another bench cannot be projected: ${op.kind}`, { cause: error });
    },
  });

const ownOf = (row: OpRow): OwnEntry => {
  const isSent = row.synced === 1;
  const { body, salt, commitment, previous, hash } = row;
  const entry = {
    ...metaOf(row, isSent),
    body: isSent ? body : null,
    salt: isSent ? (salt?.toString('base64') ?? null) : null,
    commitment: commitment.toString('base64'),
  };
  return { entry, body, salt, commitment, previous, hash };
};

/** A bench on the station's own storage: its log, its history and its tables. It is always of the newest version. */
export const realBench: BenchKind = {
  make(stationId, incarnation, keys) {
    const db = new Sqlite(':memory:');
    for (const { sql } of migrations) db.exec(sql);
    db.prepare('INSERT INTO station VALUES (1, ?, ?, ?, ?, ?, ?)').run(
      ...[stationId, incarnation, 'live'],
      keys.publicKey.export({ format: 'der', type: 'spki' }),
      keys.privateKey.export({ format: 'der', type: 'pkcs8' }),
      '2026-01-05T08:00:00.000Z',
    );
    return new StationDisk(db, stationId, incarnation);
  },

  open(disk, clock) {
    if (!(disk instanceof StationDisk)) throw new Error('the disk of another kind of bench');
    const log = logOn(disk, clock);
    const outcomeAt = disk.db.prepare('SELECT outcome FROM feed WHERE n = ?').pluck();
    let isClosed = false;
    const check = () => {
      if (isClosed) throw new Error('the log is closed');
    };
    const opened: OpenBench['log'] = {
      ...log,
      append({ kind, entityId, caseId, body }) {
        // What no station would write is for the lean bench to do.
        if (body === null || !OPS[kind]?.body.safeParse(JSON.parse(body)).success) return null;
        log.append(ACTOR, [{ kind, entityId, caseId, body: JSON.parse(body) }]);
        const [row] = log.rows(log.head() - 1, 1);
        if (!row) throw new Error('what was appended is not there');
        disk.own.push(ownOf(row));
        return disk.own.at(-1)?.entry ?? null;
      },
      place(placed) {
        check();
        log.place(placed);
        for (const each of placed.filter(({ entry }) => entry.n > disk.read.length)) {
          disk.read.push({ ...each, outcome: JSON.parse(outcomeAt.get(each.entry.n) as string) });
        }
      },
      rewind(n, epochs) {
        check();
        log.rewind(n, epochs);
        disk.read = disk.read.slice(0, n);
        disk.epochs = epochs.epochs;
      },
    };
    const close = () => {
      isClosed = true;
    };
    return { log: opened, state: syncState(disk.db), close };
  },

  upgrade: () => {},

  restored(disk, incarnation) {
    (disk as StationDisk).db.prepare('UPDATE station SET incarnation = ?').run(incarnation);
    disk.incarnation = incarnation;
  },
};
