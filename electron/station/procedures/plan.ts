import { PHASE_SECTIONS } from '../../../shared/model/runs.ts';
import type { Action } from '../drivers/driver.ts';
import type { Phase, Procedure } from './format.ts';

export const SECTIONS = PHASE_SECTIONS;
export type PhaseSection = (typeof PHASE_SECTIONS)[number];

const SECOND = 1000;
/** Longest time of an action that names none. */
const ACTION_TIMEOUT_MS = 120 * SECOND;
/** Opening a port, logging in, and asking the unit who it is. */
const CONNECT_TIMEOUT_MS = 90 * SECOND;
/** Identifying the unit once more, and listing what can be wiped. */
const SAFETY_TIMEOUT_MS = 120 * SECOND;

/** A phase of a run: one that the procedure wrote, or one that the bench itself adds. */
export type PlannedPhase = {
  readonly id: string;
  readonly title: string;
  readonly section: PhaseSection;
  /** Milliseconds; null: the run's own limit counts. */
  readonly timeoutMs: number | null;
} & (
  | { readonly does: 'procedure'; readonly phase: Phase; readonly destructive: boolean }
  /** Opens the port, identifies the unit and compares it with the case. */
  | { readonly does: 'connect' }
  /** Identifies the unit again and asks every safety predicate, right before data is destroyed. */
  | { readonly does: 'safety'; readonly before: Phase }
  /** Waits for the unit that restarted and makes sure that it is the same one. */
  | { readonly does: 'rematch' }
);

/**
 * Everything a run will do, in order. The bench adds: connecting (whenever there is a port), the safety check
 * right before the phase that destroys data, and the match after a restart. A procedure cannot leave them out.
 */
export function planPhases(
  procedure: Procedure,
  actions: Readonly<Record<string, Action>>,
): readonly PlannedPhase[] {
  const planned: PlannedPhase[] = [];
  if (procedure.families.length > 0) {
    const title = 'Connect, and check that it is the unit of the case';
    planned.push({ does: 'connect', id: 'connect', title, section: 'setup', timeoutMs: CONNECT_TIMEOUT_MS });
  }
  for (const section of SECTIONS) {
    for (const phase of procedure[section]) {
      const destructive = phase.action !== undefined && actions[phase.action]?.destructive === true;
      const { id, title } = phase;
      const timeoutMs = phase.timeout ?? (phase.action === undefined ? null : ACTION_TIMEOUT_MS);
      if (destructive) {
        const safety = { section, timeoutMs: SAFETY_TIMEOUT_MS, before: phase };
        planned.push({
          does: 'safety',
          id: 'wipe-safety',
          title: 'Safety check right before the wipe',
          ...safety,
        });
      }
      planned.push({ does: 'procedure', id, title, section, timeoutMs, phase, destructive });
    }
    // After everything else that is asked of the unit: drivers wait for it to come back where they look for a proof.
    const restarts =
      section === 'main' ? procedure.main.find((phase) => phase.restarts !== undefined) : undefined;
    if (restarts) {
      const timeoutMs = restarts.restarts ?? null;
      const title = 'It is still the same unit after the restart';
      planned.push({ does: 'rematch', id: 'wipe-rematch', title, section, timeoutMs });
    }
  }
  return planned;
}
