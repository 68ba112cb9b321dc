import { createPublicKey } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { metaOf } from '../../../shared/sync/entry.ts';
import { commitTo, entryHash, feedGenesis, feedHash, verifyHash } from './chain.ts';
import { createHistory, type HistoryRow } from './history.ts';

/** Told of each thing that is not as the hub gave it. */
export type Found = (where: string, code: string, detail: string) => void;

/**
 * Re-checks the site's history as far as it was read: numbers without holes, each operation's content and hash, the
 * chain over all of them, and the hub's signature where it is kept. Gives how many operations there are.
 */
export async function verifyFeed(db: Database, found: Found): Promise<number> {
  const siteId = db.prepare('SELECT site_id FROM feed_site').pluck().get() as string | undefined;
  if (siteId === undefined) return 0;
  const hashAt = db.prepare('SELECT hash FROM feed WHERE n = ?').pluck();
  const ownHash = db.prepare('SELECT hash FROM ops WHERE seq = ?').pluck();
  const stationId = db.prepare('SELECT id FROM station').pluck().get() as string;
  const isOwn = db.prepare('SELECT 1 FROM feed WHERE n = ? AND seq IS NOT NULL').pluck();
  let previous = feedGenesis(siteId);
  let n = 0;
  const check = (row: HistoryRow): void => {
    const where = `operation ${row.n}`;
    if (row.n !== n + 1) found(where, 'feed.hole', `operations ${n + 1} to ${(row.n ?? 0) - 1} are missing`);
    n = row.n ?? n + 1;
    const isForeign = isOwn.get(n) === undefined;
    if (
      isForeign &&
      row.body !== null &&
      row.salt !== null &&
      !commitTo(row.salt, row.body).equals(row.commitment)
    ) {
      found(where, 'feed.body', 'its content is not what was signed');
    }
    const meta = { stationId: isForeign ? row.station_id : stationId, ...metaOf(row, true) };
    const hash = isForeign ? entryHash(meta, row.commitment, row.previous) : (ownHash.get(row.seq) as Buffer);
    previous = feedHash(siteId, n, hash, previous);
    const stored = hashAt.get(n) as Buffer;
    if (!stored.equals(previous)) found(where, 'feed.link', 'it is not what the hub numbered there');
    // One finding for what was changed, not one for everything after it.
    previous = stored;
  };
  for (const page of createHistory(db).placed()) {
    for (const row of page) check(row);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  checkHead(db, n, found);
  return n;
}

/** The furthest head that the hub signed for this bench. */
function checkHead(db: Database, n: number, found: Found): void {
  const head = db
    .prepare('SELECT hub_key AS key, head_n AS n, head_hash AS hash, head_signature AS signature FROM hub')
    .get() as { key: Buffer; n: number; hash: Buffer | null; signature: Buffer | null } | undefined;
  if (!head?.hash || !head.signature) return;
  const key = createPublicKey({ key: head.key, format: 'der', type: 'spki' });
  if (!verifyHash(head.hash, head.signature, key)) {
    found(`operation ${head.n}`, 'feed.signature', 'the hub’s signature is not by its key');
  }
  const read =
    head.n <= n ? (db.prepare('SELECT hash FROM feed WHERE n = ?').pluck().get(head.n) as Buffer) : null;
  if (read && !read.equals(head.hash)) {
    found(`operation ${head.n}`, 'feed.head', 'it is not what the hub signed there');
  }
}
