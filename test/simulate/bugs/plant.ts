import type { Rules } from '../../../shared/sync/arrival.ts';
import type { Bench, BenchKind } from '../bench/bench.ts';
import type { HubPlant } from '../hub/host.ts';
import type { Fault } from '../universe/plan.ts';

/** A bug that is built in on purpose, to see that it is found. */
export interface Plant {
  readonly name: string;
  readonly hub?: HubPlant;
  /** In the place of the lean bench. */
  readonly bench?: BenchKind;
  /** What a bench does wrong when an exchange failed. */
  onFailure?(bench: Bench): void;
  /** In every hub and every bench. */
  readonly rules?: (rules: Rules) => Rules;
  /** Without these it cannot show. */
  readonly needs?: readonly Fault[];
}

export const NO_PLANT: Plant = { name: 'none' };
