import { describe, expect, it } from 'vitest';
import type { ChangeMade, ConflictPart } from '../../../shared/model/sync.ts';
import { settledWords, settleWords, sideWords, takenOf, valueWords } from './choices.ts';

const part = (key: string, more: Partial<ConflictPart> = {}): ConflictPart => ({
  key,
  title: key,
  stands: 'Shelf 1',
  wanted: 'Shelf 2',
  blocked: null,
  ...more,
});
const made: ChangeMade = { by: 'Ada', bench: 'Bench 1', at: '2031-05-20T09:00:00.000Z', text: 'Did it' };

describe('a choice between two changes', () => {
  const two = { needsChoice: true, parts: [part('place'), part('customer')] };

  it('is named by what the button does', () => {
    const words = (...keys: string[]) => settleWords(two, takenOf(two, new Set(keys)));
    expect(words()).toBe('Keep what stands');
    expect(words('customer', 'place')).toBe('Take over place and customer');
    expect(words('customer')).toBe('Take over customer, keep the rest');
    const move = { needsChoice: true, parts: [part('status', { wanted: 'final check' })] };
    expect(settleWords(move, move.parts)).toBe('Move it to final check');
  });

  it('takes over nothing that has become impossible, and nothing that is not part of it', () => {
    const blocked = { parts: [part('place', { blocked: 'The case is closed.' }), part('customer')] };
    expect(takenOf(blocked, new Set(['place', 'customer', 'fault'])).map(({ key }) => key)).toEqual([
      'customer',
    ]);
  });

  it('says afterwards what was done', () => {
    expect(settledWords(two, [])).toBe('Settled: what stands was kept.');
    expect(settledWords(two, two.parts)).toBe('Settled: place and customer taken over.');
  });
});

describe('something to look at', () => {
  const look = { needsChoice: false, parts: [] };

  it('offers no choice', () => {
    expect(settleWords(look, [])).toBe('I have looked at it');
    expect(settledWords(look, [])).toBe('Looked at.');
  });

  it('says which side knew of which', () => {
    const words = (needsChoice: boolean, before: ChangeMade[], number?: string) =>
      Object.values(
        sideWords({ needsChoice, before, other: number === undefined ? null : { id: 'x', number } }),
      );
    expect(words(true, [made])).toEqual(['Came first and stands', 'Came later and did not hold']);
    expect(words(false, [made])).toEqual(['Came first', 'Was done without knowing of it']);
    expect(words(false, [made], 'B7-4')).toEqual(['Came first, on case B7-4', 'Came later, on this case']);
    expect(words(false, [])[1]).toBe('Had no effect');
  });
});

describe('a value', () => {
  it('is written as everywhere else', () => {
    expect(valueWords({ key: 'status' }, 'final check')).toBe('Final check');
    expect(valueWords({ key: 'dataInstruction' }, 'media returned')).toBe('Return the medium');
    expect(valueWords({ key: 'customer' }, 'keep')).toBe('keep');
  });

  it('is a day where the field is one', () => {
    expect(valueWords({ key: 'promisedOn' }, '2031-05-20')).toBe('20 May 2031');
    expect(valueWords({ key: 'promisedOn' }, 'none')).toBe('none');
    expect(valueWords({ key: 'place' }, '2031-05-20')).toBe('2031-05-20');
  });
});
