import { describe, expect, it } from 'vitest';
import type { CaseView } from '../../../shared/model/cases.ts';
import { dataState } from './dataState.ts';

const view = (rest: Partial<CaseView>) =>
  ({ dataInstruction: 'wipe', dataException: null, records: [], consent: null, ...rest }) as CaseView;
const paper = { reason: 'r', ref: 'W-1', at: '2025-01-01T00:00:00.000Z', by: 'Ada' };
const record = (verdict: 'verified' | 'unverified') => [{ verdict }] as CaseView['records'];

describe('how far the data is dealt with', () => {
  it('counts only a verified wipe as one', () => {
    expect(dataState(view({ records: record('verified') }))?.word).toBe('Wiped, verified');
    expect(dataState(view({ records: record('unverified') }))?.word).toBe('No consent yet');
  });
  it('counts a paper only for the instruction it was signed under', () => {
    expect(dataState(view({ dataException: { ...paper, instruction: 'wipe' } }))?.word).toBe(
      'Exception signed',
    );
    expect(dataState(view({ dataException: { ...paper, instruction: 'keep' } }))?.tone).toBe('needs');
    expect(dataState(view({ dataInstruction: 'keep' }))).toEqual({ tone: 'needs', word: 'Waiver missing' });
  });
  it('asks for consent before a wipe', () => {
    expect(dataState(view({}))?.tone).toBe('needs');
    expect(dataState(view({ consent: { by: 'J', ref: '1', at: paper.at, recordedBy: 'Ada' } }))?.tone).toBe(
      'passed',
    );
  });
  it('says nothing where no unit comes', () => {
    expect(dataState(view({ withoutUnit: true }))).toBeNull();
  });
});
