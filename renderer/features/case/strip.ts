import type { CaseView, Status } from '../../../shared/model/cases.ts';

export interface StripStep {
  readonly status: Status;
  readonly word: string;
  /** `skipped`: before the current step, but this case did not go through it. */
  readonly state: 'done' | 'skipped' | 'current' | 'ahead';
}

const PATH: readonly { status: Status; word: string }[] = [
  { status: 'announced', word: 'Announced' },
  { status: 'received', word: 'Received' },
  { status: 'diagnosing', word: 'Diagnosing' },
  { status: 'awaiting-approval', word: 'Approval' },
  { status: 'awaiting-parts', word: 'Parts' },
  { status: 'repairing', word: 'Repair' },
  { status: 'wiping', word: 'Wipe' },
  { status: 'final-check', word: 'Final check' },
  { status: 'ready', word: 'Ready' },
  { status: 'shipped', word: 'Shipped' },
  { status: 'closed', word: 'Closed' },
];

const ENDINGS: Partial<Record<Status, string>> = {
  cancelled: 'Cancelled',
  replaced: 'Replaced',
  refunded: 'Refunded',
  'returned-unrepaired': 'Returned unrepaired',
  scrapped: 'Scrapped',
};

/** Moves that give the repair up; shown apart, so that no hand takes one for the way on. */
export const isEnding = (status: Status): boolean => status in ENDINGS;

/**
 * The way of a case from left to right: where it was, what it left out, where it is, what may come. An early
 * ending takes the place of everything the case did not go through.
 */
export function stripSteps({ status, visited }: Pick<CaseView, 'status' | 'visited'>): StripStep[] {
  const been = new Set([...visited, status]);
  const ending = visited.findLast(isEnding) ?? (isEnding(status) ? status : undefined);
  const path = PATH.filter((step) => step.status !== 'announced' || been.has('announced'));
  const way = ending
    ? [
        ...path.filter((step) => been.has(step.status) && step.status !== 'closed'),
        { status: ending, word: ENDINGS[ending] ?? ending },
        { status: 'closed' as const, word: 'Closed' },
      ]
    : path;
  const at = way.findIndex((step) => step.status === status);
  return way.map((step, index) => ({
    ...step,
    state: index > at ? 'ahead' : index === at ? 'current' : been.has(step.status) ? 'done' : 'skipped',
  }));
}
