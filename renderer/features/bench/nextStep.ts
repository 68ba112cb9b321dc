import type { CaseSummary, Status } from '../../../shared/model/cases.ts';
import type { PortView } from '../../../shared/model/ports.ts';
import type { RunSummary } from '../../../shared/model/runs.ts';

/** What a button on a card does. */
export type Act =
  | { readonly kind: 'identify'; readonly label: string }
  | { readonly kind: 'port-settings'; readonly label: string }
  | { readonly kind: 'open-case'; readonly label: string }
  /** Starts the procedure of this kind that fits the unit's family. */
  | { readonly kind: 'run'; readonly label: string; readonly procedure: 'intake' | 'diagnosis' }
  /** Starts the same procedure once more. */
  | { readonly kind: 'again'; readonly label: string; readonly procedureId: string }
  | { readonly kind: 'move'; readonly label: string; readonly to: Status }
  /** Goes to the case, straight to what is to be done there. */
  | { readonly kind: 'case'; readonly label: string; readonly at?: 'cause' | 'wipe' | 'identity' }
  | { readonly kind: 'stop'; readonly label: string };

export interface NextStep {
  /** One sentence: why this is next, or what the unit waits for. Null: the card says it already. */
  readonly say: string | null;
  readonly primary: Act | null;
  readonly secondary: Act | null;
}

/** The little of a case that decides what is next. */
export interface Glance {
  readonly summary: Pick<CaseSummary, 'status' | 'flags' | 'causeClass'>;
  readonly lastRun: Pick<RunSummary, 'kind' | 'outcome' | 'message' | 'procedureId' | 'state'> | null;
}

type PortState = Pick<PortView, 'state' | 'trouble' | 'caseId' | 'runId'>;

const step = (say: string | null, primary: Act | null, secondary: Act | null = null): NextStep => ({
  say,
  primary,
  secondary,
});

const trouble = ({ trouble: is }: PortState, otherwise: string): string =>
  is ? [is.message, is.hint].filter(Boolean).join(' ') : otherwise;

const toCase = (label: string): Act => ({ kind: 'case', label });

/** The one thing to do at a port now. `glance` is null when the port has no case or it is not read yet. */
export function nextStep(port: PortState, glance: Glance | null): NextStep {
  switch (port.state) {
    case 'absent':
      return step('Nothing is plugged in. Plug the unit in and it shows up here.', null);
    case 'unread':
      return step('Something is plugged in. Nobody has asked it who it is, because asking can disturb it.', {
        kind: 'identify',
        label: 'Identify',
      });
    case 'silent':
      return step(
        trouble(port, 'The port is there, but nothing answers. Check power, cable and speed.'),
        { kind: 'identify', label: 'Try again' },
        { kind: 'port-settings', label: 'Port settings' },
      );
    case 'busy':
      return step(trouble(port, 'Another program holds this port. Close it, then try again.'), {
        kind: 'identify',
        label: 'Try again',
      });
    case 'no-permission':
      return step(trouble(port, 'This user may not open the port.'), {
        kind: 'identify',
        label: 'Try again',
      });
    case 'working':
      return step(null, port.runId ? { kind: 'stop', label: 'Stop' } : null);
    case 'needs-you':
      // The answers stand on the card; stopping is in its menu, away from them.
      return step(null, null);
    case 'ready':
    case 'passed':
    case 'failed':
    case 'error':
    case 'interrupted':
      return idleStep(port, glance);
  }
}

function idleStep(port: PortState, glance: Glance | null): NextStep {
  if (!port.caseId) {
    if (port.state === 'error') {
      return step(trouble(port, 'The bench could not finish.'), {
        kind: 'identify',
        label: 'Identify again',
      });
    }
    return step('No case yet.', { kind: 'open-case', label: 'Open a case' });
  }
  if (!glance) return step(null, toCase('Open the case'));
  const { flags } = glance.summary;
  if (flags.includes('safety-stop')) {
    return step('Safety stop. Leave the unit alone; do nothing further with it.', toCase('Open the case'));
  }
  if (flags.includes('identity-conflict')) {
    return step('Label, case and unit do not agree.', {
      kind: 'case',
      label: 'Settle the identity',
      at: 'identity',
    });
  }
  if (port.state === 'passed' || port.state === 'ready') return stepByStatus(glance);
  return stepAfterTrouble(port, glance);
}

/** After a run that did not pass. A wipe is never one click away: its screen asks for the label again. */
function stepAfterTrouble(port: PortState, { lastRun }: Glance): NextStep {
  const again: Act | null =
    lastRun === null
      ? null
      : lastRun.kind === 'wipe'
        ? {
            kind: 'case',
            label: port.state === 'interrupted' ? 'Take up the wipe' : 'Wipe again',
            at: 'wipe',
          }
        : { kind: 'again', label: 'Run again', procedureId: lastRun.procedureId };
  const say = lastRun?.message ?? trouble(port, 'The last run did not pass.');
  if (port.state === 'failed' && lastRun?.kind !== 'wipe') {
    return step(say, { kind: 'case', label: 'Record cause', at: 'cause' }, again);
  }
  return step(say, again ?? toCase('Open the case'), again ? toCase('Why?') : null);
}

const passed = (run: Glance['lastRun'], kind: RunSummary['kind']): boolean =>
  run?.kind === kind && run.outcome === 'pass';

function stepByStatus({ summary, lastRun }: Glance): NextStep {
  switch (summary.status) {
    case 'announced':
      return step('Announced; now it is here.', { kind: 'move', label: 'Receive it', to: 'received' });
    case 'received':
      return passed(lastRun, 'intake')
        ? step('Intake is done.', { kind: 'move', label: 'Start diagnosing', to: 'diagnosing' })
        : step('Intake reads identity, firmware and logs.', {
            kind: 'run',
            label: 'Run intake',
            procedure: 'intake',
          });
    case 'diagnosing':
      if (!passed(lastRun, 'diagnosis')) {
        return step('To be diagnosed.', { kind: 'run', label: 'Run diagnosis', procedure: 'diagnosis' });
      }
      return summary.causeClass === null
        ? step('Every check passed.', { kind: 'case', label: 'Record cause', at: 'cause' })
        : step('Every check passed and the cause is recorded.', toCase('Decide what is next'));
    case 'awaiting-approval':
      return step('Waits for the customer’s approval.', toCase('Open the case'));
    case 'awaiting-parts':
      return step('Waits for parts.', toCase('Open the case'));
    case 'repairing':
      return step('In repair.', toCase('Open the case'));
    case 'wiping':
      if (lastRun?.kind === 'wipe' && lastRun.outcome === 'unverified') {
        return step(
          'Erased, but nothing proves it. QA signs an exception, or it is wiped again.',
          toCase('Decide what is next'),
          { kind: 'case', label: 'Wipe again', at: 'wipe' },
        );
      }
      return passed(lastRun, 'wipe')
        ? step('Wiped and verified.', { kind: 'move', label: 'Next: final check', to: 'final-check' })
        : step('To be wiped.', { kind: 'case', label: 'Wipe', at: 'wipe' });
    case 'final-check':
      return passed(lastRun, 'diagnosis')
        ? step('The final check passed.', { kind: 'move', label: 'Ready to ship', to: 'ready' })
        : step('To be checked once more.', { kind: 'run', label: 'Run final check', procedure: 'diagnosis' });
    case 'ready':
      return step('Ready to ship. Unplug it and pack it.', toCase('Open the case'));
    default:
      return step('The case has ended. Unplug the unit.', toCase('Open the case'));
  }
}
