import { describe, expect, it } from 'vitest';
import type { CaseFields } from '../../../shared/model/cases.ts';
import { changedFields } from './changedFields.ts';

const before: CaseFields = {
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
      changedFields(before, { fault: 'Will not charge', customer: '', accessories: ['charger'] }),
    ).toEqual({});
  });
  it('sends only what changed, and empty text as nothing', () => {
    expect(
      changedFields(before, { fault: '  Smells burnt ', place: '', accessories: [], priority: 'P3' }),
    ).toEqual({
      fault: 'Smells burnt',
      place: null,
      accessories: [],
    });
  });
});
