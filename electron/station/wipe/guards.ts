import type { WipeTarget } from '../../../shared/contract/work.ts';
import { BenchError } from '../../../shared/errors/index.ts';
import {
  confirmDigits,
  fieldTitle,
  type Identifiers,
  STRONG_FIELDS,
  serialKey,
  strongKey,
  strongMatch,
} from '../../../shared/identity/index.ts';
import {
  type CaseIdentifiers,
  type DataInstruction,
  type IdentityConflict,
  type Status,
  statusWords,
} from '../../../shared/model/cases.ts';
import type { Role } from '../../../shared/model/people.ts';
import type { Identity } from '../../../shared/model/units.ts';
import { type CaseFacts, workBlocker } from '../../../shared/rma/index.ts';

/**
 * May this unit be wiped? Each question a technician would ask is one predicate: given the facts, it gives null
 * or the error that says why not. They are pure; `rules.ts` gathers the facts and asks them right before the
 * step that destroys data.
 */

/** What is known from the case and the person, without the unit. */
export interface WipeRequestFacts {
  readonly caseNumber: string;
  readonly status: Status;
  readonly instruction: DataInstruction;
  readonly consent: { readonly by: string; readonly ref: string } | null;
  readonly safetyStop: CaseFacts['safetyStop'];
  /** Null: whoever asked is nobody's colleague any more. */
  readonly role: Role | null;
  /** What was typed or scanned. */
  readonly confirm: string | null;
  /** What the case expects its unit to say. */
  readonly expected: CaseIdentifiers;
}

/** The unit as it just described itself, beside what the case expects. */
export interface WipeUnitFacts extends WipeRequestFacts {
  readonly identity: Identity;
  /** What is to be wiped, as the procedure names it; null where a unit has one target only. */
  readonly wanted: string | null;
  /** What the unit can wipe, as it listed just now. */
  readonly targets: readonly WipeTarget[];
  /** Where unit, label and case disagree. */
  readonly conflicts: readonly Pick<IdentityConflict, 'message'>[];
  /** A lock that the unit reports; null: it reports none, or cannot tell. */
  readonly lock: string | null;
}

type Guard<F> = (facts: F) => BenchError | null;

/** Auditors read; everybody else works on units. */
const MAY_WIPE: readonly Role[] = ['technician', 'qa', 'manager', 'administrator'];

export const roleMayWipe: Guard<WipeRequestFacts> = ({ role }) =>
  role !== null && MAY_WIPE.includes(role)
    ? null
    : new BenchError('wipe.role', { role: role ?? 'no longer active' });

/** It is open, its unit is in the lab, and no safety stop stands. */
export const caseMayBeWorkedOn: Guard<WipeRequestFacts> = ({ caseNumber, status, safetyStop }) => {
  const blocker = workBlocker({ number: caseNumber, status, safetyStop });
  return blocker && new BenchError(blocker.code, blocker.params);
};

/** A medium that will be destroyed may be wiped before; one that goes back or is kept may not. */
export const instructionAllowsWipe: Guard<WipeRequestFacts> = ({ instruction }) =>
  instruction === 'wipe' || instruction === 'destroy'
    ? null
    : new BenchError('wipe.instruction', { instruction: statusWords(instruction) });

export const consentIsOnRecord: Guard<WipeRequestFacts> = ({ consent }) =>
  consent === null ? new BenchError('wipe.no-consent') : null;

export const somethingWasConfirmed: Guard<WipeRequestFacts> = ({ confirm }) =>
  confirm === null || confirm.trim() === ''
    ? new BenchError('wipe.not-confirmed', { what: 'IMEI, else serial number' })
    : null;

/** The whole of one of the identifiers, as a scan of a label gives it. */
const isWhole = (typed: string, identifiers: Identifiers): boolean =>
  STRONG_FIELDS.some((field) => {
    const own = strongKey(field, identifiers[field]);
    return own !== null && (field === 'serial' ? serialKey(typed) : strongKey(field, typed)) === own;
  });

/**
 * What was typed cannot be about any unit that the case expects: refused before anything is opened. Which
 * identifier it must be is asked again with the unit at hand.
 */
export const confirmationFitsCase: Guard<WipeRequestFacts> = ({ confirm, expected }) => {
  const known = STRONG_FIELDS.map((field) => strongKey(field, expected[field])).filter((key) => key !== null);
  const typed = (confirm ?? '').trim();
  if (known.length === 0 || isWhole(typed, expected)) return null;
  const { imei1, imei2, serial } = expected;
  const asked = [
    { imei1, imei2: null, serial },
    { imei1: imei2, imei2: null, serial },
  ].map(confirmDigits);
  const fits = asked.some((digits) => digits?.digits.toUpperCase() === typed.toUpperCase());
  const what = asked[0]?.confirmWith === 'serial' ? 'serial number' : 'IMEI';
  return fits ? null : new BenchError('wipe.confirmation-wrong', { what });
};

/** Nobody has to guess which of unit, label and case is right. */
export const identityIsUndisputed: Guard<WipeUnitFacts> = ({ caseNumber, conflicts }) =>
  conflicts.length === 0
    ? null
    : new BenchError('run.identity-conflict', {
        caseNumber,
        detail: conflicts.map(({ message }) => message).join(' '),
      });

/** Every strong identifier the case has is said by the unit, and there is at least one. */
export const strongIdentifiersMatch: Guard<WipeUnitFacts> = ({ identity, expected }) => {
  const match = strongMatch(identity, expected);
  if (match.ok) return null;
  if (match.fields.length === 0) {
    const detail = 'the case has no serial number and no IMEI to compare with';
    return new BenchError('wipe.identity-unproven', { detail });
  }
  const wrong = match.fields.filter(({ agrees }) => !agrees);
  const detail = wrong
    .map(({ field, expected: wanted, said }) =>
      said === null
        ? `the case has the ${fieldTitle(field)} ${wanted}, the unit says none`
        : `the case has the ${fieldTitle(field)} ${wanted}, the unit says ${said}`,
    )
    .join('; ');
  const silent = wrong.every(({ said }) => said === null);
  return new BenchError(silent ? 'wipe.identity-unproven' : 'wipe.identity-mismatch', { detail });
};

/**
 * What was typed are the last four of the IMEI, else of the serial number, of the unit on the port. A scan of
 * its label gives a whole identifier, which says more and counts too.
 */
export const confirmationMatches: Guard<WipeUnitFacts> = ({ identity, confirm }) => {
  const asked = confirmDigits(identity);
  if (asked === null) {
    return new BenchError('wipe.identity-unproven', {
      detail: 'the unit says neither an IMEI nor a serial number',
    });
  }
  const typed = (confirm ?? '').trim();
  const what = asked.confirmWith === 'imei' ? 'IMEI' : 'serial number';
  if (typed === '') return new BenchError('wipe.not-confirmed', { what });
  const isLastFour = typed.toUpperCase() === asked.digits.toUpperCase();
  return isLastFour || isWhole(typed, identity) ? null : new BenchError('wipe.confirmation-wrong', { what });
};

/** The one thing that is to be wiped, out of what the unit lists. */
export function targetOf({ wanted, targets }: Pick<WipeUnitFacts, 'wanted' | 'targets'>): WipeTarget | null {
  if (wanted === null) return targets.length === 1 ? (targets[0] ?? null) : null;
  return targets.find(({ id }) => id === wanted) ?? null;
}

export const targetIsThere: Guard<WipeUnitFacts> = (facts) => {
  if (targetOf(facts)) return null;
  const known = facts.targets.map(({ id }) => id).join(', ') || 'nothing';
  return new BenchError('wipe.target-unknown', { target: facts.wanted ?? 'one target', known });
};

export const targetIsAllowed: Guard<WipeUnitFacts> = (facts) => {
  const target = targetOf(facts);
  if (!target || target.allowed) return null;
  const reasons = target.reasons.join('; ') || 'the unit does not say why';
  return new BenchError('wipe.target-not-allowed', { target: target.id, reasons });
};

/** Words by which units say that there is no lock. */
const UNLOCKED = /^(none|no|off|open|unlocked|normal|disabled|0)$/i;

/** A locked phone's reset leaves the lock, and may only make the data unreachable instead of destroying it. */
export const noLockInTheWay: Guard<WipeUnitFacts> = ({ lock }) =>
  lock === null || lock.trim() === '' || UNLOCKED.test(lock.trim())
    ? null
    : new BenchError('wipe.locked', { lock });

/** Asked before the run begins, so that a refusal costs nobody anything. */
export const REQUEST_GUARDS: readonly Guard<WipeRequestFacts>[] = [
  roleMayWipe,
  caseMayBeWorkedOn,
  instructionAllowsWipe,
  consentIsOnRecord,
  somethingWasConfirmed,
  confirmationFitsCase,
];

/** Asked with the unit at hand, right before data is destroyed; the others are asked again then too. */
export const UNIT_GUARDS: readonly Guard<WipeUnitFacts>[] = [
  ...REQUEST_GUARDS,
  strongIdentifiersMatch,
  identityIsUndisputed,
  confirmationMatches,
  noLockInTheWay,
  targetIsThere,
  targetIsAllowed,
];

/** The first reason not to, or null. */
export function firstRefusal<F>(guards: readonly Guard<F>[], facts: F): BenchError | null {
  for (const guard of guards) {
    const refusal = guard(facts);
    if (refusal) return refusal;
  }
  return null;
}
