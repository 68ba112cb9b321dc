import type { ErrorCode, ErrorParams } from '../errors/index.ts';
import { type DataInstruction, statusWords } from '../model/cases.ts';
import type { CaseFacts } from './facts.ts';
import { isWholeUnitWiped } from './media.ts';
import { LEFT_LAB } from './states.ts';

/** Why a move is blocked: a code of the error catalogue with what fills its words. */
export interface Blocker {
  readonly code: ErrorCode;
  readonly params: ErrorParams;
}

/** A rule that a move must pass, named as the lab would say it. */
export interface Guard {
  /** For the published table. */
  readonly words: string;
  /** Null: passed. */
  check(facts: CaseFacts): Blocker | null;
}

const UNSETTLED: Readonly<Record<DataInstruction, ErrorCode>> = {
  wipe: 'case.not-wiped',
  keep: 'case.no-waiver',
  destroy: 'case.not-destroyed',
  'media-returned': 'case.media-not-returned',
};

/**
 * Whether the data instruction is fulfilled, or its exception signed. Verified wipes fulfil `wipe` only:
 * destroying and handing over are deeds on paper, and `keep` is the customer's own signature.
 */
export function dataSettled(facts: Pick<CaseFacts, 'dataInstruction' | 'media' | 'signedFor'>): boolean {
  if (facts.signedFor === facts.dataInstruction) return true;
  return facts.dataInstruction === 'wipe' && isWholeUnitWiped(facts.media);
}

export const blocked = (code: ErrorCode, params: ErrorParams = {}): Blocker => ({ code, params });

/** What is left to wipe, as people would look for it. */
function missingMedia({ media }: Pick<CaseFacts, 'media'>): string {
  const missing = media.filter(({ wiped }) => !wiped).map(({ path, label }) => `${path} (${label})`);
  return missing.length === 0 ? 'nothing was wiped so far' : `not proven to be wiped: ${missing.join(', ')}`;
}

export const GUARDS = {
  'no-safety-stop': {
    words: 'no safety stop stands on the unit',
    check({ safetyStop }: Pick<CaseFacts, 'safetyStop'>) {
      if (safetyStop === null) return null;
      const { reason, reportDueAt, reportedAt } = safetyStop;
      return reportedAt === null
        ? blocked('safety.not-reported', { reason, due: reportDueAt })
        : blocked('safety.not-released', { reason });
    },
  },
  'unit-expected': {
    words: 'the case is not a claim without a unit',
    check: (facts) => (facts.withoutUnit ? blocked('case.claim-without-unit') : null),
  },
  'claim-without-unit': {
    words: 'the case is a claim without a unit',
    check: (facts) => (facts.withoutUnit ? null : blocked('case.unit-expected')),
  },
  'identity-agrees': {
    words: 'unit, label and case agree on who the unit is',
    check: ({ conflicts }) =>
      conflicts.length === 0
        ? null
        : blocked('case.identity-conflict', { detail: conflicts.map((entry) => entry.message).join(' ') }),
  },
  'wipe-instructed': {
    words: 'the data instruction is “wipe” or “destroy”',
    check: ({ dataInstruction }) =>
      dataInstruction === 'wipe' || dataInstruction === 'destroy'
        ? null
        : blocked('case.wipe-not-instructed', { instruction: statusWords(dataInstruction) }),
  },
  'wipe-consented': {
    words: 'the customer’s consent to the wipe is on record',
    check: (facts) => (facts.wipeConsent ? null : blocked('case.no-wipe-consent')),
  },
  'repair-approved': {
    words: 'if the case ever awaited approval, the customer’s was recorded since it last did',
    check: (facts) => (facts.approvalAwaited && !facts.approval ? blocked('case.no-approval') : null),
  },
  'data-settled': {
    words:
      'the data instruction is fulfilled or its exception signed (or the unit never came): ' +
      'each medium wiped and verified, the waiver, the record of destruction, the receipt for the media',
    check: (facts) =>
      !facts.unitArrived || dataSettled(facts)
        ? null
        : blocked(UNSETTLED[facts.dataInstruction], { missing: missingMedia(facts) }),
  },
  'no-run': {
    words: 'no run is under way for the case',
    check: ({ running }) => (running === null ? null : blocked('case.run-under-way', { title: running })),
  },
  'primary-cause': {
    words: 'a primary root-cause code is on the case',
    check: ({ causes }) =>
      causes.some((cause) => cause.role === 'primary') ? null : blocked('case.no-cause'),
  },
  'no-fault-found-tested': {
    words: '“no fault found” has a passed diagnosis or inspection as evidence',
    check: ({ causes, passedRun }) =>
      passedRun || !causes.some((cause) => cause.class === 'no-fault-found')
        ? null
        : blocked('case.no-test-evidence'),
  },
} satisfies Record<string, Guard>;

export type GuardName = keyof typeof GUARDS;

/**
 * Why no work may be done for a case, whatever it is: it is closed, its unit is no longer the lab's, or a safety
 * stop stands. Null: it may.
 */
export function workBlocker(
  facts: Pick<CaseFacts, 'status' | 'safetyStop'> & { readonly number: string },
): Blocker | null {
  const { number, status } = facts;
  if (status === 'closed') return blocked('case.closed', { number });
  if (LEFT_LAB.has(status)) return blocked('case.unit-left', { number, status: statusWords(status) });
  return GUARDS['no-safety-stop'].check(facts);
}
