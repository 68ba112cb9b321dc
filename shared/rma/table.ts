import type { Status } from '../model/cases.ts';
import type { GuardName } from './guards.ts';

export interface Transition {
  readonly from: Status;
  readonly to: Status;
  readonly guards: readonly GuardName[];
  /** The person must say why. */
  readonly needsReason: boolean;
}

/** What entering a state demands, wherever the case comes from; the safety stop is added to every move. */
const ENTERING: Partial<Record<Status, readonly GuardName[]>> = {
  'awaiting-parts': ['repair-approved'],
  repairing: ['repair-approved'],
  wiping: ['identity-agrees', 'wipe-instructed', 'wipe-consented'],
  ready: ['identity-agrees', 'data-settled'],
  shipped: ['no-run', 'identity-agrees', 'data-settled'],
  replaced: ['no-run', 'identity-agrees', 'data-settled'],
  refunded: ['no-run', 'identity-agrees', 'data-settled'],
  scrapped: ['no-run', 'identity-agrees', 'data-settled'],
  // A unit that is not the customer's goes back to them: the conflict may stay, the data may not.
  'returned-unrepaired': ['no-run', 'data-settled'],
  cancelled: ['no-run', 'data-settled'],
  closed: ['primary-cause', 'no-fault-found-tested'],
};

const NEEDS_REASON: ReadonlySet<Status> = new Set<Status>([
  'cancelled',
  'replaced',
  'refunded',
  'returned-unrepaired',
  'scrapped',
]);

/** The ways out that end the work on a unit without repairing it. */
const DECISIONS: readonly Status[] = ['replaced', 'refunded', 'returned-unrepaired', 'scrapped', 'cancelled'];

type Next = Status | { readonly to: Status; readonly guards?: readonly GuardName[]; readonly reason?: true };

const NEXT: Readonly<Record<Status, readonly Next[]>> = {
  announced: [
    { to: 'received', guards: ['unit-expected'] },
    { to: 'replaced', guards: ['claim-without-unit'] },
    { to: 'refunded', guards: ['claim-without-unit'] },
    'cancelled',
  ],
  received: [{ to: 'diagnosing', guards: ['identity-agrees'] }, 'wiping', 'returned-unrepaired', 'cancelled'],
  diagnosing: ['awaiting-approval', 'awaiting-parts', 'repairing', 'wiping', 'final-check', ...DECISIONS],
  'awaiting-approval': ['repairing', 'awaiting-parts', 'diagnosing', 'wiping', ...DECISIONS],
  'awaiting-parts': ['repairing', 'diagnosing', 'awaiting-approval', 'wiping', ...DECISIONS],
  repairing: ['diagnosing', 'awaiting-approval', 'awaiting-parts', 'wiping', 'final-check', ...DECISIONS],
  wiping: ['diagnosing', 'repairing', 'final-check', ...DECISIONS],
  'final-check': ['ready', 'diagnosing', 'repairing', 'wiping', ...DECISIONS],
  ready: ['shipped', 'final-check', 'wiping'],
  // It came back undelivered, or was marked by mistake.
  shipped: ['closed', { to: 'ready', reason: true }],
  cancelled: ['closed'],
  replaced: ['closed'],
  refunded: ['closed'],
  'returned-unrepaired': ['closed'],
  scrapped: ['closed'],
  closed: [],
};

function toTransition(from: Status, next: Next): Transition {
  const entry = typeof next === 'string' ? { to: next } : next;
  const guards: GuardName[] = ['no-safety-stop'];
  for (const guard of [...(entry.guards ?? []), ...(ENTERING[entry.to] ?? [])]) {
    if (!guards.includes(guard)) guards.push(guard);
  }
  return { from, to: entry.to, guards, needsReason: entry.reason === true || NEEDS_REASON.has(entry.to) };
}

/** The RMA's state machine: every move there is, with what it demands. Nothing else leads anywhere. */
export const TRANSITIONS: readonly Transition[] = Object.entries(NEXT).flatMap(([from, nexts]) =>
  nexts.map((next) => toTransition(from as Status, next)),
);
