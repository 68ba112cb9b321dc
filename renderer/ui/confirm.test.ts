import { describe, expect, it } from 'vitest';
import { confirmationOf } from './confirm.ts';

const unit = { serial: 'R58T90KKL21', imei1: '356938035643809', imei2: null };

describe('confirmation of a destructive step', () => {
  it('takes the last four as typed', () => {
    expect(confirmationOf('3809', unit)).toBe('3809');
    expect(confirmationOf('35-693803-564380-9', null)).toBe('3809');
  });
  it('takes any label of this very unit for the digits that are asked for', () => {
    expect(confirmationOf('R58T90KKL21', unit)).toBe('3809');
    expect(confirmationOf('r58t90kkl21', { ...unit, imei1: null })).toBe('KL21');
  });
  it('never turns another unit’s label into this unit’s digits', () => {
    expect(confirmationOf('R58T90KKL22', unit)).toBe('KL22');
  });
  it('waits for four characters', () => {
    expect(confirmationOf('38', unit)).toBeNull();
    expect(confirmationOf('- - - -', unit)).toBeNull();
  });
});
