import type { Bench } from '../bench/bench.ts';
import type { Universe } from '../universe/universe.ts';

/** What must hold, did not. */
export class Violation extends Error {
  readonly invariant: string;
  readonly detail: string;

  constructor(invariant: string, detail: string) {
    super(`${invariant}: ${detail}`);
    this.invariant = invariant;
    this.detail = detail;
  }
}

/** Answers from before a restore may come this much later, in milliseconds. */
export const LATE_MS = 600_000;

/** Whether a bench may be told this by its hub, after all that went wrong in its universe. */
export function isExpected(universe: Universe, bench: Bench, code: string): boolean {
  const { faults, world } = universe;
  switch (code) {
    case 'sync.unreachable':
      return true;
    case 'sync.clock':
      return faults.has('clocks-wrong') || faults.has('messages-late');
    case 'sync.revoked':
      return faults.has('bench-revoked');
    case 'sync.clone':
      return universe.cloned.has(bench.stationId);
    case 'sync.unknown-station':
      return universe.hub.restores > 0;
    case 'sync.rewritten':
    case 'sync.not-a-hub':
      return universe.isRolledBack || world.now - universe.restoredAt < LATE_MS;
    default:
      return false;
  }
}

/** Throws `Violation` where something that must hold does not. */
export function holds(invariant: string, isSo: boolean, detail: () => string): void {
  if (!isSo) throw new Violation(invariant, detail());
}
