import type pg from 'pg';
import { type EntryColumns, metaOf } from '../../shared/sync/entry.ts';
import type { State } from '../../shared/sync/merge.ts';
import type { Epoch } from '../../shared/sync/protocol.ts';
import type {
  Chained,
  Fed,
  FeedReads,
  FeedStore,
  FeedTransaction,
  Found,
  Site,
  Station,
} from '../feed/store.ts';
import { keysAt, keysOf } from '../stations/keys.ts';
import { inTransaction, type Sql } from './database.ts';

const UNJUDGED = `'{"is":"unjudged"}'`;

/** The hub's feeds in PostgreSQL. */
export const feedStore = (pool: pg.Pool): FeedStore => ({
  ...readsOf(pool),
  transaction: (work) => inTransaction(pool, (sql) => work(transactionOn(sql))),
});

function readsOf(sql: Sql | pg.Pool): FeedReads {
  return {
    site: (siteId) => siteOf(sql, siteId),
    async siteIds() {
      const { rows } = await sql.query<{ id: string }>('SELECT id FROM sites ORDER BY id');
      return rows.map(({ id }) => id);
    },
    // The feed is dense: the range says so to planners that know the table badly, and would sort all that comes after.
    page: (siteId, after, limit) => pageOf(sql, 'AND n <= $2::bigint + $3::bigint', [siteId, after, limit]),
    async hashAt(siteId, n) {
      const { rows } = await sql.query<{ feed_hash: Buffer }>(
        'SELECT feed_hash FROM entries WHERE site_id = $1 AND n = $2',
        [siteId, n],
      );
      return rows[0]?.feed_hash ?? null;
    },
    async unjudgedKinds(siteId) {
      const { rows } = await sql.query<{ kind: string }>(
        `SELECT DISTINCT kind FROM entries WHERE site_id = $1 AND outcome = ${UNJUDGED} ORDER BY kind`,
        [siteId],
      );
      return rows.map(({ kind }) => kind);
    },
  };
}

/** The hub's feeds inside a transaction of the caller's. */
export const transactionOn = (sql: Sql): FeedTransaction => ({
  ...readsOf(sql),
  lockStation: (id) => lockStation(sql, id),
  lockSite: (siteId) => siteOf(sql, siteId, 'FOR UPDATE OF s'),
  keysAt: async (stationId, seq) => keysAt(await keysOf(sql, stationId), seq),
  async lastOf(stationId, incarnation, seq) {
    const { rows } = await sql.query<Found>(
      `SELECT seq, id, hash FROM entries WHERE station_id = $1 AND incarnation = $2 AND seq <= $3
       ORDER BY seq DESC LIMIT 1`,
      [stationId, incarnation, seq],
    );
    return rows[0] ?? null;
  },
  async entriesAt(stationId, seqs) {
    const { rows } = await sql.query<Found>(
      'SELECT seq, id, hash FROM entries WHERE station_id = $1 AND seq = ANY ($2::bigint[])',
      [stationId, seqs],
    );
    return rows;
  },
  async states(siteId, keys) {
    const { rows } = await sql.query<{ key: string; state: string }>(
      'SELECT key, state FROM states WHERE site_id = $1 AND key = ANY ($2::text[])',
      [siteId, keys],
    );
    return rows.map(({ key, state }) => [key, JSON.parse(state) as State]);
  },
  async saveStates(siteId, states) {
    await sql.query(
      `INSERT INTO states (site_id, key, state) SELECT $1, * FROM unnest($2::text[], $3::text[])
       ON CONFLICT (site_id, key) DO UPDATE SET state = excluded.state`,
      [siteId, states.map(([key]) => key), states.map(([, state]) => JSON.stringify(state))],
    );
  },
  addEntries: (station, entries) => addEntries(sql, station, entries),
  async addReviews(siteId, judged) {
    await sql.query(
      `INSERT INTO reviews (site_id, n, op_id, is_conflict)
       SELECT $1, * FROM unnest($2::bigint[], $3::uuid[], $4::boolean[])`,
      [
        siteId,
        judged.map(({ n }) => n),
        judged.map(({ id }) => id),
        judged.map(({ outcome }) => outcome.is === 'conflict'),
      ],
    );
  },
  async saveSite({ id, n, hash }) {
    await sql.query('UPDATE sites SET n = $2, hash = $3 WHERE id = $1', [id, n, hash]);
  },
  async addEpoch(siteId, { id, n, hash, signature }) {
    await sql.query(
      `INSERT INTO epochs (site_id, number, id, n, hash, signature, made_at)
       SELECT $1, count(*) + 1, $2, $3, $4, $5, now() FROM epochs WHERE site_id = $1`,
      [siteId, id, n, bytes(hash), bytes(signature)],
    );
  },
  async saveStation(id, { incarnation, lastSeq, lastHash, lastSignature }) {
    await sql.query(
      `UPDATE stations SET last_seq = $2, last_hash = $3, last_signature = $4, incarnation = $5,
         backed_up = CASE WHEN incarnation = $5 THEN backed_up ELSE 0 END WHERE id = $1`,
      [id, lastSeq, lastHash, lastSignature, incarnation],
    );
  },
  async quarantine(stationId) {
    await sql.query(`UPDATE stations SET state = 'quarantined', why = 'clone' WHERE id = $1`, [stationId]);
  },
  unjudged: (siteId, kinds, after, limit) =>
    pageOf(sql, `AND outcome = ${UNJUDGED} AND kind = ANY ($4::text[])`, [siteId, after, limit, kinds]),
  async saveOutcomes(siteId, judged) {
    await sql.query(
      `UPDATE entries SET outcome = made.outcome FROM unnest($2::bigint[], $3::text[]) AS made (n, outcome)
       WHERE site_id = $1 AND entries.n = made.n AND entries.outcome <> made.outcome`,
      [siteId, judged.map(({ n }) => n), judged.map(({ outcome }) => JSON.stringify(outcome))],
    );
  },
  async forgetJudgement(siteId) {
    await sql.query('DELETE FROM states WHERE site_id = $1', [siteId]);
    await sql.query('DELETE FROM reviews WHERE site_id = $1', [siteId]);
  },
});

async function siteOf(sql: Sql | pg.Pool, siteId: string, lock = ''): Promise<Site> {
  type Row = Pick<Site, 'id' | 'n' | 'hash'> & { epoch: string; epoch_n: number } & Record<string, Buffer>;
  const { rows } = await sql.query<Row>(
    `SELECT s.id, s.n, s.hash, e.id AS epoch, e.n AS epoch_n, e.hash AS epoch_hash, e.signature AS epoch_signature
     FROM sites s LEFT JOIN epochs e ON e.site_id = s.id WHERE s.id = $1 ORDER BY e.number ${lock}`,
    [siteId],
  );
  const [site] = rows;
  if (!site) throw new Error('no such site');
  const epochs = rows.flatMap(
    ({ epoch, epoch_n: n, epoch_hash: hash, epoch_signature: signature }): Epoch[] =>
      hash && signature
        ? [{ id: epoch, n, hash: hash.toString('base64'), signature: signature.toString('base64') }]
        : [],
  );
  return { id: site.id, n: site.n, hash: site.hash, epochs };
}

async function lockStation(sql: Sql, id: string): Promise<Station | null> {
  const { rows } = await sql.query<Station>(
    `SELECT id, site_id AS "siteId", public_key AS "publicKey", incarnation, last_seq AS "lastSeq",
       last_hash AS "lastHash", backed_up AS "backedUp", state
     FROM stations WHERE id = $1 FOR UPDATE`,
    [id],
  );
  return rows[0] ?? null;
}

interface FeedRow extends EntryColumns {
  readonly n: number;
  readonly station_id: string;
  readonly body: string | null;
  readonly salt: Buffer | null;
  readonly commitment: Buffer;
  readonly previous: Buffer;
  readonly feed_hash: Buffer;
}

/** Bytes of content after which a page ends. */
const CONTENT_LIMIT = 4_000_000;

async function pageOf(sql: Sql | pg.Pool, also: string, values: readonly unknown[]): Promise<Fed[]> {
  const { rows } = await sql.query<FeedRow>(
    `SELECT * FROM (
       SELECT seq, n, station_id, id, incarnation, kind, entity, entity_id, version, base_version, case_id, actor_id,
         actor_name, at, hlc, base, epoch, body, salt, commitment, previous, feed_hash,
         sum(octet_length(body)) OVER (ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
       FROM entries WHERE site_id = $1 AND n > $2 ${also} ORDER BY n LIMIT $3
     ) AS page WHERE coalesce(before, 0) < ${CONTENT_LIMIT} ORDER BY n`,
    [...values],
  );
  return rows.map((row) => ({
    n: row.n,
    stationId: row.station_id,
    previous: row.previous,
    hash: row.feed_hash,
    entry: {
      ...metaOf(row, true),
      body: row.body,
      salt: row.salt?.toString('base64') ?? null,
      commitment: row.commitment.toString('base64'),
    },
  }));
}

const bytes = (text: string | null) => (text === null ? null : Buffer.from(text, 'base64'));

/** Columns of `entries` that differ from row to row, their types, and what they hold. */
const COLUMNS: readonly (readonly [name: string, type: string, read: (row: Chained) => unknown])[] = [
  ['seq', 'bigint', ({ entry }) => entry.seq],
  ['n', 'bigint', ({ place }) => place?.n],
  ['id', 'uuid', ({ entry }) => entry.id],
  ['incarnation', 'uuid', ({ entry }) => entry.incarnation],
  ['kind', 'text', ({ entry }) => entry.kind],
  ['entity', 'text', ({ entry }) => entry.entity],
  ['entity_id', 'text', ({ entry }) => entry.entityId],
  ['version', 'bigint', ({ entry }) => entry.version],
  ['base_version', 'bigint', ({ entry }) => entry.baseVersion],
  ['case_id', 'uuid', ({ entry }) => entry.caseId],
  ['actor_id', 'text', ({ entry }) => entry.actorId],
  ['actor_name', 'text', ({ entry }) => entry.actorName],
  ['at', 'text', ({ entry }) => entry.at],
  ['hlc', 'text', ({ entry }) => entry.hlc],
  ['base', 'bigint', ({ entry }) => entry.base],
  ['epoch', 'uuid', ({ entry }) => entry.epoch],
  ['body', 'text', ({ entry }) => entry.body],
  ['salt', 'bytea', ({ entry }) => bytes(entry.salt)],
  ['commitment', 'bytea', ({ entry }) => bytes(entry.commitment)],
  ['previous', 'bytea', ({ previous }) => previous],
  ['hash', 'bytea', ({ hash }) => hash],
  ['feed_hash', 'bytea', ({ place }) => place?.hash],
  ['outcome', 'text', ({ place }) => place && JSON.stringify(place.outcome)],
];
const INSERT = `INSERT INTO entries (station_id, site_id, ${COLUMNS.map(([name]) => name).join(', ')})
  SELECT $1, $2, * FROM unnest(${COLUMNS.map(([, type], index) => `$${index + 3}::${type}[]`).join(', ')})`;

async function addEntries(sql: Sql, { id, siteId }: Station, entries: readonly Chained[]): Promise<void> {
  await sql.query(INSERT, [
    id,
    siteId,
    ...COLUMNS.map(([, , read]) => entries.map((row) => read(row) ?? null)),
  ]);
}
