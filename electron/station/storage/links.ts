import type { Database } from 'better-sqlite3';
import type { Op } from '../../../shared/ops/define.ts';
import type { OpKinds } from './log.ts';

/** What an operation's projection reads and writes: its case, its entity, and what its kind says besides. */
export function touchedBy(op: Pick<Op, 'kind' | 'entity' | 'entityId' | 'caseId' | 'body'>, kinds: OpKinds) {
  // A file or a record is a part of its case; nothing else is about it.
  const entity = kinds[op.kind]?.entity ?? op.entity;
  const isPart = op.caseId !== null && (entity === 'artifact' || entity === 'record');
  const more = op.body === null ? [] : (kinds[op.kind]?.touches?.(op.body as never) ?? []);
  const all = [...(op.caseId === null ? [] : [op.caseId]), ...(isPart ? [] : [op.entityId]), ...more];
  return all.length === 1 ? all : [...new Set(all)];
}

/**
 * What belongs together because some operation touched both: whatever is projected anew, all of it is. Links only
 * grow, so that an operation that fell before another one finds all that the other one was about.
 */
export function createLinks(db: Database) {
  const insert = db.prepare('INSERT OR IGNORE INTO links VALUES (?, ?)');
  const linked = db.prepare('SELECT b FROM links WHERE a = ?').pluck();
  return {
    link([first, ...others]: readonly string[]): void {
      for (const other of others) {
        insert.run(first, other);
        insert.run(other, first);
      }
    },
    /** Everything that hangs together with these. */
    closure(start: Iterable<string>): string[] {
      const found = new Set(start);
      for (const each of found) for (const other of linked.all(each) as string[]) found.add(other);
      return [...found];
    },
    clear: () => void db.exec('DELETE FROM links'),
  };
}
