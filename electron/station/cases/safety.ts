import { BenchError } from '../../../shared/errors/index.ts';
import type { CaseView, SafetyStop } from '../../../shared/model/cases.ts';
import { spanMs } from '../../../shared/rma/policy.ts';
import type { Actor } from '../storage/store.ts';
import type { Commands } from './commands.ts';
import { type CaseRow, standingStop } from './rows.ts';

const HOUR_MS = 3_600_000;

/** The safety stop: block at once, tell product safety within the policy's hour, release by a manager. */
export function createSafetyCommands({ options, change, append }: Commands) {
  const { db, clock } = options.store;

  /** The case's own time to tell product safety. No missing policy may keep a unit from being stopped. */
  function reportWithin(row: CaseRow): number {
    const own = options.policies.byVersion(row.policy);
    if (own) return spanMs(own.safetyReport);
    return Math.min(HOUR_MS, ...options.policies.current.map(({ safetyReport }) => spanMs(safetyReport)));
  }

  function stopOf(row: CaseRow): SafetyStop & { id: string } {
    const stop = standingStop(db, row);
    if (!stop) throw new BenchError('safety.none', { number: row.number });
    return stop;
  }

  return {
    /** Blocks the unit, on every case it is on. Throws `safety.stands`. */
    safetyStop: (actor: Actor, input: { id: string; reason: string }): CaseView =>
      change(
        input.id,
        (row) => {
          const standing = standingStop(db, row);
          if (standing) throw new BenchError('safety.stands', { reason: standing.reason });
          const due = Date.parse(clock.now()) + reportWithin(row);
          append(actor, row, 'case.safety-stop', {
            stopId: clock.id(),
            unitId: row.unit_id,
            reason: input.reason,
            reportDueAt: new Date(due).toISOString(),
          });
        },
        true,
      ),

    /** Product safety was told. Throws `safety.none`, `safety.already-reported`. */
    safetyReported: (actor: Actor, input: { id: string; to: string; ref: string }): CaseView =>
      change(
        input.id,
        (row) => {
          const stop = stopOf(row);
          if (stop.reportedAt) throw new BenchError('safety.already-reported', { at: stop.reportedAt });
          append(actor, row, 'case.safety-reported', { stopId: stop.id, to: input.to, ref: input.ref });
        },
        true,
      ),

    /** Lifts the block. Throws `safety.none`, `safety.not-reported`. */
    safetyRelease: (actor: Actor, input: { id: string; reason: string }): CaseView =>
      change(
        input.id,
        (row) => {
          const stop = stopOf(row);
          if (stop.reportedAt === null) {
            throw new BenchError('safety.not-reported', { reason: stop.reason, due: stop.reportDueAt });
          }
          append(actor, row, 'case.safety-released', { stopId: stop.id, reason: input.reason });
        },
        true,
      ),
  };
}
