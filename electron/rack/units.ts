import type { Family } from '../../shared/model/units.ts';
import { AtPhone } from './at/phone.ts';
import { createConsoleUnit } from './console/index.ts';
import type { UnitCore } from './unit.ts';

/** Makes the rack's unit of a family; the same number is the same unit each time. */
export const UNITS: Readonly<Record<Family, (number: number) => UnitCore>> = {
  at: (number) => new AtPhone({ number, chatterEveryMs: 4000 }),
  console: (number) => createConsoleUnit({ number }),
};
