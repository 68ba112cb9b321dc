import { BenchError, ERRORS, formatMessage } from '../errors/index.ts';
import { type MoveOption, type Status, statusWords } from '../model/cases.ts';
import type { CaseFacts } from './facts.ts';
import { type Blocker, GUARDS } from './guards.ts';
import { TRANSITIONS, type Transition } from './table.ts';

/** Every reason that blocks a move, in the order of its guards; none means it may be made. */
export function blockers(transition: Transition, facts: CaseFacts): Blocker[] {
  return transition.guards.flatMap((name) => GUARDS[name].check(facts) ?? []);
}

/** Each state the case could go to, with all reasons that stand in the way, in words. */
export function moveOptions(facts: CaseFacts): MoveOption[] {
  return TRANSITIONS.filter((transition) => transition.from === facts.status).map((transition) => {
    const reasons = blockers(transition, facts).map(({ code, params }) => ({
      code,
      message: formatMessage(ERRORS[code].message, params),
      hint: formatMessage(ERRORS[code].hint, params),
    }));
    return {
      to: transition.to,
      allowed: reasons.length === 0,
      reasons,
      needsReason: transition.needsReason,
    };
  });
}

/**
 * Refuses a move that the table or a guard does not allow. Throws `case.no-such-move`, the first guard's
 * own code, or `case.reason-needed`.
 */
export function checkMove(facts: CaseFacts, to: Status, reason: string | undefined): Transition {
  const nexts = TRANSITIONS.filter((transition) => transition.from === facts.status);
  const transition = nexts.find((candidate) => candidate.to === to);
  if (!transition) {
    const ways = nexts.map((candidate) => statusWords(candidate.to)).join(', ');
    throw new BenchError('case.no-such-move', {
      from: statusWords(facts.status),
      to: statusWords(to),
      next: ways ? `From here it can go to: ${ways}.` : 'It is at its end; open a new case for this unit.',
    });
  }
  const [blocker] = blockers(transition, facts);
  if (blocker) throw new BenchError(blocker.code, blocker.params);
  if (transition.needsReason && !reason?.trim())
    throw new BenchError('case.reason-needed', { to: statusWords(to) });
  return transition;
}
