import type { JournaledPhase, JournaledRun, RunEnd } from '../procedures/types.ts';
import type { OverwriteFacts, ResetFacts, WipeFacts } from './verdict.ts';

/** Actions that destroy data, and how. A driver's new way to wipe is named here before it can be judged. */
export const TECHNIQUES: Readonly<Record<string, 'overwrite' | 'directed'>> = {
  'wipe-overwrite': 'overwrite',
  'factory-reset': 'directed',
};

export const destructivePhase = (run: JournaledRun): JournaledPhase | null =>
  run.phases.find(({ destructive }) => destructive) ?? null;

/** The safety check right before it: who the unit was, and what was to be wiped. */
export const safetyPhase = (run: JournaledRun): JournaledPhase | null =>
  run.phases.find(({ id }) => id === 'wipe-safety') ?? null;

/** A count that a unit reported: a whole number from 0 on, else null. */
export const count = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
const flag = (value: unknown): boolean | null => (typeof value === 'boolean' ? value : null);
const said = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** Reads out of a run's journal what its wipe is judged by. */
export function factsOf(run: JournaledRun, end: RunEnd): WipeFacts {
  const phase = destructivePhase(run);
  const begun = phase !== null && phase.startedAt !== null;
  const technique = phase?.action ? TECHNIQUES[phase.action] : undefined;
  return {
    runOutcome: end.outcome,
    runMessage: end.message?.replace(/\.$/, '') ?? null,
    errorCode: end.error?.code ?? null,
    destruction: begun ? { outcome: phase.outcome, errorCode: phase.errorCode } : null,
    overwrite: begun && technique === 'overwrite' ? overwriteOf(phase, safetyPhase(run)) : null,
    reset: begun && technique === 'directed' ? resetOf(phase, run) : null,
  };
}

const overwriteOf = ({ values }: JournaledPhase, safety: JournaledPhase | null): OverwriteFacts => ({
  targetBytes: count(safety?.target?.bytes),
  bytes: count(values.bytes),
  errors: count(values.errors),
  readBackBytes: count(values.readBackBytes),
  verified: flag(values.verified),
  pastCache: flag(values.pastCache),
});

function resetOf({ values }: JournaledPhase, run: JournaledRun): ResetFacts {
  const proof = run.phases.find(({ action }) => action === 'reset-proof')?.values ?? {};
  const rematch = run.phases.find(({ id }) => id === 'wipe-rematch');
  return {
    directed: flag(values.directed),
    answer: said(values.answer),
    proven: flag(proof.proven),
    evidence: said(proof.evidence),
    sameUnitAfter: rematch?.outcome === 'pass',
  };
}
