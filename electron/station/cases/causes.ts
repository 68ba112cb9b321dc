import { CONFIRMING } from '../../../shared/contract/base.ts';
import { BenchError } from '../../../shared/errors/index.ts';
import type { CaseCause, CaseView } from '../../../shared/model/cases.ts';
import type { Role } from '../../../shared/model/people.ts';
import type { Actor } from '../storage/store.ts';
import type { Commands } from './commands.ts';
import { type CaseRow, fieldsOf } from './rows.ts';

/** Root causes: suspected at the bench, confirmed by QA. */
export function createCauseCommands({ options, views, change, append }: Commands) {
  const { catalogue, store } = options;
  const { clock } = store;

  function causeOf(row: CaseRow, causeId: string): CaseCause {
    const cause = views.causesOf(row.id).find((entry) => entry.id === causeId);
    if (!cause) throw new BenchError('input.not-found', { what: 'cause on this case', id: causeId });
    return cause;
  }

  return {
    /**
     * A suspected cause; only `confirmCause` makes it more. Without a reported symptom it quotes the case's fault.
     * Throws `cause.unknown`, `cause.primary-taken`.
     */
    addCause: (
      actor: Actor,
      input: { id: string; code: string; symptomReported?: string | null | undefined } & Partial<
        Pick<CaseCause, 'role' | 'symptomObserved' | 'action' | 'removedPart'>
      >,
    ): CaseView =>
      change(input.id, (row) => {
        const code = input.code.trim().toUpperCase();
        const entry = catalogue.codes.find((candidate) => candidate.code === code);
        if (!entry) throw new BenchError('cause.unknown', { code: input.code, version: catalogue.version });
        const role = input.role ?? 'primary';
        const taken = views.causesOf(row.id).find((cause) => cause.role === 'primary');
        if (role === 'primary' && taken) throw new BenchError('cause.primary-taken', { code: taken.code });
        append(actor, row, 'case.cause-added', {
          id: clock.id(),
          code: entry.code,
          catalogueVersion: catalogue.version,
          class: entry.class,
          component: entry.component,
          mode: entry.mode,
          certainty: 'suspected',
          role,
          symptomReported: input.symptomReported === undefined ? fieldsOf(row).fault : input.symptomReported,
          symptomObserved: input.symptomObserved ?? null,
          action: input.action ?? null,
          analysis: null,
          removedPart: input.removedPart ?? null,
        });
      }),

    /** QA's word on a cause, with the analysis; possible on a closed case too. Throws `cause.already-confirmed`. */
    confirmCause: (
      actor: Actor,
      input: {
        id: string;
        causeId: string;
        analysis: string;
        removedPart?: CaseCause['removedPart'] | undefined;
      },
    ): CaseView =>
      change(
        input.id,
        (row) => {
          const cause = causeOf(row, input.causeId);
          if (cause.certainty === 'confirmed' && cause.analysis !== null) {
            throw new BenchError('cause.already-confirmed', { code: cause.code });
          }
          const { causeId, analysis, removedPart = null } = input;
          append(actor, row, 'case.cause-confirmed', { causeId, code: cause.code, analysis, removedPart });
        },
        true,
      ),

    /** Throws `cause.confirmed` when QA's word would be taken back by who could not give it. */
    removeCause: (
      actor: Actor & { readonly role: Role },
      input: { id: string; causeId: string; reason: string },
    ): CaseView =>
      change(input.id, (row) => {
        const { code, certainty } = causeOf(row, input.causeId);
        if (certainty === 'confirmed' && !(CONFIRMING as readonly Role[]).includes(actor.role)) {
          throw new BenchError('cause.confirmed', { code, role: actor.role });
        }
        append(actor, row, 'case.cause-removed', { causeId: input.causeId, code, reason: input.reason });
      }),
  };
}
