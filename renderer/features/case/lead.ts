import type { CaseView, Status } from '../../../shared/model/cases.ts';
import { type CaseAct, caseStep, moveWord, usualMove } from '../../data/caseStep.ts';

export interface Lead {
  /** Why this is next, or what the case waits for. */
  readonly say: string;
  /** The one action that leads the screen. Null: a person chooses, or nothing is possible now. */
  readonly act: CaseAct | null;
  /** The move that most cases make from here; it stands first. */
  readonly usual: Status | null;
}

type Seen = Pick<
  CaseView,
  'status' | 'statusSince' | 'flags' | 'causeClass' | 'runs' | 'moves' | 'dataInstruction'
>;

/** What the case's screen puts first: what the bench's card says too, as far as the station allows it. */
export function leadOf(view: Seen): Lead {
  const lastRun = view.runs.toSorted((a, b) => a.startedAt.localeCompare(b.startedAt)).at(-1) ?? null;
  const { say, act } = caseStep({ summary: view, lastRun });
  const usual = act?.kind === 'move' ? act.to : usualMove(view);
  const free = (to: Status | null) => view.moves.some((move) => move.to === to && move.allowed);
  const toUsual: CaseAct | null =
    usual !== null && free(usual) ? { kind: 'move', label: moveWord(view.status, usual), to: usual } : null;
  if (act?.kind === 'move') return { say, act: toUsual, usual };
  // What waits for a person's word goes on as soon as the word is there.
  const waits = act?.kind === 'case' && (act.at === undefined || view.status === 'awaiting-approval');
  if (waits) return { say, act: toUsual ?? (act.at ? act : null), usual };
  return { say, act, usual };
}
