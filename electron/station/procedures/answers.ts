import { BenchError, isBenchError } from '../../../shared/errors/index.ts';
import type { Artifact } from '../../../shared/model/evidence.ts';
import type { RecordTarget } from '../../../shared/procedures/record.ts';
import type { Actor, Store } from '../storage/store.ts';
import type { Phase, Procedure, Prompt } from './format.ts';
import { SECTIONS } from './plan.ts';
import type { Answer } from './prompts.ts';
import type { RunEnd, RunJournal } from './types.ts';

/** What takes answers into the case that a run is for. */
export interface AnswerSink {
  /** Throws what is wrong with an answer, before it counts. */
  check(caseId: string, target: RecordTarget, text: string): void;
  take(actor: Actor, caseId: string, target: RecordTarget, text: string): void;
}

/** Throws when an answer cannot be taken, so that the question stays open. */
export type CheckAnswer = (promptId: string, prompt: Prompt, answer: Extract<Answer, { ok: true }>) => void;

export interface AnswersOptions {
  readonly store: Store;
  readonly sink: AnswerSink;
  /** An artifact that was added. Throws `input.not-found`. */
  readonly artifactOf: (id: string) => Pick<Artifact, 'caseId' | 'kind'>;
}

/** What an answer says in the case: a choice by its label, everything else as it was given. */
const wordsOf = ({ choices }: Prompt, answer: unknown): string =>
  choices?.find(({ value }) => value === answer)?.label ?? String(answer);

/** A run's answers on their way: checked when they are given, in the case as soon as their phase has passed. */
export function runAnswers({ store, sink, artifactOf }: AnswersOptions, caseId: string) {
  /** A safety stop that was answered for; raised with the run's end, so that it is what ends nothing else. */
  let danger: { readonly actor: Actor; readonly reason: string } | null = null;

  function checkPhotos(promptId: string, ids: readonly string[]): void {
    for (const id of ids) {
      if (isPhoto(id)) continue;
      const detail = `“${id}” is no picture of this case`;
      throw new BenchError('procedure.bad-answer', { prompt: promptId, detail });
    }
  }

  function isPhoto(id: string): boolean {
    try {
      const artifact = artifactOf(id);
      return artifact.caseId === caseId && artifact.kind === 'photo';
    } catch (error) {
      if (isBenchError(error, 'input.not-found')) return false;
      throw error;
    }
  }

  const check: CheckAnswer = (promptId, prompt, answer) => {
    checkPhotos(promptId, answer.artifactIds);
    if (prompt.record && answer.value !== null) {
      sink.check(caseId, prompt.record, wordsOf(prompt, answer.value));
    }
  };

  function take(procedure: Procedure, phase: Phase | undefined, value: unknown, actor: Actor): void {
    const { record } = phase?.prompt ?? {};
    if (!phase?.prompt || record === undefined || value === undefined || value === null) return;
    if (record === 'safety-stop') {
      if (value === 'yes' || value === true) danger = { actor, reason: `${procedure.title}: ${phase.title}` };
    } else sink.take(actor, caseId, record, wordsOf(phase.prompt, value));
  }

  return {
    check,

    /** The journal of a run, whose answers go into the case in the transaction that ends their phase. */
    journal(own: RunJournal, procedure: Procedure, starter: Actor): RunJournal {
      const phases = SECTIONS.flatMap((section) => procedure[section]);
      return {
        phaseStarted: own.phaseStarted,
        phaseEnded: (phaseId, end, actor) =>
          store.transaction(() => {
            own.phaseEnded(phaseId, end, actor);
            const phase = phases.find(({ id }) => id === phaseId);
            const counts = end.outcome === 'pass' || phase?.prompt?.record === 'safety-stop';
            if (counts) take(procedure, phase, end.values.answer, actor ?? starter);
          }),
      };
    },

    /** Ends the run, and raises the safety stop that an answer asked for, in one transaction. */
    end: (write: () => RunEnd): RunEnd =>
      store.transaction(() => {
        const end = write();
        if (danger) sink.take(danger.actor, caseId, 'safety-stop', danger.reason);
        return end;
      }),
  };
}
