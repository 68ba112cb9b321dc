import type { CaseView, Status } from '../../../shared/model/cases.ts';

export interface StripStep {
  readonly status: Status;
  readonly word: string;
  /** `maybe`: before the current step, but not every case goes through it. */
  readonly state: 'done' | 'maybe' | 'current' | 'ahead';
}

const PATH: readonly { status: Status; word: string; always: boolean }[] = [
  { status: 'received', word: 'Received', always: true },
  { status: 'diagnosing', word: 'Diagnosing', always: true },
  { status: 'awaiting-approval', word: 'Approval', always: false },
  { status: 'awaiting-parts', word: 'Parts', always: false },
  { status: 'repairing', word: 'Repair', always: false },
  { status: 'wiping', word: 'Wipe', always: false },
  { status: 'final-check', word: 'Final check', always: true },
  { status: 'ready', word: 'Ready', always: true },
  { status: 'shipped', word: 'Shipped', always: true },
  { status: 'closed', word: 'Closed', always: true },
];

const ENDINGS: Partial<Record<Status, string>> = {
  cancelled: 'Cancelled',
  replaced: 'Replaced',
  refunded: 'Refunded',
  'returned-unrepaired': 'Returned unrepaired',
  scrapped: 'Scrapped',
};

/** The way of a case from left to right, with where it is now. An early ending takes the place of the rest. */
export function stripSteps(status: Status): StripStep[] {
  const ending = ENDINGS[status];
  if (ending) {
    return [
      { status: 'received', word: 'Received', state: 'maybe' },
      { status, word: ending, state: 'current' },
      { status: 'closed', word: 'Closed', state: 'ahead' },
    ];
  }
  const path =
    status === 'announced' ? [{ status, word: 'Announced', always: true } as const, ...PATH] : PATH;
  const at = path.findIndex((step) => step.status === status);
  return path.map(({ status: of, word, always }, index) => ({
    status: of,
    word,
    state: index > at ? 'ahead' : index === at ? 'current' : always ? 'done' : 'maybe',
  }));
}

/** The move that most cases make next; null where a person has to choose. */
export function usualMove(view: Pick<CaseView, 'status' | 'dataInstruction' | 'causes'>): Status | null {
  switch (view.status) {
    case 'announced':
      return 'received';
    case 'received':
      return 'diagnosing';
    case 'awaiting-approval':
    case 'awaiting-parts':
      return 'repairing';
    case 'repairing':
      return view.dataInstruction === 'wipe' ? 'wiping' : 'final-check';
    case 'wiping':
      return 'final-check';
    case 'final-check':
      return 'ready';
    case 'ready':
      return 'shipped';
    case 'diagnosing':
      return null;
    case 'closed':
      return null;
    default:
      return 'closed';
  }
}

/** Moves that give the repair up; shown apart, so that no hand takes one for the way on. */
export const isEnding = (status: Status): boolean => status in ENDINGS;
