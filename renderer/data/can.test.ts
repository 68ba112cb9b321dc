import { describe, expect, it } from 'vitest';
import { contract } from '../../shared/contract/index.ts';
import { can } from './can.ts';

describe('what a role may do', () => {
  it('follows the contract', () => {
    expect(can('auditor', contract.cases.list)).toBe(true);
    expect(can('auditor', contract.cases.edit)).toBe(false);
    expect(can('technician', contract.cases.addCause)).toBe(true);
    expect(can('technician', contract.cases.confirmCause)).toBe(false);
    expect(can('qa', contract.cases.confirmCause)).toBe(true);
    expect(can('qa', contract.cases.safetyRelease)).toBe(false);
    expect(can('manager', contract.cases.safetyRelease)).toBe(true);
    expect(can('manager', contract.people.add)).toBe(false);
    expect(can('administrator', contract.people.add)).toBe(true);
  });
});
