import { BenchError, isBenchError } from '../../../shared/errors/index.ts';
import type { Artifact } from '../../../shared/model/evidence.ts';
import type { RunEnded, RunPhaseEnded, RunPhaseStarted, RunStarted } from '../../../shared/ops/runs.ts';
import { plainText } from '../../../shared/procedures/measure.ts';
import { worse } from '../../../shared/procedures/outcome.ts';
import type { Actor, Store } from '../storage/store.ts';
import type { Procedure } from './format.ts';
import type { PlannedPhase } from './plan.ts';
import type { runQueries } from './queries.ts';
import type { DestructiveRules, RunCase, RunEnd, RunJournal } from './types.ts';

/** Longest sentence that is kept; a phase with fifty expectations could say more. */
const MESSAGE_LIMIT = 8000;
const cut = (message: string | null): string | null =>
  message === null ? null : plainText(message, MESSAGE_LIMIT);

/** What the log says of a run when it starts. */
export function startedBody(run: {
  readonly rmaCase: RunCase;
  readonly port: { readonly id: string; readonly label: string } | null;
  readonly procedure: Procedure;
  readonly inputs: Readonly<Record<string, string>>;
  readonly phases: readonly PlannedPhase[];
  readonly programVersion: string;
}): RunStarted {
  const { rmaCase, port } = run;
  const { id, version, title, kind, destructive, hash } = run.procedure;
  return {
    caseId: rmaCase.id,
    caseNumber: rmaCase.number,
    unitId: rmaCase.unit?.id ?? null,
    portId: port?.id ?? null,
    portLabel: port?.label ?? null,
    procedure: { id, version, title, kind, destructive, hash },
    inputs: { ...run.inputs },
    phases: run.phases.map((planned) => ({
      id: planned.id,
      title: planned.title,
      section: planned.section,
      action: planned.does === 'procedure' ? (planned.phase.action ?? null) : null,
      destructive: planned.does === 'procedure' && planned.destructive,
    })),
    programVersion: run.programVersion,
  };
}

/** The runner's journal over the log: each call is one signed entry, on disk when it returns. */
export function runJournal(store: Store, starter: Actor, runId: string, caseId: string): RunJournal {
  return {
    phaseStarted(phaseId) {
      const body: RunPhaseStarted = { phaseId };
      store.append(starter, [{ kind: 'run.phase-started', entityId: runId, body }]);
    },
    phaseEnded(phaseId, end, actor) {
      const body: RunPhaseEnded = {
        ...end,
        phaseId,
        message: cut(end.message),
        values: { ...end.values },
        measurements: [...end.measurements],
        artifactIds: [...end.artifactIds],
      };
      store.append(actor ?? starter, [{ kind: 'run.phase-ended', entityId: runId, caseId, body }]);
    },
  };
}

export interface EndingOptions {
  readonly store: Store;
  readonly queries: ReturnType<typeof runQueries>;
  readonly rules: DestructiveRules;
  readonly log: (line: string, details: Readonly<Record<string, unknown>>) => void;
}

/**
 * Ends a run on record. For a destructive one the rules decide how, and sign; the record and the end are one
 * transaction, so that there is never a certificate of a run that has no end, nor two for one run. A run that
 * has an end keeps it.
 */
export function endRun(options: EndingOptions, actor: Actor, runId: string, end: RunEnd): RunEnd {
  const { store, queries } = options;
  return store.transaction(() => {
    const run = queries.get(runId);
    if (run.outcome !== null) {
      const { outcome, message, errorCode } = run;
      return { outcome, message, error: end.error?.code === errorCode ? end.error : null };
    }
    const settled = run.destructive ? settle(options, actor, runId, end) : { ...end, recordId: null };
    const { outcome, message, error, recordId } = settled;
    const body: RunEnded = { outcome, message: cut(message), errorCode: error?.code ?? null, recordId };
    store.append(actor, [{ kind: 'run.ended', entityId: runId, caseId: run.caseId, body }]);
    return { outcome, message, error };
  });
}

/** A record that cannot be signed must not keep the run from ending; it keeps it from passing. */
function settle(
  { queries, rules, log }: EndingOptions,
  actor: Actor,
  runId: string,
  end: RunEnd,
): RunEnd & { recordId: Artifact['id'] | null } {
  try {
    return rules.settle(queries.get(runId), end, actor);
  } catch (error) {
    // Only these are thrown before anything is written; after any other the transaction is tried again later.
    if (!isBenchError(error, 'record.untruthful', 'input.invalid', 'input.not-found')) throw error;
    log('the record of a wipe could not be signed', { runId, error: error.message });
    return { outcome: worse(end.outcome, 'error'), message: error.message, error, recordId: null };
  }
}

/** Ends a run whose station or process went away: its open phase and itself are `interrupted`, never more. */
export function endInterrupted(options: EndingOptions, actor: Actor, runId: string): void {
  const { store, queries } = options;
  const error = new BenchError('run.station-stopped');
  store.transaction(() => {
    const run = queries.get(runId);
    for (const phase of run.phases) {
      if (phase.state !== 'running') continue;
      const body: RunPhaseEnded = {
        phaseId: phase.id,
        title: phase.title,
        state: 'done',
        outcome: 'interrupted',
        durationMs: null,
        message: error.message,
        errorCode: error.code,
        values: {},
        measurements: [],
        artifactIds: [],
        unitId: null,
        identity: null,
        target: null,
      };
      store.append(actor, [{ kind: 'run.phase-ended', entityId: runId, caseId: run.caseId, body }]);
    }
    endRun(options, actor, runId, { outcome: 'interrupted', message: error.message, error });
  });
}
