import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { EnrolAnswer, Head, PushAnswer } from '../../../shared/sync/protocol.ts';
import type { LogStore } from '../storage/log.ts';

/** The hub this bench belongs to, and how far they are. */
export interface Joined {
  readonly url: string;
  readonly siteId: string;
  readonly siteName: string;
  readonly hubKey: Buffer;
  readonly joinedAt: string;
  /** The last entry on the hub's disk. */
  readonly acknowledged: number;
  readonly head: { readonly n: number; readonly hash: Buffer } | null;
  /** Name and prefix as the hub was told them. */
  readonly told: string | null;
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
  head_n: number;
  head_hash: Buffer | null;
  told: string | null;
  talked_at: string | null;
  trouble: string | null;
  trouble_since: string | null;
}

export type SyncState = ReturnType<typeof syncState>;

/** What the bench remembers of its hub, in a table of its own. */
export function syncState(db: Database) {
  const read = db.prepare('SELECT * FROM hub');
  const pushed = db.prepare(
    `UPDATE hub SET acknowledged = ?, backed_up = ?, talked_at = ?, trouble = NULL,
       trouble_since = NULL`,
  );
  const keepHead = db.prepare(
    'UPDATE hub SET head_n = ?, head_hash = ?, head_signature = ? WHERE head_n <= ?',
  );
  const rotation = db.prepare('SELECT private_key, from_seq FROM key_rotation');
  const talked = db.prepare('UPDATE hub SET talked_at = ?');
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
        head: row.head_hash && { n: row.head_n, hash: row.head_hash },
        told: row.told,
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
    left: (): void => void db.exec('DELETE FROM hub; DELETE FROM key_rotation'),
    pushed(answer: Pick<PushAnswer, 'acknowledged' | 'backedUp'>, at: string): void {
      pushed.run(answer.acknowledged, answer.backedUp, at);
    },
    /** The furthest head stays; the caller has made sure of its signature. */
    keepHead({ n, hash, signature }: Head): void {
      keepHead.run(n, Buffer.from(hash, 'base64'), Buffer.from(signature, 'base64'), n);
    },
    /** The hub went back to here along a signed epoch: what was kept of it is no proof against it any more. */
    wentBack({ n, hash }: { readonly n: number; readonly hash: string }): void {
      db.prepare('UPDATE hub SET head_n = ?, head_hash = ?, head_signature = NULL').run(
        n,
        Buffer.from(hash, 'base64'),
      );
    },
    told: (bench: object): void => void db.prepare('UPDATE hub SET told = ?').run(JSON.stringify(bench)),
    /** A key that the hub does not know yet. */
    rotation(): { readonly before: KeyObject; readonly fromSeq: number } | null {
      const row = rotation.get() as { private_key: Buffer; from_seq: number } | undefined;
      if (!row) return null;
      const before = createPrivateKey({ key: row.private_key, format: 'der', type: 'pkcs8' });
      return { before, fromSeq: row.from_seq };
    },
    /** The key before stays until the hub was told; of several that it was not told of, the first. */
    rotated(before: KeyObject, fromSeq: number): void {
      const der = before.export({ format: 'der', type: 'pkcs8' });
      db.prepare('INSERT OR IGNORE INTO key_rotation VALUES (1, ?, ?)').run(der, fromSeq);
    },
    rotationTold: (): void => void db.exec('DELETE FROM key_rotation'),
    talked: (at: string): void => void talked.run(at),
    trouble(problem: { code: string; message: string; hint: string }, at: string): void {
      const { code, message, hint } = problem;
      trouble.run(JSON.stringify({ code, message, hint }), at);
    },
  };
}

/** How this bench's requests to a hub are signed: by the key that the hub knows. */
export function requestsTo(url: string, log: Pick<LogStore, 'db' | 'stationId' | 'privateKey' | 'clock'>) {
  const { rotation } = syncState(log.db);
  return {
    url,
    stationId: log.stationId,
    now: log.clock.now,
    get privateKey(): KeyObject {
      return rotation()?.before ?? log.privateKey;
    },
  };
}
