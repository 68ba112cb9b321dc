import type { ErrorCode } from '../../../shared/errors/index.ts';
import type { WipeVerdict } from '../../../shared/model/evidence.ts';
import type { Outcome } from '../../../shared/model/runs.ts';

/** What a run of a wipe did, as its journal has it. Missing values are null, never guessed. */
export interface WipeFacts {
  /** The worst of the run before anybody thought about proof, and why. */
  readonly runOutcome: Outcome;
  readonly runMessage: string | null;
  /** What kept the run from passing; null when nothing did. */
  readonly errorCode: string | null;
  /** How the phase that destroys data ended, and what it said was wrong; null: it never began. */
  readonly destruction: { readonly outcome: Outcome | null; readonly errorCode: string | null } | null;
  readonly overwrite: OverwriteFacts | null;
  readonly reset: ResetFacts | null;
}

/** Every addressable byte of a target written, then read again. */
export interface OverwriteFacts {
  readonly targetBytes: number | null;
  /** How many were written for certain; when it was cut off there may be more. */
  readonly bytes: number | null;
  /** Write and read errors. */
  readonly errors: number | null;
  readonly readBackBytes: number | null;
  /** Whether everything that was read back is what had been written. */
  readonly verified: boolean | null;
  /** Whether the read-back came from the medium and not from the page cache. */
  readonly pastCache: boolean | null;
}

/** The maker's own reset, directed by the bench. */
export interface ResetFacts {
  readonly directed: boolean | null;
  /** What the unit answered. */
  readonly answer: string | null;
  readonly proven: boolean | null;
  readonly evidence: string | null;
  /** Whether the unit was seen again after its restart, as the same one. */
  readonly sameUnitAfter: boolean;
}

/** What a wipe came to. One that never began is no wipe: it leaves no record. */
export interface Judgement {
  readonly verdict: WipeVerdict | 'not-started';
  /** Sentences without a full stop; at least one for anything but `verified`. */
  readonly reasons: readonly string[];
}

/** One that a record is signed of. */
export interface SignedJudgement extends Judgement {
  readonly verdict: WipeVerdict;
}
export const isSigned = (judgement: Judgement): judgement is SignedJudgement =>
  judgement.verdict !== 'not-started';

const judged = (verdict: Judgement['verdict'], ...reasons: string[]): Judgement => ({ verdict, reasons });

/** What the unit itself rules out when it is told to destroy: here, nobody can do it with this bench. */
const IMPOSSIBLE: readonly string[] = ['unit.unsupported', 'unit.refused'] satisfies readonly ErrorCode[];
const LOCKED: ErrorCode = 'wipe.locked';

/**
 * What may be said of a wipe. Only what the journal proves counts, and `verified` only when all of it does:
 * - `not-started`: the phase that destroys never began, whatever stopped it; the data is as it was
 * - `interrupted`: the unit or the station went away in the middle, or a person stopped it
 * - `cannot-sanitize`: the unit refuses the only way there is, or a lock stands in it
 * - `failed`: not everything was overwritten, or what was read back differs
 * - `unverified`: all was done and nothing contradicts it, but something is not proven
 */
export function judgeWipe(facts: WipeFacts): Judgement {
  const { runOutcome, destruction, overwrite, reset } = facts;
  const why = facts.runMessage ?? 'No reason is on record';
  if (destruction === null)
    return judged(facts.errorCode === LOCKED ? 'cannot-sanitize' : 'not-started', why);
  if (runOutcome === 'interrupted' || runOutcome === 'aborted') {
    return judged('interrupted', ...(overwrite ? [extentOf(overwrite)] : []), why);
  }
  if (reset?.directed === false) {
    return judged('cannot-sanitize', `The unit did not accept the reset (${reset.answer ?? 'no answer'})`);
  }
  if (destruction.outcome !== 'pass') {
    const { errorCode } = destruction;
    if (errorCode !== null && IMPOSSIBLE.includes(errorCode)) return judged('cannot-sanitize', why);
    return judged('failed', ...whatIsKnown(facts), why);
  }
  const found = overwrite ? judgeOverwrite(overwrite) : reset ? judgeReset(reset) : UNKNOWN;
  if (found.verdict === 'failed') return found;
  // Whatever else did not pass takes the proof away, not the work.
  if (runOutcome !== 'pass') return judged('unverified', ...found.reasons, why);
  return found;
}

/** How far a phase came that did not pass. */
function whatIsKnown({ overwrite, reset }: WipeFacts): readonly string[] {
  if (overwrite) return judgeOverwrite(overwrite).reasons;
  return reset?.directed === null ? ['It is not known whether the unit took the reset'] : [];
}

const extentOf = ({ bytes, targetBytes }: OverwriteFacts): string => {
  if (bytes === null) return 'How much was overwritten is not known';
  if (bytes <= 0) return 'Nothing was overwritten';
  return `${bytes} of ${targetBytes ?? '?'} bytes are known to be overwritten`;
};

const UNKNOWN = judged('unverified', 'The journal does not say how data was destroyed');

function judgeOverwrite(facts: OverwriteFacts): Judgement {
  const { targetBytes, bytes, readBackBytes } = facts;
  if (facts.errors !== null && facts.errors > 0) {
    return judged('failed', `The unit reported ${facts.errors} errors while writing or reading`);
  }
  if (bytes === null || bytes <= 0 || (targetBytes !== null && bytes < targetBytes)) {
    return judged('failed', extentOf(facts));
  }
  const hasReadBack = readBackBytes !== null && readBackBytes > 0;
  if (hasReadBack && facts.verified === false) {
    return judged('failed', 'What was read back is not what had been written');
  }
  const doubts = [
    targetBytes === null || targetBytes <= 0 ? 'The size of the target is not known' : null,
    targetBytes !== null && bytes > targetBytes
      ? 'More bytes were written than the target was said to have'
      : null,
    hasReadBack ? null : 'Nothing was read back',
    hasReadBack && facts.verified === null ? 'The unit did not say whether the read-back agrees' : null,
    hasReadBack && readBackBytes !== targetBytes
      ? `Only ${readBackBytes} of ${targetBytes ?? '?'} bytes were read back`
      : null,
    hasReadBack && facts.pastCache !== true ? 'The read-back may have come from the page cache' : null,
  ].filter((doubt) => doubt !== null);
  return doubts.length === 0 ? judged('verified') : judged('unverified', ...doubts);
}

function judgeReset({ directed, proven, evidence, sameUnitAfter }: ResetFacts): Judgement {
  const doubts = [
    directed === true ? null : 'It is not on record that the unit took the reset',
    proven === true ? null : `Nothing readable proves the reset${evidence ? `: ${evidence}` : ''}`,
    sameUnitAfter ? null : 'The unit was not seen again after its restart',
  ].filter((doubt) => doubt !== null);
  return doubts.length === 0 ? judged('verified') : judged('unverified', ...doubts);
}

/** How a run ends for what its wipe came to; `null`: the run's own end says it already. */
export const OUTCOME_OF_VERDICT: Readonly<Record<Judgement['verdict'], Outcome | null>> = {
  verified: 'pass',
  unverified: 'unverified',
  failed: 'fail',
  'cannot-sanitize': 'fail',
  interrupted: null,
  'not-started': 'fail',
};
