import { describe, expect, it } from 'vitest';
import type { CaseView } from '../../../shared/model/cases.ts';
import { clocksOf, countdown } from './clocks.ts';

const now = Date.parse('2025-11-21T10:00:00.000Z');
const view = (rest: Partial<CaseView>) => ({ status: 'diagnosing', promisedOn: null, ...rest }) as CaseView;
const safety = (reportedAt: string | null) => ({
  reason: 'Heat',
  since: '2025-11-21T09:30:00.000Z',
  by: 'Ada',
  reportDueAt: '2025-11-21T10:30:00.000Z',
  reportedAt,
});

describe('clocks', () => {
  it('counts down and then says how late it is', () => {
    expect(countdown('2025-11-21T10:30:00.000Z', now)).toEqual({ text: 'in 30 min', past: false });
    expect(countdown('2025-11-21T09:00:00.000Z', now)).toEqual({ text: '1 h late', past: true });
  });
  it('puts the safety hour first, until product safety was told', () => {
    const clocks = clocksOf(view({ safety: safety(null), promisedOn: '2025-11-25' }), now, 'UTC');
    expect(clocks.map(({ id }) => id)).toEqual(['safety', 'promise']);
    expect(clocksOf(view({ safety: safety('2025-11-21T09:40:00.000Z') }), now, 'UTC')).toEqual([]);
  });
  it('presses when the promise is near, warns when it is broken', () => {
    const tone = (promisedOn: string) => clocksOf(view({ promisedOn }), now, 'UTC')[0]?.tone;
    expect([tone('2025-11-30'), tone('2025-11-21'), tone('2025-11-01')]).toEqual([
      'ready',
      'needs',
      'failed',
    ]);
  });
  it('stops when the case has ended', () => {
    expect(clocksOf(view({ status: 'closed', promisedOn: '2025-11-01' }), now, 'UTC')).toEqual([]);
  });
});
