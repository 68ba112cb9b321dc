import { BenchError, toBenchError } from '../../../shared/errors/index.ts';
import type { Progress, PromptView } from '../../../shared/model/ports.ts';
import type { Measurement, Outcome } from '../../../shared/model/runs.ts';
import type { Identity } from '../../../shared/model/units.ts';
import { worse } from '../../../shared/procedures/outcome.ts';
import type { Action } from '../drivers/driver.ts';
import type { Actor } from '../storage/store.ts';
import type { CheckAnswer } from './answers.ts';
import { runBounded } from './bounded.ts';
import { evaluate } from './evaluate.ts';
import type { Procedure } from './format.ts';
import { unitLink } from './link.ts';
import {
  decisiveError,
  isGone,
  outcomeOfError,
  PHASE_RESULTS,
  type PhaseResultName,
  resultOfError,
} from './phase-results.ts';
import { doPhase, PartlyDone, type RunState, resolver, type Yield } from './phase-work.ts';
import type { PlannedPhase } from './plan.ts';
import { progressMeter, throttle } from './progress.ts';
import { questions } from './questions.ts';
import type { Timers } from './timers.ts';
import type { OpenArtifact, PhaseEnd, RunEnd, RunJournal, UnitAccess } from './types.ts';

/** How long a phase may take to stop at its next safe point, once it was told to. */
export const GRACE_MS = 60_000;

export interface RunPlan {
  readonly procedure: Procedure;
  readonly phases: readonly PlannedPhase[];
  /** What the unit's family can do; empty without a port. */
  readonly actions: Readonly<Record<string, Action>>;
  readonly inputs: Readonly<Record<string, string>>;
  /** Answers given beforehand, by prompt; they were checked already. */
  readonly answers: Readonly<Record<string, string>>;
  /** Whether somebody watches: otherwise questions that need no answer are not asked. */
  readonly interactive: boolean;
}

export interface RunnerOptions {
  readonly plan: RunPlan;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly timers: Timers;
  readonly journal: RunJournal;
  readonly unit: UnitAccess | null;
  /** Asked before each phase outside the teardown; throws when the run must not go on. */
  readonly mayGoOn: () => void;
  readonly authorise: RunState['authorise'];
  readonly rematch: (before: Identity, now: Identity) => void;
  readonly openArtifact: OpenArtifact;
  readonly checkAnswer: CheckAnswer;
  readonly notify: (progress: Progress | null, prompt: PromptView | null) => void;
  readonly log: (line: string) => void;
}

/** One run under way. */
export interface Runner {
  /** Runs to the end; never rejects. */
  run(): Promise<RunEnd>;
  /** Stops at the next safe point; the teardown still runs. `message` is what people read. */
  stop(reason: BenchError, message?: string): void;
  /** Throws `procedure.not-asked`, `procedure.bad-answer`. */
  answer(actor: Actor, promptId: string, value: string): void;
  readonly progress: Progress | null;
  readonly prompt: PromptView | null;
}

const NOTHING = () => Promise.resolve();

/** What a phase came to: its work, or the error that ended it (and what it had read until then). */
interface Attempt {
  readonly yielded: Yield;
  readonly error: BenchError | null;
}

interface Conclusion {
  readonly result: PhaseResultName;
  readonly message: string | null;
  readonly error: BenchError | null;
  readonly measurements: readonly Measurement[];
}

/** Executes one run: its phases in order, one after the other, journaled before and after each. */
export function createRunner(options: RunnerOptions): Runner {
  const { plan, timers, now, journal, unit } = options;
  const main = new AbortController();
  const teardown = new AbortController();
  /** The first of the worst things that happened: it names the run's outcome. */
  let verdict: RunEnd = { outcome: 'pass', message: null, error: null };
  let stopMessage: string | null = null;
  let tested = 0;
  let progress: Progress | null = null;
  let meter = progressMeter('', now);
  const events = throttle(timers, now, () => options.notify(progress, asked.prompt));
  const asked = questions(options.checkAnswer, () => events.flush());
  const link = unit && unitLink(unit, timers, options.log);
  const state: RunState = {
    ...plan,
    timers,
    unit,
    link,
    told: new Map(),
    skipped: new Map(),
    identityBefore: null,
    restarting: false,
    partial: { values: {} },
    cleanUp: NOTHING,
    authorise: options.authorise,
    rematch: options.rematch,
    openArtifact: options.openArtifact,
    progress(report) {
      progress = meter(report);
      events.touch();
    },
    log: options.log,
    ask: asked.ask,
  };

  function stop(reason: BenchError, message = reason.message): void {
    if (main.signal.aborted) return;
    stopMessage = message;
    main.abort(reason);
  }

  function blame(outcome: Outcome, message: string | null, error: BenchError | null): void {
    if (worse(verdict.outcome, outcome) !== verdict.outcome) verdict = { outcome, message, error };
  }

  /** Writes into the journal. When that fails the run stops: what is not journaled did not happen. */
  function record(write: () => void): boolean {
    try {
      write();
      return true;
    } catch (error) {
      const problem = toBenchError(error);
      blame('error', problem.message, problem);
      stop(problem);
      return false;
    }
  }

  function mayGoOn(): boolean {
    try {
      options.mayGoOn();
    } catch (error) {
      stop(toBenchError(error));
    }
    return !main.signal.aborted;
  }

  /** Runs one phase; tells whether its section goes on. */
  async function step(planned: PlannedPhase, index: number): Promise<boolean> {
    const inTeardown = planned.section === 'teardown';
    if (!inTeardown && !mayGoOn()) return false;
    // Nothing is begun that is not on record, except cleaning up.
    if (!record(() => journal.phaseStarted(planned.id)) && !inTeardown) return false;
    meter = progressMeter(planned.title, now);
    state.progress({ done: index, total: plan.phases.length, unit: 'phases' });
    const startedAt = now();
    const done = await attempt(planned, (inTeardown ? teardown : main).signal);
    const { result, message, error, measurements } = conclude(planned, done);
    const { outcome, goesOn } = PHASE_RESULTS[result];
    if (outcome === null) state.skipped.set(planned.id, message ?? '');
    else blame(outcome, message && `${planned.title}: ${message}`, error);
    if (outcome !== null && planned.does === 'procedure' && planned.section === 'main') tested += 1;
    const { yielded } = done;
    const end: PhaseEnd = {
      title: planned.title,
      state: outcome === null ? 'skipped' : 'done',
      outcome,
      durationMs: Math.max(0, now() - startedAt),
      message,
      errorCode: error?.code ?? null,
      values: yielded.values,
      measurements,
      artifactIds: yielded.artifactIds ?? [],
      unitId: yielded.unitId ?? null,
      identity: yielded.identity ?? null,
      target: yielded.target ?? null,
    };
    return record(() => journal.phaseEnded(planned.id, end, yielded.actor ?? null)) && goesOn;
  }

  /** Does a phase's work within its bounds. */
  async function attempt(planned: PlannedPhase, parent: AbortSignal): Promise<Attempt> {
    const { title, timeoutMs } = planned;
    state.cleanUp = NOTHING;
    const partial: RunState['partial'] = { values: {} };
    state.partial = partial;
    const ended = await runBounded((signal) => doPhase(planned, state, signal), {
      timers,
      timeoutMs,
      onTimeout: () => timeoutOf(title, timeoutMs ?? 0),
      parent,
      graceMs: GRACE_MS,
    });
    if (ended.state === 'resolved') {
      // It went on past its deadline and did end: what it read counts, and that it took too long.
      const late = ended.stopReason?.code === 'procedure.phase-timeout' ? ended.stopReason : null;
      return { yielded: ended.value, error: late };
    }
    if (ended.state === 'stuck') {
      link?.giveUp();
      await state.cleanUp();
      const stuck = new BenchError('procedure.unit-stuck', { phase: title, seconds: GRACE_MS / 1000 });
      // Whoever stopped the run wants to read that it was stopped.
      return {
        yielded: { values: partial.values },
        error: ended.stopReason.kind === 'aborted' ? ended.stopReason : stuck,
      };
    }
    const partly = ended.error instanceof PartlyDone ? ended.error : null;
    const error = decisiveError(partly ? partly.cause : ended.error, ended.stopReason);
    if (isGone(error)) link?.giveUp();
    return { yielded: { values: partial.values, artifactIds: partly?.artifactIds ?? [] }, error };
  }

  /** Says what an attempt means, holding what it read against what the procedure demands. */
  function conclude(planned: PlannedPhase, { yielded, error }: Attempt): Conclusion {
    const leftOut = error === null ? yielded.skipped : goneByRestart(planned, error);
    if (leftOut !== undefined) return { result: 'skip', message: leftOut, error: null, measurements: [] };
    state.told.set(planned.id, yielded.values);
    const phase = planned.does === 'procedure' ? planned.phase : null;
    const hasValues = error === null || Object.keys(yielded.values).length > 0;
    const evaluation = phase && hasValues ? evaluate(phase, yielded.values, resolver(state)) : null;
    const measurements = evaluation?.measurements ?? [];
    const missed = evaluation?.failure;
    const failure = error ?? (missed ? new BenchError(missed.code, { detail: missed.detail }) : null);
    if (failure === null) {
      if (phase?.restarts !== undefined) state.restarting = true;
      return { result: 'pass', message: null, error: null, measurements };
    }
    const message = failure === main.signal.reason ? stopMessage : failure.message;
    const result = resultOfError(failure, phase?.onFail ?? 'stop');
    return { result, message, error: failure, measurements };
  }

  /** Why a phase is left out because the unit restarted, as it was told to; undefined when that is not why. */
  function goneByRestart(planned: PlannedPhase, error: BenchError): string | undefined {
    if (!state.restarting) return undefined;
    if (planned.does === 'rematch' && error.code === 'procedure.phase-timeout') {
      link?.giveUp();
      return 'The unit restarted and has not come back on this port in time.';
    }
    return isGone(error) ? 'The unit restarted and is gone from this port.' : undefined;
  }

  async function sections(): Promise<void> {
    for (const [index, planned] of plan.phases.entries()) {
      if (planned.section === 'teardown' || !(await step(planned, index))) break;
    }
  }

  async function tearDown(): Promise<void> {
    const limit = plan.procedure.teardownTimeout;
    const cancel = timers.after(limit, () => teardown.abort(timeoutOf('Teardown', limit)));
    for (const [index, planned] of plan.phases.entries()) {
      if (planned.section === 'teardown') await step(planned, index);
    }
    cancel();
  }

  async function run(): Promise<RunEnd> {
    const limit = plan.procedure.timeout;
    const timeUp = () => stop(new BenchError('procedure.run-timeout', { seconds: limit / 1000 }));
    const cancel = timers.after(limit, timeUp);
    await sections();
    cancel();
    await tearDown();
    await link?.close();
    const reason = main.signal.reason as BenchError | undefined;
    if (reason) blame(outcomeOfError(reason), stopMessage, reason);
    if (verdict.outcome === 'pass' && tested === 0) {
      const nothing = new BenchError('procedure.nothing-tested');
      blame('error', nothing.message, nothing);
    }
    progress = null;
    events.flush();
    return verdict;
  }

  return {
    run,
    stop,
    answer: asked.answer,
    get progress() {
      return progress;
    },
    get prompt() {
      return asked.prompt;
    },
  };
}

const timeoutOf = (phase: string, milliseconds: number): BenchError =>
  new BenchError('procedure.phase-timeout', { phase, seconds: milliseconds / 1000 });
