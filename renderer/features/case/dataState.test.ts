import { describe, expect, it } from 'vitest';
import type { CaseView } from '../../../shared/model/cases.ts';
import { dataState } from './dataState.ts';

const view = (rest: Partial<CaseView>) =>
  ({
    dataInstruction: 'wipe',
    dataState: { settled: false, media: [] },
    records: [],
    consent: null,
    ...rest,
  }) as unknown as CaseView;
const AT = '2025-01-01T00:00:00.000Z';
const record = (verdict: 'verified' | 'unverified', at = AT) =>
  ({ verdict, at }) as CaseView['records'][number];
const media = (...wiped: boolean[]) =>
  wiped.map((done, index) => ({ path: `/dev/d${index}`, label: `Disk ${index}`, wiped: done }));

describe('how far the data is dealt with', () => {
  it('counts a unit as wiped only when the station does: each of its media', () => {
    const one = { records: [record('verified')], dataState: { settled: false, media: media(true, false) } };
    expect(dataState(view(one))).toEqual({ tone: 'needs', word: '1 of 2 media wiped' });
    const all = { ...one, dataState: { settled: true, media: media(true, true) } };
    expect(dataState(view(all))).toEqual({ tone: 'passed', word: 'Wiped, verified' });
  });
  it('does not count a record of another unit, or of the board before a swap', () => {
    expect(dataState(view({ records: [record('verified')] }))?.word).toBe('No consent yet');
  });
  it('says what a wipe came to that nothing proves', () => {
    expect(dataState(view({ records: [record('unverified')] }))).toEqual({
      tone: 'needs',
      word: 'Wipe unverified',
    });
  });
  it('says that a paper is signed, also where a wipe was begun', () => {
    const settled = true;
    expect(dataState(view({ dataState: { settled, media: media(true, false) } }))?.word).toBe(
      'Exception signed',
    );
    expect(dataState(view({ dataInstruction: 'keep', dataState: { settled, media: [] } }))?.word).toBe(
      'Waiver signed',
    );
    expect(dataState(view({ dataInstruction: 'keep' }))).toEqual({ tone: 'needs', word: 'Waiver missing' });
  });
  it('asks for consent before a wipe', () => {
    expect(dataState(view({}))?.tone).toBe('needs');
    expect(dataState(view({ consent: { by: 'J', ref: '1', at: AT, recordedBy: 'Ada' } }))?.tone).toBe(
      'passed',
    );
  });
  it('says nothing where no unit comes', () => {
    expect(dataState(view({ withoutUnit: true }))).toBeNull();
  });
});
