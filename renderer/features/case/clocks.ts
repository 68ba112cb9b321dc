import type { CaseView, Status } from '../../../shared/model/cases.ts';
import { formatDue, formatDuration } from '../../ui/format.ts';
import type { Tone } from '../../ui/looks.ts';

export interface Clock {
  readonly id: string;
  readonly text: string;
  readonly tone: Tone;
}

const ENDED: ReadonlySet<Status> = new Set([
  'shipped',
  'closed',
  'cancelled',
  'replaced',
  'refunded',
  'returned-unrepaired',
  'scrapped',
]);

/** `in 3 h 12 min`, or how long it is past. */
export function countdown(due: string, now: number): { text: string; past: boolean } {
  const seconds = (Date.parse(due) - now) / 1000;
  return seconds >= 0
    ? { text: `in ${formatDuration(seconds)}`, past: false }
    : { text: `${formatDuration(-seconds)} late`, past: true };
}

/** Everything with a due time that still counts, the most pressing first. */
export function clocksOf(view: CaseView, now: number, zone: string | undefined): Clock[] {
  const clocks: Clock[] = [];
  const { safety } = view;
  if (safety && safety.reportedAt === null) {
    const { text, past } = countdown(safety.reportDueAt, now);
    clocks.push({
      id: 'safety',
      text: past ? `Product safety not told: ${text}` : `Tell product safety ${text}`,
      tone: 'failed',
    });
  }
  const escalation = view.escalations?.at(-1);
  if (escalation && !ENDED.has(view.status)) {
    const { text, past } = countdown(escalation.dueAt, now);
    clocks.push({
      id: 'escalation',
      text: `${escalation.to} takes it up ${text}`,
      tone: past ? 'failed' : 'needs',
    });
  }
  if (view.promisedOn && !ENDED.has(view.status)) {
    const due = formatDue(view.promisedOn, now, zone);
    clocks.push({
      id: 'promise',
      text: `Promise ${due.text}`,
      tone: due.overdue ? 'failed' : due.soon ? 'needs' : 'ready',
    });
  }
  return clocks;
}
