import type { ToldOp } from '../storage/history.ts';
import type { DataRow } from './queries.ts';
import type { CasesOptions } from './sources.ts';

/** Whether the entry of a case that is meant was made knowing of the unit's last change of identity. */
export type SinceSwap = (isMeant: (op: ToldOp) => boolean) => boolean;

const holds = ({ outcome }: ToldOp): boolean =>
  outcome === null || outcome.is === 'applied' || outcome.is === 'unjudged';

/**
 * Wipes, runs and papers count for the unit as it is now, not for the board before a swap. After it is what a bench did
 * that knew of the swap: two benches’ clocks may differ by more than lies between, and a bench that had not heard of the
 * swap had the old board before it.
 */
export function createSwaps({ timeline, knew }: Pick<CasesOptions, 'timeline' | 'knew'>) {
  const known = new WeakMap<DataRow, SinceSwap>();

  function look(caseId: string): SinceSwap {
    const history = timeline(caseId);
    const index = history.findLastIndex((op) => op.kind === 'case.identity-changed' && holds(op));
    const swap = history[index];
    return (isMeant) => {
      const at = history.findLastIndex((op) => holds(op) && isMeant(op));
      const op = history[at];
      return swap !== undefined && op !== undefined && at > index && knew(op, swap);
    };
  }

  return (row: DataRow): SinceSwap => {
    if (row.identity_changed_at === null) return () => true;
    const since = known.get(row) ?? look(row.id);
    known.set(row, since);
    return since;
  };
}
