import type { Random } from '../world/random.ts';

/** What can go wrong in a universe; each has some of it. */
export const FAULTS = [
  'messages-lost',
  'messages-doubled',
  'messages-late',
  'hub-crashes',
  'hub-slow',
  'transactions-repeated',
  'two-hub-processes',
  'bench-crashes',
  'benches-offline',
  'clocks-wrong',
  'bench-restored',
  'bench-cloned',
  'bench-revoked',
  'hub-restored',
  'hub-rolled-back',
  'versions-mixed',
  'impostor',
] as const;
export type Fault = (typeof FAULTS)[number];

export interface UniverseOptions {
  readonly seed: string;
  /** Operations that people commit. */
  readonly ops: number;
  readonly benches: number;
  /** Benches of the station's own storage among them. */
  readonly real: number;
  /** Left out of what the seed has chosen. */
  readonly without?: readonly Fault[];
  /** Added to what the seed has chosen. */
  readonly withFaults?: readonly Fault[];
}

/** The faults that a seed chooses: sometimes few, sometimes many. */
export function chosenFaults(
  { without = [], withFaults = [] }: UniverseOptions,
  random: Random,
): ReadonlySet<Fault> {
  const share = random.pick([0.1, 0.3, 0.5, 0.8]);
  // Drawn for all of them, so that leaving one out changes nothing of the others.
  const drawn = FAULTS.map((fault) => ({ fault, isChosen: random.happens(share) }));
  const chosen = drawn.filter(({ isChosen }) => isChosen).map(({ fault }) => fault);
  return new Set([...chosen, ...withFaults].filter((fault) => !without.includes(fault)));
}
