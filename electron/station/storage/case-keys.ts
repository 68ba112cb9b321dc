import type { Database } from 'better-sqlite3';
import type { Clock } from './store.ts';

/** One random key for each case's artifacts. Erasing it makes them unreadable; the log still verifies. */
export function createCaseKeys(db: Database, clock: Clock) {
  const find = db.prepare('SELECT key FROM case_keys WHERE case_id = ?').pluck();
  const insert = db.prepare('INSERT INTO case_keys VALUES (?, ?)');
  const erase = db.prepare(
    "INSERT INTO case_keys VALUES (?, x'') ON CONFLICT DO UPDATE SET key = excluded.key",
  );
  return {
    /** The case's key, made at its first use; null once it was erased, which is for good. */
    get: (caseId: string): Uint8Array | null => {
      const stored = find.get(caseId) as Buffer | undefined;
      if (stored) return stored.length === 0 ? null : new Uint8Array(stored);
      const key = clock.random(32);
      insert.run(caseId, Buffer.from(key));
      return key;
    },
    erase: (caseId: string): void => {
      erase.run(caseId);
    },
  };
}
