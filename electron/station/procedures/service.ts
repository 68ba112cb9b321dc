import type { z } from 'zod';
import type { RunEvent } from '../../../shared/contract/station.ts';
import { BenchError, isBenchError, toBenchError } from '../../../shared/errors/index.ts';
import type { Artifact } from '../../../shared/model/evidence.ts';
import type { Progress, PromptView } from '../../../shared/model/ports.ts';
import type { Outcome, ProcedureSummary, RunSummary, RunView } from '../../../shared/model/runs.ts';
import type { Family, Identity } from '../../../shared/model/units.ts';
import type { ArtifactSink, UnitSession } from '../drivers/driver.ts';
import type { Actor, Store } from '../storage/store.ts';
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
import type { DestructiveRules, OpenArtifact, RunActor, RunCase, RunEnd, UnitAccess } from './types.ts';

/** Opens a session on the port that a run holds; again, when the unit restarts in between. */
export type OpenSession = (
  actor: Actor,
  signal: AbortSignal,
  use: (session: UnitSession, identity: Identity) => Promise<void>,
) => Promise<void>;

/** What runs need of the ports. */
export interface RunPorts {
  get(portId: string): { readonly label: string; readonly family: Family | null };
  /** Holds the port while `work` runs; rejects at once, in words, when somebody else holds it. */
  withRun<T>(
    portId: string,
    run: { id: string; title: string },
    work: (open: OpenSession) => Promise<T>,
  ): Promise<T>;
  runProgress(portId: string, progress: Progress | null, prompt: PromptView | null): void;
  runEnded(portId: string, outcome: Outcome, error: BenchError | null): void;
}

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
  readonly artifactOf: (id: string) => Pick<Artifact, 'caseId'>;
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

interface Active {
  readonly caseId: string;
  readonly caseNumber: string;
  readonly title: string;
  readonly runner: Runner;
  readonly done: Promise<void>;
  /** What its end waits for; null while the runner itself tells how far it is. */
  held: Progress | null;
}

/** Pause before the end of a run is written again, when the disk was full. */
const RETRY_MS = 5000;
const STATION: Actor = { id: 'station', name: 'station' };

/** Runs of procedures: several at once on different ports, one at a time on each. */
export function createRuns(options: RunsOptions) {
  const { store, ports, rules, log } = options;
  const { clock } = store;
  const timers = options.timers ?? systemTimers;
  const queries = runQueries(store.db);
  const ending = { store, queries, rules, log };
  const active = new Map<string, Active>();
  let closing = false;

  /** Stops what is under way for a case that was closed or put under a safety stop. */
  function recheck(): void {
    for (const { caseId, runner } of active.values()) {
      try {
        refuseBlocked(options.caseOf(caseId));
      } catch (error) {
        runner.stop(toBenchError(error));
      }
    }
  }
  const stopListening = store.onCommitted((ops) => {
    if (active.size > 0 && ops.some(({ entity }) => entity === 'case' || entity === 'unit')) recheck();
  });

  const checkPhotos = (caseId: string) => (promptId: string, ids: readonly string[]) => {
    for (const id of ids) {
      if (caseOfArtifact(id) !== caseId) {
        const detail = `“${id}” is no picture of this case`;
        throw new BenchError('procedure.bad-answer', { prompt: promptId, detail });
      }
    }
  };

  function caseOfArtifact(id: string): string | null {
    try {
      return options.artifactOf(id).caseId;
    } catch (error) {
      if (isBenchError(error, 'input.not-found')) return null;
      throw error;
    }
  }

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
    checkAnswers(procedure, answers, checkPhotos(caseId));
    const destruction = { actor, procedure, inputs, confirm };
    if (procedure.destructive) rules.preflight({ ...destruction, rmaCase });

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
        journal: runJournal(store, actor, id, caseId),
        unit: open && unitAccess(open, actor, { caseId, portId }, procedure),
        mayGoOn: () => refuseBlocked(options.caseOf(caseId)),
        authorise: (moment) =>
          rules.authorise({ ...destruction, ...moment, rmaCase: options.caseOf(caseId) }),
        rematch: (before, now) => rules.rematch(before, now),
        openArtifact: (info) => options.openArtifact(actor, { caseId, runId: id, ...info }),
        checkPhotos: checkPhotos(caseId),
        notify(progress, prompt) {
          options.notify({ type: 'run', runId: id, caseId, progress, prompt });
          if (portId !== null) ports.runProgress(portId, progress, prompt);
        },
        log: (line) => log(line, { runId: id }),
      });
    };
    const run = { id, caseId, caseNumber: rmaCase.number, title: procedure.title };
    return launch(run, portId, prepare, (end) => finish(actor, id, portId, end));
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

  /** Lets the run begin, holding its port. Rejects when it could not begin: then nothing is on record. */
  function launch(
    run: { id: string; title: string; caseId: string; caseNumber: string },
    portId: string | null,
    prepare: (open: OpenSession | null) => Runner,
    end: (how: RunEnd) => Promise<void>,
  ): Promise<RunView> {
    const { id, title } = run;
    return new Promise((resolve, reject) => {
      let ended = () => {};
      const done = new Promise<void>((settle) => {
        ended = settle;
      });
      const work = (open: OpenSession | null): Promise<RunEnd> => {
        const runner = prepare(open);
        active.set(id, { ...run, runner, done, held: null });
        const running = runner.run();
        resolve(view(id));
        return running;
      };
      const held = portId === null ? (async () => work(null))() : ports.withRun(portId, { id, title }, work);
      const failed = (error: unknown): RunEnd => {
        const problem = toBenchError(error);
        return { outcome: 'error', message: problem.message, error: problem };
      };
      void held
        .catch((error: unknown) => {
          if (active.has(id)) return failed(error);
          reject(error);
          return null;
        })
        .then((how) => how && end(how))
        .finally(ended);
    });
  }

  /** Writes the run's end; when the disk refuses, again and again, and the run stays under way until then. */
  async function finish(actor: Actor, id: string, portId: string | null, end: RunEnd): Promise<void> {
    let written: RunEnd | null = null;
    while (written === null) {
      try {
        written = endRun(ending, actor, id, end);
      } catch (error) {
        const { message } = toBenchError(error);
        log('the end of a run could not be written', { runId: id, error: message });
        if (closing) break;
        hold(id, portId, message);
        await new Promise<void>((resolve) => timers.after(RETRY_MS, resolve));
      }
    }
    active.delete(id);
    if (written && portId !== null) ports.runEnded(portId, written.outcome, written.error);
  }

  /** Tells whoever watches a run what its end waits for. */
  function hold(id: string, portId: string | null, why: string): void {
    const run = active.get(id);
    if (!run) return;
    run.held = { label: why, done: 0, total: null, unit: 'steps', rate: null, secondsLeft: null };
    options.notify({ type: 'run', runId: id, caseId: run.caseId, progress: run.held, prompt: null });
    if (portId !== null) ports.runProgress(portId, run.held, null);
  }

  /** The run as it is on record, with what only memory knows. The contract drops the journal's own fields. */
  function view(id: string): RunView {
    const { runner, held } = active.get(id) ?? {};
    return { ...queries.get(id), progress: held ?? runner?.progress ?? null, prompt: runner?.prompt ?? null };
  }

  /** The run's runner. Throws `run.already-ended`, or `input.not-found`. */
  function underWay(id: string): Runner {
    const found = active.get(id);
    if (found) return found.runner;
    queries.get(id);
    throw new BenchError('run.already-ended');
  }

  return {
    start,
    get: view,
    list: (filter: RunFilter): RunSummary[] => queries.list(filter),
    /** Throws `procedure.not-asked`, `procedure.bad-answer`, `run.already-ended`. */
    answer: (actor: Actor, { id, promptId, value }: { id: string; promptId: string; value: string }): void =>
      underWay(id).answer(actor, promptId, value),
    /** Stops at the next safe point; the teardown still runs. Returns at once. */
    abort(actor: Actor, { id, reason }: { id: string; reason?: string | undefined }): void {
      const why = reason ? `: ${reason}` : '';
      underWay(id).stop(new BenchError('run.aborted'), `Stopped by ${actor.name}${why}.`);
    },
    /** Runs under way, so that a window may ask before it closes. */
    active: (): { runId: string; title: string; caseNumber: string }[] =>
      [...active].map(([runId, { title, caseNumber }]) => ({ runId, title, caseNumber })),
    /** Resolves when the run has ended; at once when it is not under way. */
    ended: (id: string): Promise<void> => active.get(id)?.done ?? Promise.resolve(),

    /**
     * To be called at start-up: every run without an end was cut off by the end of its station and is now
     * `interrupted`, its open phase too; a wipe gets its record. Returns their ids.
     */
    markInterrupted(): string[] {
      const lost = queries.unended().filter((id) => !active.has(id));
      for (const id of lost) endInterrupted(ending, STATION, id);
      return lost;
    },

    procedures: (): ProcedureSummary[] =>
      [...options.procedures.procedures.values()].map(summaryOf).sort((a, b) => a.id.localeCompare(b.id)),
    /** What is wrong with procedure files, for the doctor. */
    problems: (): readonly ProcedureProblem[] => options.procedures.problems,

    /** Stops everything as interrupted and waits a while; what does not end is found at the next start. */
    async close(limitMs = 10_000): Promise<void> {
      closing = true;
      stopListening();
      for (const { runner } of active.values()) runner.stop(new BenchError('run.station-stopped'));
      const all = Promise.all([...active.values()].map(({ done }) => done));
      await new Promise<void>((resolve) => {
        const cancel = timers.after(limitMs, resolve);
        void all.then(() => {
          cancel();
          resolve();
        });
      });
    },
  };
}

const pick = ({ label, family }: { label: string; family: Family | null }) => ({ label, family });
