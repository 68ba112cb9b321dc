import type { Database } from 'better-sqlite3';
import type { EnrolAnswer, Head, PushAnswer } from '../../../shared/sync/protocol.ts';

/** The hub this bench belongs to, and how far they are. */
export interface Joined {
  readonly url: string;
  readonly siteId: string;
  readonly siteName: string;
  readonly hubKey: Buffer;
  readonly joinedAt: string;
  /** The last entry on the hub's disk. */
  readonly acknowledged: number;
  readonly readN: number;
  readonly head: { readonly n: number; readonly hash: Buffer } | null;
  readonly talkedAt: string | null;
  /** Code and words of what keeps them apart. */
  readonly trouble: { readonly code: string; readonly message: string; readonly hint: string } | null;
  readonly troubleSince: string | null;
}

interface Row {
  url: string;
  site_id: string;
  site_name: string;
  hub_key: Buffer;
  joined_at: string;
  acknowledged: number;
  read_n: number;
  head_n: number;
  head_hash: Buffer | null;
  talked_at: string | null;
  trouble: string | null;
  trouble_since: string | null;
}

/** What the bench remembers of its hub, in a table of its own. */
export function syncState(db: Database) {
  const read = db.prepare('SELECT * FROM hub');
  const pushed = db.prepare(
    `UPDATE hub SET acknowledged = max(acknowledged, ?), backed_up = ?, talked_at = ?, trouble = NULL,
       trouble_since = NULL`,
  );
  const keepHead = db.prepare(
    'UPDATE hub SET head_n = ?, head_hash = ?, head_signature = ? WHERE head_n <= ?',
  );
  const trouble = db.prepare('UPDATE hub SET trouble = ?, trouble_since = coalesce(trouble_since, ?)');

  return {
    get(): Joined | null {
      const row = read.get() as Row | undefined;
      if (!row) return null;
      return {
        url: row.url,
        siteId: row.site_id,
        siteName: row.site_name,
        hubKey: row.hub_key,
        joinedAt: row.joined_at,
        acknowledged: row.acknowledged,
        readN: row.read_n,
        head: row.head_hash && { n: row.head_n, hash: row.head_hash },
        talkedAt: row.talked_at,
        trouble: row.trouble === null ? null : (JSON.parse(row.trouble) as Joined['trouble']),
        troubleSince: row.trouble_since,
      };
    },
    joined(url: string, { siteId, siteName, hubKey }: EnrolAnswer, at: string): void {
      db.prepare(
        `INSERT INTO hub (one, url, site_id, site_name, hub_key, joined_at) VALUES (1, ?, ?, ?, ?, ?)`,
      ).run(url, siteId, siteName, Buffer.from(hubKey, 'base64'), at);
    },
    left: (): void => void db.exec('DELETE FROM hub'),
    pushed(answer: Pick<PushAnswer, 'acknowledged' | 'backedUp'>, at: string): void {
      pushed.run(answer.acknowledged, answer.backedUp, at);
    },
    /** The furthest head stays; the caller has made sure of its signature. */
    keepHead({ n, hash, signature }: Head): void {
      keepHead.run(n, Buffer.from(hash, 'base64'), Buffer.from(signature, 'base64'), n);
    },
    trouble(problem: { code: string; message: string; hint: string }, at: string): void {
      const { code, message, hint } = problem;
      trouble.run(JSON.stringify({ code, message, hint }), at);
    },
  };
}
