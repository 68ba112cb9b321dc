import { describe, expect, it } from 'vitest';
import { placeScan } from './placeScan.ts';

describe('a scan into the label', () => {
  const empty = { imei1: '', imei2: '' };
  it('fills the slots in turn', () => {
    expect(placeScan('356938035643809', empty)?.field).toBe('imei1');
    expect(placeScan('490154203237518', { ...empty, imei1: '356938035643809' })?.field).toBe('imei2');
  });
  it('takes the same IMEI twice for one', () => {
    expect(placeScan('35-693803-564380-9', { ...empty, imei1: '356938035643809' })?.field).toBe('imei1');
  });
  it('knows captions and MEIDs', () => {
    expect(placeScan('IMEI: 356938035643809', empty)?.field).toBe('imei1');
    expect(placeScan('S/N: ABC123', empty)).toEqual({ field: 'serial', value: 'ABC123' });
    expect(placeScan('MEID: A10000009296F7', empty)?.field).toBe('meid');
  });
  it('takes the rest for a serial number and no case number at all', () => {
    expect(placeScan('R58T90KKL21', empty)).toEqual({ field: 'serial', value: 'R58T90KKL21' });
    expect(placeScan('B2-1040', empty)).toBeNull();
  });
});
