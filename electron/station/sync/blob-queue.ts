import type { Database } from 'better-sqlite3';
import type { AddedHere } from '../evidence/queries.ts';

/** Artifacts added here whose content the hub may not have yet, oldest first. */
export function blobQueue(db: Database, added: () => readonly AddedHere[]) {
  const sent = db.prepare('SELECT artifact_id FROM blobs_sent WHERE site_id = ?').pluck();
  const insert = db.prepare('INSERT OR IGNORE INTO blobs_sent VALUES (?, ?, ?)');
  const remove = db.prepare('DELETE FROM blobs_sent WHERE site_id = ? AND artifact_id = ?');
  let site: string | null = null;
  let waiting = new Map<string, AddedHere>();

  /** What was sent to another hub is not at this one. */
  function load(siteId: string): void {
    const done = new Set(sent.all(siteId));
    waiting = new Map(added().flatMap((one) => (done.has(one.id) ? [] : [[one.id, one]])));
    site = siteId;
  }

  return {
    /** What the site's hub lacks; it may grow and shrink while it is gone through. */
    of(siteId: string): Iterable<AddedHere> {
      if (siteId !== site) load(siteId);
      return waiting.values();
    },
    /** One more was added here. */
    add(one: AddedHere): void {
      if (site !== null) waiting.set(one.id, one);
    },
    done(siteId: string, id: string, at: string): void {
      insert.run(siteId, id, at);
      if (site === siteId) waiting.delete(id);
    },
    /** What the site's hub was sent. */
    sent(siteId: string): readonly AddedHere[] {
      const done = new Set(sent.all(siteId));
      return added().filter(({ id }) => done.has(id));
    },
    /** The hub has lost these. */
    again(siteId: string, ids: readonly string[]): void {
      db.transaction(() => {
        for (const id of ids) remove.run(siteId, id);
      })();
      load(siteId);
    },
  };
}
