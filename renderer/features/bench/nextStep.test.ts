import { describe, expect, it } from 'vitest';
import { STATUSES, type Status } from '../../../shared/model/cases.ts';
import { PORT_STATES, type PortView } from '../../../shared/model/ports.ts';
import { type Glance, nextStep } from './nextStep.ts';

const port = (state: PortView['state'], rest: Partial<PortView> = {}) => ({
  state,
  trouble: null,
  caseId: 'case',
  runId: null,
  ...rest,
});
const glance = (
  status: Status,
  lastRun: Glance['lastRun'] = null,
  rest: Partial<Glance['summary']> = {},
): Glance => ({ summary: { status, flags: [], causeClass: null, ...rest }, lastRun });
const ran = (
  kind: NonNullable<Glance['lastRun']>['kind'],
  outcome: NonNullable<Glance['lastRun']>['outcome'],
): Glance['lastRun'] => ({ kind, outcome, message: null, procedureId: `at-${kind}`, state: 'ended' });

describe('next step at a port', () => {
  it('asks a unit only on request', () => {
    expect(nextStep(port('unread'), null).primary).toMatchObject({ kind: 'identify' });
  });

  it('opens a case for an identified unit without one', () => {
    expect(nextStep(port('ready', { caseId: null }), null).primary).toMatchObject({ kind: 'open-case' });
  });

  it.each([
    ['announced', null, { kind: 'move', to: 'received' }],
    ['received', null, { kind: 'run', procedure: 'intake' }],
    ['received', ran('intake', 'pass'), { kind: 'move', to: 'diagnosing' }],
    ['received', ran('intake', 'error'), { kind: 'run', procedure: 'intake' }],
    ['diagnosing', null, { kind: 'run', procedure: 'diagnosis' }],
    ['diagnosing', ran('intake', 'pass'), { kind: 'run', procedure: 'diagnosis' }],
    ['diagnosing', ran('diagnosis', 'pass'), { kind: 'case', at: 'cause' }],
    ['wiping', null, { kind: 'case', at: 'wipe' }],
    ['wiping', ran('wipe', 'unverified'), { kind: 'case', label: 'Decide what is next' }],
    ['wiping', ran('wipe', 'pass'), { kind: 'move', to: 'final-check' }],
    ['final-check', ran('wipe', 'pass'), { kind: 'run', procedure: 'diagnosis' }],
    ['final-check', ran('diagnosis', 'pass'), { kind: 'move', to: 'ready' }],
  ] as const)('%s after %o', (status, lastRun, primary) => {
    expect(nextStep(port('ready'), glance(status, lastRun)).primary).toMatchObject(primary);
  });

  it('goes to the case once the cause of a passed diagnosis stands', () => {
    const done = glance('diagnosing', ran('diagnosis', 'pass'), { causeClass: 'hardware' });
    expect(nextStep(port('passed'), done).primary).toMatchObject({
      kind: 'case',
      label: 'Decide what is next',
    });
  });

  it('offers cause or another run after a failure', () => {
    const step = nextStep(port('failed'), glance('diagnosing', ran('diagnosis', 'fail')));
    expect(step.primary).toMatchObject({ kind: 'case', at: 'cause' });
    expect(step.secondary).toMatchObject({ kind: 'again', procedureId: 'at-diagnosis' });
  });

  it('never starts a wipe from the card', () => {
    for (const state of ['ready', 'passed', 'failed', 'error', 'interrupted'] as const) {
      for (const outcome of ['fail', 'error', 'interrupted', 'unverified'] as const) {
        const { primary, secondary } = nextStep(port(state), glance('wiping', ran('wipe', outcome)));
        for (const act of [primary, secondary]) expect(['case', undefined]).toContain(act?.kind);
      }
    }
  });

  it('puts safety and identity before everything', () => {
    for (const state of ['ready', 'passed', 'failed', 'interrupted'] as const) {
      const stopped = nextStep(
        port(state),
        glance('diagnosing', null, { flags: ['safety-stop', 'identity-conflict'] }),
      );
      expect(stopped.primary).toEqual({ kind: 'case', label: 'Open the case' });
      const conflict = nextStep(port(state), glance('diagnosing', null, { flags: ['identity-conflict'] }));
      expect(conflict.primary).toMatchObject({ at: 'identity' });
    }
  });

  it('says what to do in every state and status', () => {
    for (const state of PORT_STATES.filter((each) => each !== 'needs-you')) {
      for (const status of STATUSES) {
        const { say, primary, secondary } = nextStep(port(state, { runId: 'run' }), glance(status));
        expect(say ?? primary?.label ?? secondary?.label).toBeTruthy();
      }
    }
  });

  it('shows the trouble in its own words', () => {
    const trouble = { code: 'port.busy', message: 'In use.', hint: 'Close it.' };
    expect(nextStep(port('busy', { trouble }), null).say).toBe('In use. Close it.');
  });
});
