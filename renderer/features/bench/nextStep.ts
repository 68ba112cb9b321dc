import type { Status } from '../../../shared/model/cases.ts';
import type { PortView } from '../../../shared/model/ports.ts';
import { type CaseAct, caseStep, type Glance, troubledRun } from '../../data/caseStep.ts';

/** What a button on a card does. */
export type Act =
  | CaseAct
  | { readonly kind: 'identify'; readonly label: string }
  | { readonly kind: 'port-settings'; readonly label: string }
  | { readonly kind: 'open-case'; readonly label: string };

export interface NextStep {
  /** One sentence: why this is next, or what the unit waits for. Null: the card says it already. */
  readonly say: string | null;
  readonly primary: Act | null;
  readonly secondary: Act | null;
}

type Port = Pick<PortView, 'state' | 'trouble' | 'caseId'>;

const step = (say: string | null, primary: Act | null, secondary: Act | null = null): NextStep => ({
  say,
  primary,
  secondary,
});

const trouble = ({ trouble: is }: Port, otherwise: string): string =>
  is ? [is.message, is.hint].filter(Boolean).join(' ') : otherwise;

const TO_CASE: Act = { kind: 'case', label: 'Open the case' };
const identify = (label: string): Act => ({ kind: 'identify', label });

/** The one thing to do at a port now. `glance` is null when the port has no case or it is not read yet. */
export function nextStep(port: Port, glance: Glance | null): NextStep {
  switch (port.state) {
    case 'absent':
      return absent(glance);
    case 'unread':
      return step(
        'Something is plugged in. Nobody has asked it who it is, because asking can disturb it.',
        identify('Identify'),
      );
    case 'silent':
      return step(
        trouble(port, 'The port is there, but nothing answers. Check power, cable and speed.'),
        identify('Try again'),
        { kind: 'port-settings', label: 'Port settings' },
      );
    case 'busy':
      return step(
        trouble(port, 'Another program holds this port. Close it, then try again.'),
        identify('Try again'),
      );
    case 'no-permission':
      return step(trouble(port, 'This user may not open the port.'), identify('Try again'));
    case 'working':
    case 'needs-you':
      // What it does, what it asks and how to stop it stand on the card, away from where this button was.
      return step(null, null);
    case 'ready':
    case 'passed':
    case 'failed':
    case 'error':
    case 'interrupted':
    case 'unverified':
      return idle(port, glance);
  }
}

/** An unplugged unit's card still says what was cut off, so that nobody takes it for done. */
function absent(glance: Glance | null): NextStep {
  const run = glance && troubledRun(glance);
  if (run?.outcome !== 'interrupted') {
    return step('Nothing is plugged in. Plug the unit in and it shows up here.', null);
  }
  const what = run.kind === 'wipe' ? 'The wipe was cut off; nothing is certified.' : 'Its run was cut off.';
  return step(`${what} Plug the unit in again to take it up.`, null);
}

/** States in which the unit has nothing more to do on a port. */
const DONE: ReadonlySet<Status> = new Set<Status>([
  'ready',
  'shipped',
  'closed',
  'cancelled',
  'replaced',
  'refunded',
  'returned-unrepaired',
  'scrapped',
]);

function idle(port: Port, glance: Glance | null): NextStep {
  if (!port.caseId) {
    return port.state === 'error'
      ? step(trouble(port, 'The bench could not finish.'), identify('Identify again'))
      : step('No case yet.', { kind: 'open-case', label: 'Open a case' });
  }
  if (!glance) return step(null, TO_CASE);
  const { say, act, other } = caseStep(glance);
  const { status, flags } = glance.summary;
  const halted = flags.includes('safety-stop') || flags.includes('identity-conflict');
  if (halted) return step(say, act ?? TO_CASE);
  // Trouble that no run left behind is the port's own.
  if (port.state === 'error' && !troubledRun(glance)) {
    return step(trouble(port, 'The bench could not finish.'), identify('Identify again'), TO_CASE);
  }
  if (DONE.has(status)) {
    return step(status === 'ready' ? say : 'The work on this unit has ended. Unplug it.', TO_CASE);
  }
  return step(say, act ?? TO_CASE, other);
}
