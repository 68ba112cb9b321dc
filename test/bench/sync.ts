/**
 * What a bench sends to its hub and reads back, over loopback, beside a multi-row INSERT of the same rows over `pg`
 * into the same PostgreSQL: `node test/bench/sync.ts [OPERATIONS]`. Ours checks every link of the chain and what the
 * operations come to, and is acknowledged only from the disk; both write with fsync on.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 } from 'uuid';
import { openPool } from '../../hub/storage/database.ts';
import type { Entry } from '../../shared/sync/entry.ts';
import { BareStation, testHub } from '../support/hub.ts';

const COUNT = Number(process.argv[2] ?? 20_000);
const BATCH = 500;
const COLUMNS =
  'station_id, site_id, seq, n, id, incarnation, kind, entity, entity_id, version, case_id, actor_id, actor_name, at, hlc, base, body, salt, commitment, previous, hash, feed_hash';

const folder = mkdtempSync(join(tmpdir(), 'repairbench-bench-'));
chmodSync(folder, 0o711);
const hub = await testHub(folder);
const pool = openPool(readFileSync(join(folder, 'hub', 'postgres.url'), 'utf8'));
try {
  const admin = await hub.admin();
  const bench = new BareStation(hub.address, 'B1');
  await bench.enrol(await admin.code());
  let id = '';
  for (let n = 0; n < COUNT; n++) {
    if (n % 8 === 0) id = openCase(bench, n);
    else if (n % 8 === 1)
      bench.append('case.moved', id, { from: 'received', to: 'diagnosing', reason: null }, { caseId: id });
    else if (n % 8 === 2) bench.append('case.fields', id, { fields: { customer: 'Acme' } }, { caseId: id });
    else
      bench.append(
        'case.noted',
        id,
        { noteId: v7(), text: 'Swollen battery, lid does not close' },
        { caseId: id },
      );
  }
  const push = await seconds(() => bench.push(0));
  const pull = await seconds(() => bench.pull());
  await pool.query('CREATE TABLE bare (LIKE entries INCLUDING INDEXES)');
  const bare = await seconds(async () => {
    for (let from = 0; from < COUNT; from += BATCH) {
      await insert(bench.log.slice(from, from + BATCH).map(({ entry, hash }) => rowOf(bench, entry, hash)));
    }
  });
  const rate = (took: number) => Math.round(COUNT / took);
  console.table([
    {
      step: 'push',
      'ours, operations/s': rate(push),
      'INSERT, rows/s': rate(bare),
      ratio: (bare / push).toFixed(2),
    },
    { step: 'pull, every link checked', 'ours, operations/s': rate(pull), 'INSERT, rows/s': '', ratio: '' },
  ]);
} finally {
  await pool.end();
  await hub.close();
  rmSync(folder, { recursive: true, force: true });
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

function openCase(bench: BareStation, n: number): string {
  const id = v7();
  const none = {
    fault: null,
    customer: null,
    contact: null,
    contract: null,
    condition: null,
    assigneeId: null,
  };
  const rest = { promisedOn: null, purchasedOn: null, accessories: [], custodian: null, place: null };
  bench.append(
    'case.opened',
    id,
    {
      ...{ number: `B1-${n}`, status: 'received', withoutUnit: false, policyVersion: 'consumer@1' },
      fields: { ...none, ...rest, priority: 'P3', tier: 'L1', dataInstruction: 'wipe' },
      identifiers: { serial: `SN${n}`, imei1: null, imei2: null, meid: null },
      ...{ identifiersFrom: 'label', unitId: null, label: null, unitArrived: true },
    },
    { caseId: id },
  );
  return id;
}

function rowOf(bench: BareStation, entry: Entry, hash: Buffer): unknown[] {
  const { seq, id, incarnation, kind, entity, entityId, version, caseId, actorId, actorName, at, hlc, base } =
    entry;
  const bytes = [
    Buffer.from(entry.salt ?? '', 'base64'),
    Buffer.from(entry.commitment, 'base64'),
    hash,
    hash,
    hash,
  ];
  return [
    ...[bench.id, bench.siteId, seq, seq, id, incarnation, kind, entity, entityId, version, caseId, actorId],
    ...[actorName, at, hlc, base, entry.body, ...bytes],
  ];
}

async function insert(rows: readonly unknown[][]): Promise<void> {
  const places = rows.map((row, y) => `(${row.map((_, x) => `$${y * row.length + x + 1}`).join(', ')})`);
  // One statement is one transaction.
  await pool.query(`INSERT INTO bare (${COLUMNS}) VALUES ${places.join(', ')}`, rows.flat());
}
