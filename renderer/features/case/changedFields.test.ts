import { describe, expect, it } from 'vitest';
import type { CaseFields } from '../../../shared/model/cases.ts';
import { changedFields, changedMeanwhile } from './changedFields.ts';

const opened: CaseFields = {
  fault: 'Will not charge',
  customer: null,
  contact: null,
  contract: null,
  priority: 'P3',
  tier: 'L1',
  promisedOn: null,
  purchasedOn: null,
  accessories: ['charger'],
  condition: null,
  assigneeId: null,
  custodian: null,
  place: 'Shelf 4',
  dataInstruction: 'wipe',
};

describe('changed fields', () => {
  it('sends nothing when nothing changed', () => {
    expect(
      changedFields(opened, { fault: 'Will not charge', customer: '', accessories: ['charger'] }),
    ).toEqual({});
  });
  it('sends only what changed, and empty text as nothing', () => {
    expect(
      changedFields(opened, { fault: '  Smells burnt ', place: '', accessories: [], priority: 'P3' }),
    ).toEqual({ fault: 'Smells burnt', place: null, accessories: [] });
  });
});

describe('what somebody else changed meanwhile', () => {
  const now: CaseFields = { ...opened, place: 'Shelf 9', priority: 'P1' };

  it('is not undone by a form that shows the old values', () => {
    const mine = changedFields(opened, { fault: 'Smells burnt', place: 'Shelf 4', priority: 'P3' });
    expect(mine).toEqual({ fault: 'Smells burnt' });
    expect(changedMeanwhile(opened, now, mine)).toEqual([
      { field: 'priority', now: 'P1', clash: false },
      { field: 'place', now: 'Shelf 9', clash: false },
    ]);
  });
  it('clashes where both changed the same field to something else', () => {
    const clashes = (mine: Partial<CaseFields>) =>
      changedMeanwhile(opened, now, mine).filter(({ clash }) => clash);
    expect(clashes({ place: 'Drawer' }).map(({ field }) => field)).toEqual(['place']);
    expect(clashes({ place: 'Shelf 9' })).toEqual([]);
  });
});
