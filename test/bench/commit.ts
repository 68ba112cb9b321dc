/**
 * One case change committed beside a bare better-sqlite3 transaction of the same rows: `node test/bench/commit.ts`.
 * Ours validates, chains, signs and projects; the bare one writes the same ops row, version and columns of the case,
 * with the same indexes, key and synchronous FULL, from values made beforehand.
 */
import { casesProjection } from '../../electron/station/cases/projectors.ts';
import type { OpKinds } from '../../electron/station/storage/log.ts';
import { testStore } from '../../electron/station/testing/store.ts';
import { OPS } from '../../shared/ops/index.ts';
import { makeBench } from '../support/bench.ts';

const ROUNDS = 6;
const CHANGES = Number(process.argv[2] ?? 400);
const ADA = { id: '018f0000-0000-7000-8000-000000000001', name: 'Ada' };

/** A training bench makes the case, so that its rows are real ones. */
const bench = await makeBench();
const opened = await bench.client.cases.open({ label: { serial: 'BENCH-0001' }, fields: { fault: 'Slow' } });
const ops = (await bench.station.logEntries(0, 1000)).filter((op) => op.caseId === opened.id);
await bench.close();

const { store, db, dispose } = testStore(OPS as OpKinds, [casesProjection]);
for (const { kind, entityId, caseId, body } of ops) store.append(ADA, [{ kind, entityId, caseId, body }]);

const change = (n: number) =>
  store.append(ADA, [
    {
      kind: 'case.fields',
      entityId: opened.id,
      caseId: opened.id,
      body: { fields: { place: `Shelf ${n}` } },
    },
  ]);
change(0);

/** A table of the same form under another name, indexes included. */
function twin(name: string): void {
  const parts = db
    .prepare("SELECT sql FROM sqlite_schema WHERE tbl_name = ? AND sql IS NOT NULL AND type <> 'trigger'")
    .pluck()
    .all(name) as string[];
  for (const sql of parts) {
    db.exec(
      sql
        .replace(/^CREATE TABLE \S+/, `CREATE TABLE bare_${name}`)
        .replace(/^CREATE (UNIQUE )?INDEX (\S+) ON \S+/, `CREATE $1INDEX bare_$2 ON bare_${name}`),
    );
  }
}
for (const name of ['ops', 'entity_versions', 'cases']) twin(name);
/** Columns that are written; generated ones follow by themselves. */
const stored = (db.pragma('table_xinfo(cases)') as { name: string; hidden: number }[])
  .filter(({ hidden }) => hidden === 0)
  .map(({ name }) => name);
db.exec(`INSERT INTO bare_cases (${stored.join(', ')}) SELECT ${stored.join(', ')} FROM cases`);
const opRow = db.prepare('SELECT * FROM ops ORDER BY seq DESC LIMIT 1').get() as Record<string, unknown>;
const caseRow = db.prepare('SELECT * FROM cases').get() as Record<string, unknown>;
const columns = Object.keys(opRow);
const insert = db.prepare(
  `INSERT INTO bare_ops (${columns.join(', ')}) VALUES (${columns.map((column) => `:${column}`).join(', ')})`,
);
const version = db.prepare(
  'INSERT INTO bare_entity_versions VALUES (?, ?) ON CONFLICT DO UPDATE SET version = excluded.version',
);
/** What the projectors write of a case when a field changes, in one statement. */
const changing = 'version changed_at fields model serial imei1 conflict cause_class'.split(' ');
const update = db.prepare(
  `UPDATE bare_cases SET ${changing.map((column) => `${column} = :${column}`).join(', ')} WHERE id = :id`,
);
const given = Object.fromEntries(['id', ...changing].map((name) => [name, caseRow[name]]));
let seq = 0;
const write = db.transaction(() => {
  seq += 1;
  insert.run({ ...opRow, seq, id: `op-${seq}` });
  version.run(opened.id, seq);
  update.run({
    ...given,
    version: seq,
    changed_at: `at-${seq}`,
    fields: `${caseRow.fields}`.replace('Shelf 0', `Shelf ${seq}`),
  });
}).immediate;

/** Milliseconds for one, the mean over a round. */
function measure(once: (n: number) => unknown): number {
  const start = performance.now();
  for (let n = 0; n < CHANGES; n++) once(n);
  return (performance.now() - start) / CHANGES;
}

const best = { ours: Number.POSITIVE_INFINITY, bare: Number.POSITIVE_INFINITY };
for (let round = 0; round < ROUNDS; round++) {
  best.bare = Math.min(best.bare, measure(write));
  best.ours = Math.min(best.ours, measure(change));
}
console.table({
  'a case change, ms': {
    'this bench': +best.ours.toFixed(3),
    'bare transaction': +best.bare.toFixed(3),
    ratio: +(best.ours / best.bare).toFixed(2),
  },
});
await dispose();
