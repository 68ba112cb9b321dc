import type pg from 'pg';
import { feedGenesis, feedHash, genesis, hashOf } from '../../hub/feed/chain.ts';
import { arrive } from '../../shared/sync/arrival.ts';
import { type EntryColumns, metaOf } from '../../shared/sync/entry.ts';
import type { State } from '../../shared/sync/merge.ts';

interface FeedRow extends EntryColumns {
  n: number | null;
  station_id: string;
  body: string | null;
  salt: Buffer | null;
  commitment: Buffer;
  previous: Buffer;
  hash: Buffer;
  feed_hash: Buffer | null;
  outcome: string | null;
}

const PAGE = 5_000;
const COLUMNS = `seq, n, station_id, id, incarnation, kind, entity, entity_id, version, base_version, case_id, actor_id,
  actor_name, at, hlc, base, body, salt, commitment, previous, hash, feed_hash, outcome`;

export interface CheckedFeed {
  readonly findings: readonly string[];
  readonly n: number;
  /** How many operations came to what. */
  readonly outcomes: Readonly<Record<string, number>>;
}

/** Reads the hub's one feed from 1 on: its numbers, both chains, and what each operation came to, computed anew. */
export async function checkFeed(database: pg.Pool): Promise<CheckedFeed> {
  const findings: string[] = [];
  const { rows: sites } = await database.query<{ id: string; n: number; hash: Buffer }>(
    'SELECT id, n, hash FROM sites',
  );
  const [site] = sites;
  if (!site || sites.length > 1) return { findings: ['the hub has not one site'], n: 0, outcomes: {} };
  const states = new Map<string, State>();
  const outcomes: Record<string, number> = {};
  let n = 0;
  let feed = feedGenesis(site.id);
  for await (const row of pages(database, 'n > $1', 'n', (last) => [last?.n ?? 0])) {
    n += 1;
    if (row.n !== n) {
      findings.push(`the feed has ${row.n} where ${n} belongs`);
      break;
    }
    feed = feedHash(site.id, n, row.hash, feed);
    if (!row.feed_hash?.equals(feed)) {
      findings.push(`the feed’s chain breaks at ${n}`);
      break;
    }
    const { seq, kind, base, body, at, id, entity_id: entityId, actor_name: actorName } = row;
    const author = `${row.station_id}/${row.incarnation}`;
    const op = { n, author, seq, id, kind, entityId, base, body, at, actorName };
    const { outcome } = arrive(op, states);
    if (row.outcome !== JSON.stringify(outcome)) {
      findings.push(`operation ${n} came to ${row.outcome}, computed anew to ${JSON.stringify(outcome)}`);
    }
    outcomes[outcome.is] = (outcomes[outcome.is] ?? 0) + 1;
  }
  if (n !== site.n) findings.push(`the feed ends at ${n}, the site says ${site.n}`);
  if (!feed.equals(site.hash)) findings.push('the feed’s last hash is not the site’s');
  findings.push(...(await checkLogs(database)));
  return { findings: findings.slice(0, 20), n, outcomes };
}

/** Every station's log as the hub has it: dense, and chained from its beginning. */
async function checkLogs(database: pg.Pool): Promise<string[]> {
  const findings: string[] = [];
  const { rows: stations } = await database.query<{ id: string; last_seq: number; last_hash: Buffer }>(
    'SELECT id, last_seq, last_hash FROM stations',
  );
  for (const station of stations) {
    let seq = 0;
    let previous = genesis(station.id);
    const own = (last: FeedRow | undefined) => [last?.seq ?? 0, station.id];
    for await (const row of pages(database, 'seq > $1 AND station_id = $2', 'seq', own)) {
      seq += 1;
      const entry = {
        ...metaOf(row, row.n !== null),
        body: row.body,
        salt: row.salt?.toString('base64') ?? null,
        commitment: row.commitment.toString('base64'),
      };
      const isChained =
        row.previous.equals(previous) && hashOf(station.id, entry, previous)?.equals(row.hash);
      if (row.seq === seq && isChained) {
        previous = row.hash;
        continue;
      }
      findings.push(`station ${station.id}: its log breaks at ${seq}`);
      break;
    }
    if (seq !== station.last_seq || !previous.equals(station.last_hash)) {
      findings.push(`station ${station.id}: its log ends at ${seq}, the hub says ${station.last_seq}`);
    }
  }
  return findings;
}

/** Rows of `entries` in an order, a page at a time; `after` gives the parameters that follow a row. */
async function* pages(
  database: pg.Pool,
  where: string,
  order: 'n' | 'seq',
  after: (last: FeedRow | undefined) => unknown[],
): AsyncGenerator<FeedRow> {
  let last: FeedRow | undefined;
  for (;;) {
    const { rows } = await database.query<FeedRow>(
      `SELECT ${COLUMNS} FROM entries WHERE ${where} ORDER BY ${order} LIMIT ${PAGE}`,
      after(last),
    );
    yield* rows;
    last = rows.at(-1);
    if (!last) return;
  }
}
