import { describe, expect, it } from 'vitest';
import { STATUSES } from '../../../shared/model/cases.ts';
import { TRANSITIONS } from '../../../shared/rma/index.ts';
import { stripSteps, usualMove } from './strip.ts';

describe('status strip', () => {
  it('shows exactly one current step for every status', () => {
    for (const status of STATUSES) {
      const current = stripSteps(status).filter(({ state }) => state === 'current');
      expect(current.map((step) => step.status)).toEqual([status]);
    }
  });
  it('claims only what every case goes through as done', () => {
    expect(
      stripSteps('ready')
        .filter(({ state }) => state === 'done')
        .map(({ word }) => word),
    ).toEqual(['Received', 'Diagnosing', 'Final check']);
  });
});

describe('usual move', () => {
  it('is a move that the state machine has', () => {
    for (const status of STATUSES) {
      for (const dataInstruction of ['wipe', 'keep'] as const) {
        const to = usualMove({ status, dataInstruction, causes: [] });
        if (to === null) continue;
        expect(TRANSITIONS.some((move) => move.from === status && move.to === to)).toBe(true);
      }
    }
  });
});
