import { describe, expect, it } from 'vitest';
import type { CaseView, MoveOption, Status } from '../../../shared/model/cases.ts';
import type { RunSummary } from '../../../shared/model/runs.ts';
import { leadOf } from './lead.ts';

const move = (to: Status, allowed = true): MoveOption => ({ to, allowed, reasons: [] });
const run = (kind: RunSummary['kind'], startedAt: string): RunSummary =>
  ({ kind, outcome: 'pass', state: 'ended', startedAt, message: null }) as RunSummary;
const view = (status: Status, rest: Partial<CaseView> = {}) =>
  ({
    status,
    statusSince: '2026-01-02T10:00:00.000Z',
    flags: ['data-open'],
    causeClass: null,
    runs: [],
    moves: [],
    dataInstruction: 'wipe',
    ...rest,
  }) as unknown as CaseView;

describe('what leads a case', () => {
  it('is what the bench says', () => {
    expect(leadOf(view('received')).act).toMatchObject({ kind: 'run', procedure: 'intake' });
    const intake = { runs: [run('intake', '2026-01-02T10:30:00.000Z')] };
    expect(leadOf(view('received', { ...intake, moves: [move('diagnosing')] })).act).toEqual({
      kind: 'move',
      label: 'Start diagnosing',
      to: 'diagnosing',
    });
  });
  it('is no move that would be refused', () => {
    const intake = { runs: [run('intake', '2026-01-02T10:30:00.000Z')] };
    const blocked = leadOf(view('received', { ...intake, moves: [move('diagnosing', false)] }));
    expect(blocked).toMatchObject({ act: null, usual: 'diagnosing' });
  });
  it('waits for the approval, then goes on', () => {
    const waiting = view('awaiting-approval', { moves: [move('repairing', false)] });
    expect(leadOf(waiting).act).toMatchObject({ label: 'Record the approval', at: 'data' });
    const approved = view('awaiting-approval', { moves: [move('repairing')] });
    expect(leadOf(approved).act).toMatchObject({ kind: 'move', to: 'repairing' });
  });
  it('leaves a choice to the person', () => {
    const diagnosed = view('diagnosing', {
      causeClass: 'hardware',
      runs: [run('diagnosis', '2026-01-02T10:30:00.000Z')],
      moves: [move('repairing'), move('final-check')],
    });
    expect(leadOf(diagnosed).act).toBeNull();
  });
  it('does not lead past a wipe that nothing proves', () => {
    const unverified = { ...run('wipe', '2026-01-02T10:30:00.000Z'), outcome: 'unverified' as const };
    const stuck = view('wiping', { runs: [unverified], moves: [move('final-check')] });
    expect(leadOf(stuck).act).toMatchObject({ kind: 'case', at: 'data' });
  });
});
