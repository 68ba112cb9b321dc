import { describe, expect, it } from 'vitest';
import { emptyIdentity } from '../../../shared/model/units.ts';
import { checkImei, checkSerial } from './identifierChecks.ts';

const unit = {
  ...emptyIdentity(),
  serial: 'R58T90KKL21',
  imei1: '356938035643809',
  imei2: '490154203237518',
};

describe('live checks of identifiers', () => {
  it('says nothing about an empty field', () => {
    expect(checkImei(' ', unit)).toBeNull();
    expect(checkSerial('', unit)).toBeNull();
  });
  it('finds a mistyped digit', () => {
    expect(checkImei('356938035643808', null)).toMatchObject({ ok: false });
    expect(checkImei('35693803564380', null)?.text).toContain('15 digits; these are 14');
  });
  it('compares with either SIM slot of the unit', () => {
    expect(checkImei('35-693803-564380-9', unit)).toMatchObject({ ok: true });
    expect(checkImei('490154203237518', unit)).toMatchObject({ ok: true });
    expect(checkImei('352099001761481', unit)).toMatchObject({ ok: false });
  });
  it('compares serial numbers without regard to case', () => {
    expect(checkSerial('r58t90kkl21', unit)).toMatchObject({ ok: true });
    expect(checkSerial('R58T90KKL22', unit)).toMatchObject({ ok: false });
    expect(checkSerial('R58T90KKL22', null)).toBeNull();
  });
  it('sends an IMEI to its own field', () => {
    expect(checkSerial('356938035643809', null)).toMatchObject({ ok: false });
  });
});
