import { toOp } from './history.ts';
import type { Projecting } from './projecting.ts';

/**
 * What own operations without a place touch, and all that hangs together with it: an operation that comes before them
 * must not be projected after them, and a projector may read what is linked (the unit of a case, a unit's other case).
 */
export function createWaiting({ history, touched, closure }: Projecting) {
  const keysOf = new Map<number, readonly string[]>();
  const counts = new Map<string, number>();
  /** What was asked since the last look: links that are made meanwhile are between things that are asked. */
  let near = new Map<string, boolean>();
  let seen: number | undefined;
  return {
    /** Takes in what was written since the last time. */
    look(): void {
      near = new Map();
      for (const page of history.unplaced(seen)) {
        for (const row of page) {
          const keys = touched(toOp(row));
          keysOf.set(row.seq, keys);
          for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
          seen = row.seq;
        }
      }
    },
    isNear(key: string): boolean {
      if (counts.size === 0) return false;
      const known = near.get(key);
      if (known !== undefined) return known;
      const together = closure([key]);
      const isNear = together.some((each) => counts.has(each));
      for (const each of together) near.set(each, isNear);
      return isNear;
    },
    keys: (): Iterable<string> => counts.keys(),
    /** An own operation got its place; gives what it touches. */
    placed(seq: number): readonly string[] {
      const keys = keysOf.get(seq) ?? [];
      keysOf.delete(seq);
      for (const key of keys) {
        const left = (counts.get(key) ?? 1) - 1;
        if (left > 0) counts.set(key, left);
        else counts.delete(key);
      }
      return keys;
    },
    forget(): void {
      keysOf.clear();
      counts.clear();
      seen = undefined;
    },
  };
}
