import type { Status } from '../model/cases.ts';

/** States in which the unit is no longer the lab's to work on: gone, or given up by a decision. */
export const LEFT_LAB: ReadonlySet<Status> = new Set<Status>([
  'shipped',
  'returned-unrepaired',
  'replaced',
  'refunded',
  'scrapped',
  'cancelled',
  'closed',
]);
