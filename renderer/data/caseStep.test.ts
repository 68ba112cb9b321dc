import { describe, expect, it } from 'vitest';
import { DATA_INSTRUCTIONS, STATUSES, type Status } from '../../shared/model/cases.ts';
import { TRANSITIONS } from '../../shared/rma/index.ts';
import { caseStep, type Glance, moveWord, usualMove } from './caseStep.ts';

const HERE = '2026-01-02T10:00:00.000Z';
const SINCE = '2026-01-02T10:30:00.000Z';
const BEFORE = '2026-01-02T09:00:00.000Z';

type Run = NonNullable<Glance['lastRun']>;
const ran = (kind: Run['kind'], outcome: Run['outcome'], startedAt = SINCE): Run => ({
  kind,
  outcome,
  message: null,
  procedureId: `at-${kind}`,
  procedureTitle: kind,
  state: 'ended',
  startedAt,
});
const glance = (
  status: Status,
  lastRun: Glance['lastRun'] = null,
  rest: Partial<Glance['summary']> = {},
): Glance => ({
  summary: { status, statusSince: HERE, flags: ['data-open'], causeClass: null, ...rest },
  lastRun,
});

describe('the next step of a case', () => {
  it.each([
    ['announced', null, { kind: 'move', to: 'received' }],
    ['received', null, { kind: 'run', procedure: 'intake' }],
    ['received', ran('intake', 'pass'), { kind: 'move', to: 'diagnosing' }],
    ['received', ran('intake', 'fail'), { kind: 'move', to: 'diagnosing' }],
    ['received', ran('intake', 'interrupted'), { kind: 'again', procedureId: 'at-intake' }],
    ['received', ran('intake', 'aborted'), { kind: 'run', procedure: 'intake' }],
    ['diagnosing', null, { kind: 'run', procedure: 'diagnosis' }],
    ['diagnosing', ran('intake', 'pass'), { kind: 'run', procedure: 'diagnosis' }],
    ['diagnosing', ran('diagnosis', 'pass'), { kind: 'case', at: 'cause' }],
    ['diagnosing', ran('inspection', 'pass'), { kind: 'case', at: 'cause' }],
    ['diagnosing', ran('diagnosis', 'fail'), { kind: 'case', at: 'cause' }],
    ['diagnosing', ran('diagnosis', 'timeout'), { kind: 'again' }],
    ['wiping', null, { kind: 'case', at: 'wipe', label: 'Wipe' }],
    ['wiping', ran('wipe', 'unverified'), { kind: 'case', at: 'data' }],
    ['wiping', ran('wipe', 'interrupted'), { kind: 'case', at: 'wipe', label: 'Take up the wipe' }],
    ['wiping', ran('wipe', 'fail'), { kind: 'case', at: 'wipe', label: 'Wipe again' }],
    ['final-check', ran('wipe', 'pass', BEFORE), { kind: 'run', procedure: 'diagnosis' }],
    ['final-check', ran('diagnosis', 'pass'), { kind: 'case', at: 'data' }],
    ['final-check', ran('diagnosis', 'fail'), { kind: 'case', label: 'Decide what is next' }],
    ['ready', null, { kind: 'move', to: 'shipped' }],
    ['shipped', null, { kind: 'case', at: 'cause' }],
  ] as const)('%s after %o', (status, lastRun, act) => {
    expect(caseStep(glance(status, lastRun)).act).toMatchObject(act);
  });

  it('takes no run from before for the final check', () => {
    const settled = { flags: [] };
    const old = glance('final-check', ran('diagnosis', 'pass', BEFORE), settled);
    expect(caseStep(old)).toMatchObject({
      say: 'To be checked once more.',
      act: { kind: 'run', procedure: 'diagnosis' },
    });
    const fresh = glance('final-check', ran('diagnosis', 'pass'), settled);
    expect(caseStep(fresh)).toMatchObject({ say: 'The final check passed.', act: { to: 'ready' } });
  });

  it('calls a unit wiped only when its data instruction is fulfilled', () => {
    const one = ran('wipe', 'pass');
    expect(caseStep(glance('wiping', one))).toMatchObject({
      say: 'One medium is wiped, but not all of them.',
      act: { kind: 'case', at: 'wipe' },
    });
    expect(caseStep(glance('wiping', one, { flags: [] }))).toMatchObject({
      say: 'Wiped and verified.',
      act: { kind: 'move', to: 'final-check' },
    });
  });

  it('goes to the case once the cause of a diagnosis stands', () => {
    for (const outcome of ['pass', 'fail'] as const) {
      const done = glance('diagnosing', ran('diagnosis', outcome), { causeClass: 'hardware' });
      expect(caseStep(done).act).toEqual({ kind: 'case', label: 'Decide what is next' });
    }
  });

  it('starts nothing while a run is under way, and never a wipe', () => {
    for (const status of STATUSES) {
      const running = glance(status, { ...ran('diagnosis', null), state: 'running' });
      expect(caseStep(running).act).toBeNull();
      for (const outcome of ['pass', 'fail', 'error', 'interrupted', 'unverified', 'aborted'] as const) {
        const { act, other } = caseStep(glance(status, ran('wipe', outcome)));
        if (status === 'wiping') for (const each of [act, other]) expect(each?.kind ?? 'case').toBe('case');
      }
    }
  });

  it('puts safety and identity before everything', () => {
    const flags = ['safety-stop', 'identity-conflict'] as const;
    expect(caseStep(glance('diagnosing', null, { flags: [...flags] })).act).toBeNull();
    expect(caseStep(glance('diagnosing', null, { flags: ['identity-conflict'] })).act).toMatchObject({
      at: 'identity',
    });
  });

  it('offers only moves that the state machine has', () => {
    const possible = (from: Status, to: Status) =>
      TRANSITIONS.some((move) => move.from === from && move.to === to);
    for (const status of STATUSES) {
      for (const dataInstruction of DATA_INSTRUCTIONS) {
        const to = usualMove({ status, dataInstruction });
        if (to !== null) expect(possible(status, to), `${status} → ${to}`).toBe(true);
      }
      for (const run of [null, ran('intake', 'pass'), ran('wipe', 'pass'), ran('diagnosis', 'pass')]) {
        for (const flags of [[], ['data-open' as const]]) {
          const { act } = caseStep(glance(status, run, { flags, causeClass: 'hardware' }));
          if (act?.kind === 'move') expect(possible(status, act.to), `${status} → ${act.to}`).toBe(true);
        }
      }
    }
  });

  it('says moves as what a person does', () => {
    expect(moveWord('received', 'diagnosing')).toBe('Start diagnosing');
    expect(moveWord('final-check', 'diagnosing')).toBe('Back to diagnosing');
    expect(moveWord('shipped', 'ready')).toBe('Back to ready to ship');
  });
});
