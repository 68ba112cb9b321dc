import { BenchError, isBenchError } from '../../../shared/errors/index.ts';
import type { PromptView } from '../../../shared/model/ports.ts';
import type { Identity } from '../../../shared/model/units.ts';
import type { Action, ActionContext, Value } from '../drivers/driver.ts';
import type { Actor } from '../storage/store.ts';
import { collectArtifacts } from './artifact-collector.ts';
import { declaredValues } from './evaluate.ts';
import type { Phase, Procedure, Prompt } from './format.ts';
import type { UnitLink } from './link.ts';
import { isGone } from './phase-results.ts';
import type { PlannedPhase } from './plan.ts';
import type { progressMeter } from './progress.ts';
import { type Answer, promptView, readAnswer } from './prompts.ts';
import { MissingValue, type Reference, substitute } from './references.ts';
import type { Timers } from './timers.ts';
import type { Authorisation, DestructiveMoment, OpenArtifact, UnitAccess, Values } from './types.ts';

/** What a phase's work came to, before it is held against expectations. */
export interface Yield {
  readonly values: Values;
  readonly artifactIds?: readonly string[];
  /** Set: the phase was left out, for this reason. */
  readonly skipped?: string;
  readonly unitId?: string | null;
  readonly identity?: Identity;
  readonly target?: Authorisation['target'];
  /** Who answered. */
  readonly actor?: Actor | null;
}

/** What a run knows of the moment right before data is destroyed; the rest stands with the one who started it. */
export type Moment = Omit<DestructiveMoment, 'request'>;

/** What the phases of a run share. */
export interface RunState {
  readonly procedure: Procedure;
  readonly actions: Readonly<Record<string, Action>>;
  readonly inputs: Readonly<Record<string, string>>;
  readonly answers: Readonly<Record<string, string>>;
  readonly interactive: boolean;
  readonly timers: Timers;
  readonly unit: UnitAccess | null;
  readonly link: UnitLink | null;
  /** Values by phase, and why a phase was left out. */
  readonly told: Map<string, Values>;
  readonly skipped: Map<string, string>;
  /** Who the unit was right before data was destroyed. */
  identityBefore: Identity | null;
  /** The unit was told to restart: losing it from then on is no surprise. */
  restarting: boolean;
  /** What the action under way has told before its end; kept when it is cut off. */
  partial: { values: Values };
  /** Cleans up after an action that was given up on, which can no longer do so itself. */
  cleanUp: () => Promise<void>;
  readonly authorise: (moment: Moment) => Promise<Authorisation>;
  readonly rematch: (before: Identity, now: Identity) => void;
  readonly openArtifact: OpenArtifact;
  readonly progress: (report: Parameters<ReturnType<typeof progressMeter>>[0]) => void;
  readonly log: (line: string) => void;
  /** Asks the technician; resolves with the answer and who gave it. */
  readonly ask: (
    view: PromptView,
    prompt: Prompt,
    optional: boolean,
    signal: AbortSignal,
  ) => Promise<{ answer: Answer; actor: Actor }>;
}

/** Pause between two attempts to see a unit again that restarts. */
const REMATCH_PAUSE_MS = 1000;

export const resolver =
  (state: RunState) =>
  ({ scope, name }: Reference): Value | undefined =>
    scope === 'inputs' ? state.inputs[name] : state.told.get(scope)?.[name];

/** Does what a phase is for. Rejects with what went wrong; expectations are not looked at here. */
export function doPhase(planned: PlannedPhase, state: RunState, signal: AbortSignal): Promise<Yield> {
  switch (planned.does) {
    case 'connect':
      return connect(state, signal);
    case 'safety':
      return safety(planned.before, state, signal);
    case 'rematch':
      return rematch(state, signal);
    case 'procedure': {
      const { phase } = planned;
      if (phase.action !== undefined) return act(phase, phase.action, state, signal);
      if (phase.prompt) return ask(phase, phase.prompt, state, signal);
      return check(phase, state);
    }
  }
}

const identityValues = ({ maker, model, serial, imei1, imei2, firmware }: Identity): Values => ({
  maker,
  model,
  serial,
  imei1,
  imei2,
  firmware,
});

async function connect({ link, unit }: RunState, signal: AbortSignal): Promise<Yield> {
  if (!link || !unit) throw new Error('a run without a port does not connect');
  const identity = await link.connect(signal);
  try {
    return { values: identityValues(identity), identity, unitId: unit.check(identity) };
  } catch (error) {
    // Another unit than the case's: nothing more may be asked of it, not even by the teardown.
    link.giveUp();
    throw error;
  }
}

async function safety(phase: Phase, state: RunState, signal: AbortSignal): Promise<Yield> {
  const { session } = state.link ?? {};
  if (!session) throw new BenchError('procedure.no-connection', { phase: phase.title });
  const args = filledArgs(phase, state);
  const told = [...state.procedure.setup, ...state.procedure.main].flatMap(({ id, action }) => {
    const values = state.told.get(id);
    return action !== undefined && values ? [{ action, values }] : [];
  });
  const { identity, target, values } = await state.authorise({ session, signal, phase, args, told });
  state.identityBefore = identity;
  return { values: { ...identityValues(identity), ...values }, identity, target };
}

/**
 * The unit restarts by itself: ask it who it is until it answers, over a new session when the old one ended.
 * When it does not come back in time, what follows is left out; nothing says that the wipe went wrong.
 */
async function rematch(state: RunState, signal: AbortSignal): Promise<Yield> {
  const { link, identityBefore } = state;
  if (!link || !identityBefore) throw new Error('a match after a restart needs a match before');
  while (true) {
    try {
      const identity = link.session ? await link.session.identify(signal) : await link.connect(signal);
      state.rematch(identityBefore, identity);
      return { values: identityValues(identity), identity };
    } catch (error) {
      if (isBenchError(error) && error.kind === 'refused') {
        link.giveUp();
        throw error;
      }
      if (signal.aborted) throw error;
      if (isGone(error)) link.giveUp();
    }
    await pause(state.timers, signal);
  }
}

const pause = (timers: Timers, signal: AbortSignal) =>
  new Promise<void>((resolve, reject) => {
    const onAbort = () => {
      cancel();
      reject(signal.reason);
    };
    const cancel = timers.after(REMATCH_PAUSE_MS, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });

/** The action's arguments with everything filled in, as its driver understands them. */
function filledArgs(phase: Phase, state: RunState): unknown {
  const action = state.actions[phase.action ?? ''];
  if (!action)
    throw new BenchError('unit.unsupported', {
      family: String(state.procedure.families),
      action: String(phase.action),
    });
  const parsed = action.args.safeParse(substitute(phase.args ?? {}, resolver(state)));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const detail = `“${issue?.path.map(String).join('.')}”: ${issue?.message}`;
  throw new BenchError('procedure.bad-arguments', { phase: phase.title, detail });
}

async function act(phase: Phase, name: string, state: RunState, signal: AbortSignal): Promise<Yield> {
  const session = state.link?.session;
  if (!session) {
    const reason = new BenchError('procedure.no-connection', { phase: phase.title }).message;
    return { values: {}, skipped: reason };
  }
  const declared = state.actions[name]?.values ?? [];
  const artifacts = collectArtifacts(state.openArtifact, state.log);
  state.cleanUp = artifacts.close;
  const { partial } = state;
  const context: ActionContext = {
    signal,
    progress: (report) => {
      // An action that was given up on goes on in the dark; its progress is nobody's any more.
      if (!signal.aborted) state.progress(report);
    },
    openArtifact: artifacts.open,
    tell: (values) => {
      partial.values = declaredValues(declared, { ...partial.values, ...values });
    },
    log: state.log,
  };
  try {
    const { values } = await session.run(name, filledArgs(phase, state), context);
    return { values: declaredValues(declared, values), artifactIds: artifacts.ids };
  } catch (error) {
    const reason = phase.optional ? whyLeftOut(error, state) : null;
    if (reason === null) throw new PartlyDone(named(error, phase), artifacts.ids);
    return { values: {}, skipped: reason };
  } finally {
    await artifacts.close();
  }
}

/** An error after which something is kept all the same: the artifacts that were finished before it. */
export class PartlyDone extends Error {
  readonly artifactIds: readonly string[];

  constructor(cause: unknown, artifactIds: readonly string[]) {
    super('partly done', { cause });
    this.artifactIds = artifactIds;
  }
}

/** Why an optional action may be left out after this error; null when the error counts. */
function whyLeftOut(error: unknown, state: RunState): string | null {
  if (isBenchError(error, 'unit.unsupported', 'unit.refused')) return error.message;
  if (!(error instanceof MissingValue)) return null;
  const { scope, name } = error.reference;
  return state.skipped.get(scope) ?? `No earlier step told “${scope}.${name}”.`;
}

function named(error: unknown, phase: Phase): unknown {
  if (!(error instanceof MissingValue)) return error;
  const { scope, name } = error.reference;
  return new BenchError('procedure.value-missing', { phase: phase.title, value: `${scope}.${name}` });
}

async function ask(phase: Phase, prompt: Prompt, state: RunState, signal: AbortSignal): Promise<Yield> {
  const given = state.answers[phase.id];
  if (given !== undefined && !(phase.optional && given.trim() === '')) {
    return answered(phase, readAnswer(prompt, given), null);
  }
  if (given !== undefined) return { values: {}, skipped: 'Left out by the person who started the run.' };
  if (!state.interactive && prompt.default !== undefined) {
    return answered(phase, readAnswer(prompt, String(prompt.default)), null);
  }
  if (!state.interactive && phase.optional) {
    return { values: {}, skipped: 'Not asked: the run was started with nobody there to answer.' };
  }
  const { answer, actor } = await state.ask(promptView(phase, prompt), prompt, phase.optional, signal);
  return answered(phase, answer, actor);
}

function answered(phase: Phase, answer: Answer, actor: Actor | null): Yield {
  if (!answer.ok) throw new BenchError('procedure.bad-answer', { prompt: phase.id, detail: answer.detail });
  if (answer.value === null) return { values: {}, skipped: 'Left out by the person who was asked.', actor };
  return { values: { answer: answer.value }, artifactIds: answer.artifactIds, actor };
}

/** A check only looks; an optional one is left out when what it looks at was. */
async function check(phase: Phase, state: RunState): Promise<Yield> {
  if (phase.optional) {
    const scopes = (phase.check ?? []).map(({ value }) => value.split('.')[0] ?? '');
    const reason = scopes.map((scope) => state.skipped.get(scope)).find((each) => each !== undefined);
    if (reason !== undefined) return { values: {}, skipped: reason };
  }
  return { values: {} };
}
