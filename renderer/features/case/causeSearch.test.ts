import { describe, expect, it } from 'vitest';
import type { CauseCode } from '../../../shared/model/cases.ts';
import { causePath, searchCauses } from './causeSearch.ts';

const code = (
  name: string,
  of: CauseCode['class'],
  component: string,
  mode: string,
  keywords: string[] = [],
): CauseCode => ({
  code: name,
  class: of,
  component,
  mode,
  keywords,
});
const codes = [
  code('HW-BAT-CAP', 'hardware', 'battery', 'capacity-loss', ['akku', 'drains fast']),
  code('HW-BAT-SWE', 'hardware', 'battery', 'swollen', ['bulge']),
  code('UD-PORT', 'user-damage', 'charging-port', 'bent pins', ['usb']),
  code('SW-BOOT', 'software', 'bootloader', 'boot loop', ['restart', 'battery of restarts']),
];

describe('cause search', () => {
  it('wants every word, in any order', () => {
    expect(searchCauses(codes, 'swollen batt', 5).map((found) => found.code)).toEqual(['HW-BAT-SWE']);
    expect(searchCauses(codes, 'battery usb', 5)).toEqual([]);
  });
  it('puts component and mode before keywords', () => {
    expect(searchCauses(codes, 'battery', 5).map((found) => found.code)).toEqual([
      'HW-BAT-CAP',
      'HW-BAT-SWE',
      'SW-BOOT',
    ]);
  });
  it('finds other words for the same thing, and the code itself', () => {
    expect(searchCauses(codes, 'akku', 5)[0]?.code).toBe('HW-BAT-CAP');
    expect(searchCauses(codes, 'ud-port', 5)[0]?.code).toBe('UD-PORT');
  });
  it('shows everything when nothing is typed, up to the limit', () => {
    expect(searchCauses(codes, '', 3)).toHaveLength(3);
  });
  it('reads as a path', () => {
    expect(causePath(codes[2] as CauseCode)).toBe('User damage › Charging port › Bent pins');
  });
});
