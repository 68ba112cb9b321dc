import type { z } from 'zod';
import type { RunEvent } from '../../../shared/contract/station.ts';
import type { WipeTarget } from '../../../shared/contract/work.ts';
import { BenchError, toBenchError } from '../../../shared/errors/index.ts';
import type { Artifact } from '../../../shared/model/evidence.ts';
import type { Role } from '../../../shared/model/people.ts';
import type { ProcedureSummary, RunSummary, RunView } from '../../../shared/model/runs.ts';
import type { Family, Identity } from '../../../shared/model/units.ts';
import type { ArtifactSink } from '../drivers/driver.ts';
import type { Actor, Store } from '../storage/store.ts';
import { type AnswerSink, runAnswers } from './answers.ts';
import type { ActionTables } from './check-work.ts';
import type { Procedure } from './format.ts';
import { refuseOtherUnit } from './identity-check.ts';
import { endInterrupted, endRun, runJournal, startedBody } from './journal.ts';
import { type LoadedProcedures, type ProcedureProblem, summaryOf } from './load.ts';
import { planPhases } from './plan.ts';
import { type RunFilter, runQueries } from './queries.ts';
import { createRunner, type Runner } from './runner.ts';
import {
  checkAnswers,
  familyFor,
  findProcedure,
  readInputs,
  refuseBlocked,
  refuseOtherFamily,
} from './start-check.ts';
import { systemTimers, type Timers } from './timers.ts';
import type {
  DestructiveRequest,
  DestructiveRules,
  OpenArtifact,
  OpenSession,
  RunActor,
  RunCase,
  RunPorts,
  UnitAccess,
} from './types.ts';
import { createUnderWay } from './under-way.ts';

export interface RunsOptions {
  readonly store: Store;
  readonly procedures: LoadedProcedures;
  /** What each family's driver can do. */
  readonly actions: ActionTables;
  readonly ports: RunPorts;
  /** The case as it is now. Throws `input.not-found`. */
  readonly caseOf: (id: string) => RunCase;
  /** Notes that this unit is on the case's port, so that the case shows where the two disagree. */
  readonly attachUnit: (
    actor: Actor,
    sighting: { id: string; identity: Identity; family: Family; portId: string | null },
  ) => void;
  readonly openArtifact: (
    actor: Actor,
    info: { caseId: string; runId: string } & Parameters<OpenArtifact>[0],
  ) => Promise<ArtifactSink>;
  /** An artifact that was added. Throws `input.not-found`. */
  readonly artifactOf: (id: string) => Pick<Artifact, 'caseId' | 'kind'>;
  /** Takes the answers into the case that ask for it (`record` in a procedure). */
  readonly sink: AnswerSink;
  /** The role that a person has now; null: nobody active has that id. */
  readonly roleOf: (personId: string) => Role | null;
  readonly rules: DestructiveRules;
  readonly notify: (event: z.infer<typeof RunEvent>) => void;
  readonly programVersion: string;
  /** A line for the program's own log; never customer data. */
  readonly log: (line: string, details: Readonly<Record<string, unknown>>) => void;
  readonly timers?: Timers;
}

export interface StartRun {
  readonly procedureId: string;
  readonly caseId: string;
  readonly portId: string | null;
  readonly answers: Readonly<Record<string, string>>;
  readonly inputs: Readonly<Record<string, string>>;
  readonly confirm: string | null;
  readonly interactive?: boolean;
}

const STATION: Actor = { id: 'station', name: 'station' };

/** Runs of procedures: several at once on different ports, one at a time on each. */
export function createRuns(options: RunsOptions) {
  const { store, ports, rules, log } = options;
  const { clock } = store;
  const timers = options.timers ?? systemTimers;
  const queries = runQueries(store.db);
  const ending = { store, queries, rules, log };
  const underWay = createUnderWay({ ports, timers, notify: options.notify, log });
  const mayGoOn = (caseId: string): void => refuseBlocked(options.caseOf(caseId));
  let closing = false;

  /** Stops what is under way for a case that was closed or put under a safety stop, or whose unit left. */
  const stopListening = store.onCommitted((ops) => {
    if (underWay.size === 0 || !ops.some(({ entity }) => entity === 'case' || entity === 'unit')) return;
    underWay.recheck(mayGoOn);
  });

  /**
   * Starts a run and resolves as soon as it is on record; it goes on by itself. Everything that can be refused
   * without asking the unit is refused here, and then there is no run.
   */
  async function start(actor: RunActor, request: StartRun): Promise<RunView> {
    if (closing) throw new BenchError('run.station-stopped');
    const { caseId, portId, answers, confirm } = request;
    const procedure = findProcedure(options.procedures, request.procedureId);
    const rmaCase = options.caseOf(caseId);
    refuseBlocked(rmaCase);
    const port = portId === null ? null : { id: portId, ...pick(ports.get(portId)) };
    const family = familyFor(procedure, port);
    const inputs = readInputs(procedure, request.inputs);
    const answered = runAnswers(options, caseId);
    checkAnswers(procedure, answers, answered.check);
    const destruction = (): DestructiveRequest => ({
      actor: { ...actor, role: options.roleOf(actor.id) },
      procedure,
      inputs,
      confirm,
      rmaCase: options.caseOf(caseId),
    });
    if (procedure.destructive) rules.preflight(destruction());

    const id = clock.id();
    const actions = (family && options.actions.get(family)) ?? {};
    const phases = planPhases(procedure, actions);
    const prepare = (open: OpenSession | null): Runner => {
      const { programVersion } = options;
      const body = startedBody({ rmaCase, port, procedure, inputs, phases, programVersion });
      store.append(actor, [{ kind: 'run.started', entityId: id, caseId, body }]);
      return createRunner({
        plan: { procedure, phases, actions, inputs, answers, interactive: request.interactive ?? false },
        now: () => clock.monotonic(),
        timers,
        journal: answered.journal(runJournal(store, actor, id, caseId), procedure, actor),
        unit: open && unitAccess(open, actor, { caseId, portId }, procedure),
        mayGoOn: () => mayGoOn(caseId),
        authorise: (moment) => rules.authorise({ ...moment, request: destruction }),
        rematch: (before, now) => rules.rematch(before, now),
        openArtifact: (info) => options.openArtifact(actor, { caseId, runId: id, ...info }),
        checkAnswer: answered.check,
        notify(progress, prompt) {
          options.notify({ type: 'run', runId: id, caseId, progress, prompt });
          if (portId !== null) ports.runProgress(portId, progress, prompt);
        },
        log: (line) => log(line, { runId: id }),
      });
    };
    const head = { id, caseId, caseNumber: rmaCase.number, title: procedure.title, portId };
    await underWay.launch(head, prepare, (end) => answered.end(() => endRun(ending, actor, id, end)));
    return view(id);
  }

  /** The unit on the held port, as the runner knows it. */
  function unitAccess(
    open: OpenSession,
    actor: Actor,
    { caseId, portId }: { caseId: string; portId: string | null },
    procedure: Procedure,
  ): UnitAccess {
    return {
      open: (signal, use) =>
        open(actor, signal, async (session, identity) => {
          refuseOtherFamily(procedure, session.family);
          options.attachUnit(actor, { id: caseId, identity, family: session.family, portId });
          await use(session, identity);
        }),
      check(identity) {
        const rmaCase = options.caseOf(caseId);
        refuseOtherUnit(rmaCase, identity);
        return rmaCase.unit?.id ?? null;
      },
    };
  }

  /** The run as it is on record, with what only memory knows. The contract drops the journal's own fields. */
  const view = (id: string): RunView => ({ ...queries.get(id), ...underWay.live(id) });

  /** The run's runner. Throws `run.already-ended`, or `input.not-found`. */
  function runnerOf(id: string): Runner {
    const found = underWay.runner(id);
    if (found) return found;
    queries.get(id);
    throw new BenchError('run.already-ended');
  }

  return {
    start,
    get: view,
    list: (filter: RunFilter): RunSummary[] => queries.list(filter),
    /** Throws `procedure.not-asked`, `procedure.bad-answer`, `run.already-ended`. */
    answer: (actor: Actor, { id, promptId, value }: { id: string; promptId: string; value: string }): void =>
      runnerOf(id).answer(actor, promptId, value),
    /** Stops at the next safe point; the teardown still runs. Returns at once. */
    abort(actor: Actor, { id, reason }: { id: string; reason?: string | undefined }): void {
      const why = reason ? `: ${reason}` : '';
      runnerOf(id).stop(new BenchError('run.aborted'), `Stopped by ${actor.name}${why}.`);
    },
    /** Runs under way, so that a window may ask before it closes. */
    active: (): { runId: string; title: string; caseNumber: string }[] =>
      underWay.heads().map(({ id, title, caseNumber }) => ({ runId: id, title, caseNumber })),
    /** Resolves when the run has ended; at once when it is not under way. */
    ended: underWay.ended,
    /** The passed safety checks of these cases' wipes. */
    safetyChecks: queries.safetyChecks,

    /**
     * Everything on the case's unit that could be wiped; opens the port and looks. Throws what forbids to work
     * for the case, and `run.identity-conflict` when another unit hangs there.
     */
    async wipeTargets(
      actor: Actor,
      { portId, caseId }: { portId: string; caseId: string },
    ): Promise<WipeTarget[]> {
      mayGoOn(caseId);
      return ports.look(actor, portId, 'looking for what can be wiped', (session, identity, signal) => {
        refuseOtherUnit(options.caseOf(caseId), identity);
        return session.wipeTargets(signal);
      });
    },

    /**
     * To be called at start-up: every run without an end was cut off by the end of its station and is now
     * `interrupted`, its open phase too; a wipe that had begun gets its record. Returns their ids. One that cannot
     * be ended (the disk is full, say) is left for the next start: it must not keep the bench from opening.
     */
    markInterrupted(): string[] {
      const lost = queries.unended().filter((id) => !underWay.has(id));
      return lost.filter((id) => {
        try {
          endInterrupted(ending, STATION, id);
          return true;
        } catch (error) {
          log('a run that was cut off could not be ended', { runId: id, error: toBenchError(error).message });
          return false;
        }
      });
    },

    procedures: (): ProcedureSummary[] =>
      [...options.procedures.procedures.values()].map(summaryOf).sort((a, b) => a.id.localeCompare(b.id)),
    /** What is wrong with procedure files, for the doctor. */
    problems: (): readonly ProcedureProblem[] => options.procedures.problems,

    /** Stops everything as interrupted and waits a while; what does not end is found at the next start. */
    async close(limitMs = 10_000): Promise<void> {
      closing = true;
      stopListening();
      await underWay.close(limitMs);
    },
  };
}

const pick = ({ label, family }: { label: string; family: Family | null }) => ({ label, family });
