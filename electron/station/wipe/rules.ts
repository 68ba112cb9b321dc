import { BenchError, isBenchError } from '../../../shared/errors/index.ts';
import { fieldTitle, strongMatch } from '../../../shared/identity/index.ts';
import type { CaseIdentifiers } from '../../../shared/model/cases.ts';
import type { Artifact } from '../../../shared/model/evidence.ts';
import type { WipeStatement } from '../../../shared/model/records.ts';
import type { Identity } from '../../../shared/model/units.ts';
import { worse } from '../../../shared/procedures/outcome.ts';
import type {
  DestructiveMoment,
  DestructiveRequest,
  DestructiveRules,
  JournaledRun,
  RunCase,
  RunEnd,
} from '../procedures/types.ts';
import type { Actor } from '../storage/store.ts';
import { mediaOf, notReached } from './coverage.ts';
import { factsOf } from './facts.ts';
import { firstRefusal, REQUEST_GUARDS, targetOf, UNIT_GUARDS, type WipeRequestFacts } from './guards.ts';
import { type Grounds, writeNotes } from './safety-notes.ts';
import { type StatementContext, statementOf } from './statement.ts';
import { isSigned, judgeWipe, OUTCOME_OF_VERDICT, type SignedJudgement } from './verdict.ts';

export interface WipeRulesOptions {
  /** Signs a statement and commits it in the running transaction. */
  readonly records: { sign(statement: WipeStatement, actor: Actor): { readonly id: string } };
  /** The case as it is now. */
  readonly caseOf: (id: string) => RunCase;
  /** Throws `input.not-found`. */
  readonly artifactOf: (id: string) => Pick<Artifact, 'sha256'>;
  readonly station: () => StatementContext['station'];
  /** A new id. */
  readonly id: () => string;
}

const NO_IDENTIFIERS: CaseIdentifiers = { serial: null, imei1: null, imei2: null, meid: null };

/** The rules of destructive runs: who may, on which unit, what it came to, and the record of it. */
export function createWipeRules(options: WipeRulesOptions): DestructiveRules {
  const artifactSha256 = (id: string): string | null => {
    try {
      return options.artifactOf(id).sha256;
    } catch (error) {
      if (isBenchError(error, 'input.not-found')) return null;
      throw error;
    }
  };

  return {
    preflight(request) {
      const refusal = firstRefusal(REQUEST_GUARDS, requestFacts(request));
      if (refusal) throw refusal;
    },

    async authorise(moment: DestructiveMoment) {
      const { session, signal } = moment;
      const identity = await session.identify(signal);
      const targets = await session.wipeTargets(signal);
      // Two minutes may have passed since the unit was first asked: from here on nothing waits any more.
      const request = moment.request();
      const facts = {
        ...requestFacts(request),
        conflicts: request.rmaCase.conflicts,
        identity,
        wanted: wantedTarget(moment.args),
        targets,
        lock: lockTold(moment.told),
      };
      const refusal = firstRefusal(UNIT_GUARDS, facts);
      if (refusal) throw refusal;
      const target = targetOf(facts);
      const matchedBy = strongMatch(identity, facts.expected).fields.map(({ field }) => field);
      return {
        identity,
        target,
        values: {
          matchedBy: matchedBy.join(', '),
          lock: facts.lock,
          target: target?.id ?? null,
          targetBytes: target?.bytes ?? null,
          ...writeNotes({
            media: mediaOf(targets),
            notReached: notReached(target, targets),
            grounds: groundsOf(request.rmaCase),
          }),
        },
      };
    },

    rematch(before: Identity, now: Identity) {
      const { serial, imei1, imei2, meid } = before;
      const match = strongMatch(now, { serial, imei1, imei2, meid });
      if (match.ok) return;
      const detail = match.fields
        .filter(({ agrees }) => !agrees)
        .map(({ field, expected, said }) => `${fieldTitle(field)} was ${expected}, now ${said ?? 'none'}`)
        .join('; ');
      throw new BenchError('wipe.other-unit-after-restart', { detail });
    },

    settle(run, end, actor) {
      const facts = factsOf(run, end);
      const judgement = judgeWipe(facts);
      if (!isSigned(judgement)) return { ...notStarted(end), recordId: null };
      const statement = statementOf(run, facts, judgement, {
        recordId: options.id(),
        station: options.station(),
        grounds: groundsOf(options.caseOf(run.caseId)),
        artifactSha256,
      });
      const { id: recordId } = options.records.sign(statement, actor);
      return { ...endOf(run, end, judgement), recordId };
    },
  };
}

/** A run that destroyed nothing: there is nothing to certify, and whoever reads of it shall not think there is. */
const notStarted = (end: RunEnd): RunEnd => ({
  ...end,
  outcome: worse(end.outcome, OUTCOME_OF_VERDICT['not-started'] ?? end.outcome),
  message: `The wipe was not started: ${end.message ?? 'no reason is on record'}`,
});

/** The run's end with what its wipe came to: a wipe passes when it is verified, and only then. */
function endOf(run: JournaledRun, end: RunEnd, { verdict, reasons }: SignedJudgement): RunEnd {
  const implied = OUTCOME_OF_VERDICT[verdict] ?? end.outcome;
  const outcome = worse(end.outcome, implied);
  // What ended the run is said by the run; what the wipe came to is said where the run saw nothing wrong.
  if (outcome === end.outcome && end.error !== null) return end;
  if (verdict === 'verified') return end;
  const error = new BenchError(`wipe.${verdict}`, {
    reasons: reasons.map((reason) => reason.replace(/\.$/, '')).join('; '),
    caseNumber: run.caseNumber,
  });
  return { outcome, message: error.message, error };
}

const groundsOf = ({ identifiers, unit, consent }: RunCase): Grounds => ({
  expected: identifiers ?? NO_IDENTIFIERS,
  label: unit?.label ?? null,
  consent: consent && { by: consent.by, ref: consent.ref },
});

const requestFacts = ({ actor, rmaCase, confirm }: DestructiveRequest): WipeRequestFacts => ({
  caseNumber: rmaCase.number,
  status: rmaCase.status,
  instruction: rmaCase.fields.dataInstruction,
  consent: rmaCase.consent,
  safetyStop: rmaCase.safety ?? rmaCase.unit?.blocked ?? null,
  role: actor.role,
  confirm,
  expected: rmaCase.identifiers ?? NO_IDENTIFIERS,
});

function wantedTarget(args: unknown): string | null {
  const target = typeof args === 'object' && args !== null && 'target' in args ? args.target : null;
  return typeof target === 'string' ? target : null;
}

/** The lock that an earlier phase of this run read, the newest one that told something. */
function lockTold(told: DestructiveMoment['told']): string | null {
  const locks = told.filter(({ action }) => action === 'lock').map(({ values }) => values.deviceLock);
  const said = locks.filter((lock) => typeof lock === 'string');
  return said.at(-1) ?? null;
}
