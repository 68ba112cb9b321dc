import { describe, expect, it } from 'vitest';
import type { CaseFields, Status } from '../model/cases.ts';
import { editBlocker } from './edits.ts';

const FIELDS: CaseFields = {
  ...{ fault: 'dead', customer: 'Acme', contact: null, contract: null, priority: 'P2', tier: 'L2' },
  ...{ promisedOn: null, purchasedOn: null, accessories: [], condition: null, assigneeId: 'ana' },
  ...{ custodian: null, place: 'Shelf 1', dataInstruction: 'wipe' },
};
const blocker = (status: Status, wanted: Partial<CaseFields>) =>
  editBlocker({ number: 'B1-1', status, fields: FIELDS }, wanted, (id) => id === 'ben')?.code ?? null;

describe('a change of the facts of a case', () => {
  it('is blocked by nothing while the case is open', () => {
    expect(blocker('received', { place: 'Shelf 2', tier: 'L1', assigneeId: 'ben' })).toBeNull();
    expect(blocker('shipped', { place: 'Shelf 2' })).toBeNull();
    expect(blocker('received', { assigneeId: null })).toBeNull();
  });

  it('is blocked when the case is closed, whatever it is', () => {
    expect(blocker('closed', { place: 'Shelf 2' })).toBe('case.closed');
  });

  it('is blocked where another way leads there, or none', () => {
    expect(blocker('shipped', { dataInstruction: 'keep' })).toBe('case.unit-left');
    expect(blocker('received', { tier: 'L3' })).toBe('case.tier-escalates');
    expect(blocker('received', { assigneeId: 'nobody' })).toBe('input.not-found');
  });

  it('is not blocked for what stays as it is', () => {
    const { dataInstruction, tier, assigneeId } = FIELDS;
    expect(blocker('shipped', { dataInstruction, tier, assigneeId })).toBeNull();
  });
});
