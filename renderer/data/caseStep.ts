import type { CaseSummary, DataInstruction, Status } from '../../shared/model/cases.ts';
import type { RunSummary } from '../../shared/model/runs.ts';

/** Where on a case's screen something is to be done. */
export type CasePlace = 'cause' | 'wipe' | 'identity' | 'data';

/** What the button of a next step does. */
export type CaseAct =
  /** Starts the procedure of this kind that fits the unit's family. */
  | { readonly kind: 'run'; readonly label: string; readonly procedure: 'intake' | 'diagnosis' }
  /** Starts the same procedure once more. */
  | { readonly kind: 'again'; readonly label: string; readonly procedureId: string }
  | { readonly kind: 'move'; readonly label: string; readonly to: Status }
  /** Something that is done on the case's own screen; without a place: a person decides there. */
  | { readonly kind: 'case'; readonly label: string; readonly at?: CasePlace };

export interface CaseStep {
  /** One sentence: why this is next, or what the case waits for. */
  readonly say: string;
  readonly act: CaseAct | null;
  readonly other: CaseAct | null;
}

/** The little of a case that decides what is next. */
export interface Glance {
  readonly summary: Pick<CaseSummary, 'status' | 'statusSince' | 'flags' | 'causeClass'>;
  readonly lastRun: Pick<
    RunSummary,
    'kind' | 'outcome' | 'message' | 'procedureId' | 'procedureTitle' | 'state' | 'startedAt'
  > | null;
}
type Run = NonNullable<Glance['lastRun']>;

/** The way of most cases, in order; what lies before is behind. */
const WAY: readonly Status[] = [
  'announced',
  'received',
  'diagnosing',
  'awaiting-approval',
  'awaiting-parts',
  'repairing',
  'wiping',
  'final-check',
  'ready',
  'shipped',
  'closed',
];

const MOVE_WORDS: Readonly<Record<Status, string>> = {
  announced: 'Announce it',
  received: 'Receive it',
  diagnosing: 'Start diagnosing',
  'awaiting-approval': 'Ask for approval',
  'awaiting-parts': 'Wait for parts',
  repairing: 'Start the repair',
  wiping: 'Go on to the wipe',
  'final-check': 'Go on to the final check',
  ready: 'Mark as ready to ship',
  shipped: 'Mark as shipped',
  closed: 'Close the case',
  cancelled: 'Cancel the case',
  replaced: 'Replace the unit',
  refunded: 'Refund the customer',
  'returned-unrepaired': 'Return it unrepaired',
  scrapped: 'Scrap the unit',
};
const BACK_WORDS: Partial<Record<Status, string>> = {
  diagnosing: 'Back to diagnosing',
  repairing: 'Back to the repair',
  wiping: 'Back to the wipe',
  'final-check': 'Back to the final check',
  ready: 'Back to ready to ship',
};

/** What a person does to bring a case from one state to another: a verb, the same on every screen. */
export function moveWord(from: Status, to: Status): string {
  const back = WAY.includes(to) && WAY.indexOf(to) < WAY.indexOf(from);
  return (back ? BACK_WORDS[to] : undefined) ?? MOVE_WORDS[to];
}

/** The move that most cases make next; null where a person has to choose. */
export function usualMove(of: { status: Status; dataInstruction: DataInstruction }): Status | null {
  switch (of.status) {
    case 'announced':
      return 'received';
    case 'received':
      return 'diagnosing';
    case 'awaiting-approval':
    case 'awaiting-parts':
      return 'repairing';
    case 'repairing':
      return of.dataInstruction === 'wipe' ? 'wiping' : 'final-check';
    case 'wiping':
      return 'final-check';
    case 'final-check':
      return 'ready';
    case 'ready':
      return 'shipped';
    case 'diagnosing':
    case 'closed':
      return null;
    default:
      return 'closed';
  }
}

const step = (say: string, act: CaseAct | null = null, other: CaseAct | null = null): CaseStep => ({
  say,
  act,
  other,
});
const decide = (label = 'Decide what is next'): CaseAct => ({ kind: 'case', label });
const toWipe = (label: string): CaseAct => ({ kind: 'case', label, at: 'wipe' });
const again = ({ procedureId }: Run): CaseAct => ({ kind: 'again', label: 'Run again', procedureId });
const recordCause: CaseAct = { kind: 'case', label: 'Record cause', at: 'cause' };

/** A run that a person stopped says nothing about the unit. */
const TROUBLE: ReadonlySet<string | null> = new Set(['fail', 'error', 'timeout', 'interrupted']);

/** The latest run, if it ended badly since the case came to where it stands. */
export const troubledRun = ({ summary, lastRun }: Glance): Run | null =>
  lastRun?.state === 'ended' && lastRun.startedAt >= summary.statusSince && TROUBLE.has(lastRun.outcome)
    ? lastRun
    : null;

/**
 * The one thing to do about a case now. What was run before the case came to where it stands proves nothing
 * about that: a diagnosis before the repair is no final check.
 */
export function caseStep(glance: Glance): CaseStep {
  const { summary, lastRun } = glance;
  const { status, flags } = summary;
  if (flags.includes('safety-stop')) {
    return step('Safety stop. Leave the unit alone; do nothing further with it.');
  }
  if (flags.includes('identity-conflict')) {
    return step('Label, case and unit do not agree.', {
      kind: 'case',
      label: 'Settle the identity',
      at: 'identity',
    });
  }
  if (lastRun?.state === 'running') return step(`${lastRun.procedureTitle} is under way.`);
  const run = lastRun && lastRun.startedAt >= summary.statusSince ? lastRun : null;
  const move = (to: Status): CaseAct => ({ kind: 'move', label: moveWord(status, to), to });
  switch (status) {
    case 'announced':
      return step('Announced; now it is here.', move('received'));
    case 'received':
      return received(run, move);
    case 'diagnosing':
      return diagnosing(run, summary.causeClass !== null);
    case 'awaiting-approval':
      return step('Waits for the customer’s approval.', {
        kind: 'case',
        label: 'Record the approval',
        at: 'data',
      });
    case 'awaiting-parts':
      return step('Waits for parts.', decide());
    case 'repairing':
      return step('In repair.', decide());
    case 'wiping':
      return wiping(run, flags.includes('data-open'), move);
    case 'final-check':
      return finalCheck(run, flags.includes('data-open'), move);
    case 'ready':
      return step('Ready to ship. Unplug it and pack it.', move('shipped'));
    case 'closed':
      return step('The case has ended. Unplug the unit.');
    default:
      return summary.causeClass === null
        ? step('No case closes without a cause.', recordCause)
        : step('The unit is dealt with.', move('closed'));
  }
}

type Move = (to: Status) => CaseAct;

/** Whether a run looked at the unit as a whole; the station counts both. */
const checks = (run: Run | null): run is Run => run?.kind === 'diagnosis' || run?.kind === 'inspection';

const said = (run: Run): string => run.message ?? 'The last run did not pass.';

function received(run: Run | null, move: Move): CaseStep {
  if (run?.outcome === 'pass' && run.kind === 'intake') return step('Intake is done.', move('diagnosing'));
  if (run?.outcome === 'fail') return step(said(run), move('diagnosing'), again(run));
  if (run && TROUBLE.has(run.outcome)) return step(said(run), again(run), decide('Why?'));
  return step('Intake reads identity, firmware and logs.', {
    kind: 'run',
    label: 'Run intake',
    procedure: 'intake',
  });
}

function diagnosing(run: Run | null, caused: boolean): CaseStep {
  if (run?.outcome === 'fail') return step(said(run), caused ? decide() : recordCause, again(run));
  if (run && TROUBLE.has(run.outcome)) return step(said(run), again(run), decide('Why?'));
  if (!checks(run) || run.outcome !== 'pass') {
    return step('To be diagnosed.', { kind: 'run', label: 'Run diagnosis', procedure: 'diagnosis' });
  }
  return caused
    ? step('Every check passed and the cause is recorded.', decide())
    : step('Every check passed.', recordCause);
}

/** A wipe is never one press away: its screen asks for the unit's label. */
function wiping(run: Run | null, open: boolean, move: Move): CaseStep {
  const wipe = run?.kind === 'wipe' ? run : null;
  if (!open) {
    const say = wipe?.outcome === 'pass' ? 'Wiped and verified.' : 'The customer’s data is dealt with.';
    return step(say, move('final-check'));
  }
  switch (wipe?.outcome) {
    case 'unverified':
      return step(
        'Erased, but nothing proves it. QA signs an exception, or it is wiped again.',
        { kind: 'case', label: 'Decide what is next', at: 'data' },
        toWipe('Wipe again'),
      );
    case 'pass':
      return step('One medium is wiped, but not all of them.', toWipe('Wipe the next medium'));
    case 'interrupted':
      return step(said(wipe), toWipe('Take up the wipe'), decide('Why?'));
    case 'fail':
    case 'error':
    case 'timeout':
      return step(said(wipe), toWipe('Wipe again'), decide('Why?'));
    default:
      return step('To be wiped.', toWipe('Wipe'));
  }
}

function finalCheck(run: Run | null, open: boolean, move: Move): CaseStep {
  if (run?.outcome === 'fail') return step(said(run), decide(), again(run));
  if (run && TROUBLE.has(run.outcome)) return step(said(run), again(run), decide('Why?'));
  if (!checks(run) || run.outcome !== 'pass') {
    return step('To be checked once more.', {
      kind: 'run',
      label: 'Run the final check',
      procedure: 'diagnosis',
    });
  }
  return open
    ? step('The final check passed. The customer’s data is not dealt with yet.', {
        kind: 'case',
        label: 'Settle the data',
        at: 'data',
      })
    : step('The final check passed.', move('ready'));
}
