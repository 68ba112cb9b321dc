import { describe, expect, it } from 'vitest';
import { STATUSES, type Status } from '../../../shared/model/cases.ts';
import { type StripStep, stripSteps } from './strip.ts';

const words = (visited: Status[], state: StripStep['state']): string[] =>
  stripSteps({ status: visited.at(-1) as Status, visited })
    .filter((step) => step.state === state)
    .map(({ word }) => word);

describe('status strip', () => {
  it('shows exactly one current step for every status', () => {
    for (const status of STATUSES) {
      const current = stripSteps({ status, visited: ['received', status] }).filter(
        ({ state }) => state === 'current',
      );
      expect(current.map((step) => step.status)).toEqual([status]);
    }
  });
  it('tells what the case went through from what it left out', () => {
    const visited: Status[] = [
      'received',
      'diagnosing',
      'awaiting-parts',
      'repairing',
      'final-check',
      'ready',
    ];
    expect(words(visited, 'done')).toEqual(['Received', 'Diagnosing', 'Parts', 'Repair', 'Final check']);
    expect(words(visited, 'skipped')).toEqual(['Approval', 'Wipe']);
    expect(words(visited, 'ahead')).toEqual(['Shipped', 'Closed']);
  });
  it('counts what lies behind a step back as still to come', () => {
    const back = stripSteps({ status: 'diagnosing', visited: ['received', 'final-check', 'diagnosing'] });
    expect(back.find(({ status }) => status === 'final-check')?.state).toBe('ahead');
  });
  it('puts an early ending in the place of the rest, closed or not', () => {
    const visited: Status[] = ['announced', 'received', 'diagnosing', 'scrapped'];
    expect(words(visited, 'done')).toEqual(['Announced', 'Received', 'Diagnosing']);
    expect(words(visited, 'current')).toEqual(['Scrapped']);
    expect(words([...visited, 'closed'], 'done')).toEqual([
      'Announced',
      'Received',
      'Diagnosing',
      'Scrapped',
    ]);
  });
});
