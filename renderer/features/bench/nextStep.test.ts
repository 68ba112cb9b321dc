import { describe, expect, it } from 'vitest';
import { STATUSES, type Status } from '../../../shared/model/cases.ts';
import { PORT_STATES, type PortView } from '../../../shared/model/ports.ts';
import type { Glance } from '../../data/caseStep.ts';
import { nextStep } from './nextStep.ts';

const port = (state: PortView['state'], rest: Partial<PortView> = {}) => ({
  state,
  trouble: null,
  caseId: 'case',
  ...rest,
});
const SINCE = '2026-01-02T10:00:00.000Z';
const glance = (
  status: Status,
  lastRun: Glance['lastRun'] = null,
  rest: Partial<Glance['summary']> = {},
): Glance => ({
  summary: { status, statusSince: SINCE, flags: ['data-open'], causeClass: null, ...rest },
  lastRun,
});
type Run = NonNullable<Glance['lastRun']>;
const ran = (kind: Run['kind'], outcome: Run['outcome']): Run => ({
  kind,
  outcome,
  message: null,
  procedureId: `at-${kind}`,
  procedureTitle: kind,
  state: 'ended',
  startedAt: SINCE,
});
const IDLE = ['ready', 'passed', 'failed', 'error', 'interrupted', 'unverified'] as const;

describe('next step at a port', () => {
  it('asks a unit only on request', () => {
    expect(nextStep(port('unread'), null).primary).toMatchObject({ kind: 'identify' });
  });

  it('opens a case for an identified unit without one', () => {
    expect(nextStep(port('ready', { caseId: null }), null).primary).toMatchObject({ kind: 'open-case' });
  });

  it('goes by the case, whatever the port remembers of its last run', () => {
    const cutOff = glance('wiping', ran('wipe', 'interrupted'));
    for (const state of IDLE) {
      expect(nextStep(port(state), cutOff).primary, state).toMatchObject({ label: 'Take up the wipe' });
    }
    expect(nextStep(port('ready'), glance('diagnosing', ran('diagnosis', 'fail')))).toMatchObject({
      primary: { at: 'cause' },
      secondary: { kind: 'again', procedureId: 'at-diagnosis' },
    });
  });

  it('says on an empty port what was cut off', () => {
    const { say, primary } = nextStep(port('absent'), glance('wiping', ran('wipe', 'interrupted')));
    expect(say).toContain('nothing is certified');
    expect(primary).toBeNull();
    expect(nextStep(port('absent'), glance('wiping', ran('wipe', 'pass'))).say).toContain(
      'Nothing is plugged',
    );
  });

  it('calls an unverified wipe neither failed nor done', () => {
    const step = nextStep(port('unverified'), glance('wiping', ran('wipe', 'unverified')));
    expect(step.primary).toMatchObject({ kind: 'case', label: 'Decide what is next' });
    expect(step.secondary).toMatchObject({ label: 'Wipe again' });
  });

  it('shows trouble of the port that no run left', () => {
    const broken = port('error', { trouble: { code: 'x', message: 'Garbled.', hint: 'Look.' } });
    expect(nextStep(broken, glance('diagnosing'))).toMatchObject({
      say: 'Garbled. Look.',
      primary: { kind: 'identify' },
    });
  });

  it('never starts a wipe from the card', () => {
    for (const state of IDLE) {
      for (const outcome of ['pass', 'fail', 'error', 'interrupted', 'unverified'] as const) {
        const { primary, secondary } = nextStep(port(state), glance('wiping', ran('wipe', outcome)));
        for (const act of [primary, secondary]) expect(['case', 'identify', undefined]).toContain(act?.kind);
      }
    }
  });

  it('puts safety and identity before everything', () => {
    for (const state of IDLE) {
      const flags = ['safety-stop', 'identity-conflict'] as const;
      const stopped = nextStep(port(state), glance('diagnosing', null, { flags: [...flags] }));
      expect(stopped.primary).toEqual({ kind: 'case', label: 'Open the case' });
      const conflict = nextStep(port(state), glance('diagnosing', null, { flags: ['identity-conflict'] }));
      expect(conflict.primary).toMatchObject({ at: 'identity' });
    }
  });

  it('says what to do in every state and status', () => {
    for (const state of PORT_STATES.filter((each) => each !== 'needs-you' && each !== 'working')) {
      for (const status of STATUSES) {
        const { say, primary, secondary } = nextStep(port(state), glance(status));
        expect(say ?? primary?.label ?? secondary?.label).toBeTruthy();
      }
    }
  });

  it('shows the trouble in its own words', () => {
    const trouble = { code: 'port.busy', message: 'In use.', hint: 'Close it.' };
    expect(nextStep(port('busy', { trouble }), null).say).toBe('In use. Close it.');
  });
});
