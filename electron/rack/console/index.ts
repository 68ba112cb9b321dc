export { MEDIA } from './describe.ts';
export { ConsoleUnit, type ConsoleUnitOptions, RACK_PASSWORD } from './unit.ts';

import type { UnitCore } from '../unit.ts';
import { ConsoleUnit, type ConsoleUnitOptions } from './unit.ts';

/** Makes a virtual console. Throws an error that says what is missing where this machine cannot run one. */
export const createConsoleUnit = (options: ConsoleUnitOptions = {}): UnitCore => new ConsoleUnit(options);
