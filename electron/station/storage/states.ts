import type { Database } from 'better-sqlite3';
import type { State, States } from '../../../shared/sync/merge.ts';

/** What operations in the feed are judged against, as it is after the last of them. */
export function storedStates(db: Database): States & { clear(): void } {
  const read = db.prepare('SELECT state FROM states WHERE key = ?').pluck();
  const write = db.prepare(
    'INSERT INTO states VALUES (?, ?) ON CONFLICT DO UPDATE SET state = excluded.state',
  );
  return {
    get(key) {
      const text = read.get(key) as string | undefined;
      return text === undefined ? undefined : (JSON.parse(text) as State);
    },
    set: (key, state) => void write.run(key, JSON.stringify(state)),
    clear: () => void db.exec('DELETE FROM states'),
  };
}

/** The same as it would be after operations that have no place yet; nothing of it is kept. */
export function provisionalStates(stored: States): States {
  const changed = new Map<string, State>();
  return {
    get: (key) => changed.get(key) ?? stored.get(key),
    set: (key, state) => void changed.set(key, state),
  };
}
