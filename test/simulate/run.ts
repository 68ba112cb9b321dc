import { NO_PLANT, type Plant } from './bugs/plant.ts';
import { check } from './check/check.ts';
import { Violation } from './check/violations.ts';
import type { Fault, UniverseOptions } from './universe/plan.ts';
import { settle } from './universe/settle.ts';
import { Universe } from './universe/universe.ts';
import type { Happening, World } from './world/world.ts';

/** What became of a universe. */
export interface UniverseResult {
  readonly options: UniverseOptions;
  /** Operations that people committed. */
  readonly ops: number;
  readonly faults: readonly Fault[];
  readonly violation: { readonly invariant: string; readonly detail: string } | null;
  readonly told: readonly Happening[];
  readonly counts: Readonly<Record<string, number>>;
}

/** Lets a universe live, settle, and be looked at. The same options give the same, always. */
export async function runUniverse(
  options: UniverseOptions,
  plant: Plant = NO_PLANT,
  isTold = false,
): Promise<UniverseResult> {
  const universe = new Universe(options, plant, isTold);
  const putBack = keepTime(universe.world);
  try {
    await universe.live();
    if (!universe.isOver) await settle(universe);
    if (!universe.isOver) check(universe);
    countAll(universe);
  } catch (error) {
    if (error instanceof Violation) universe.violate(error.invariant, error.detail);
    else universe.violate('the simulation itself does not fail', String((error as Error)?.stack ?? error));
  } finally {
    putBack();
  }
  const { violation, work, faults, world, counts } = universe;
  return {
    options,
    ops: work,
    faults: [...faults],
    violation: violation && { invariant: violation.invariant, detail: violation.detail },
    told: world.told,
    counts: Object.fromEntries(counts),
  };
}

/** How much of what there was: a run in which something never happens proves nothing of it. */
function countAll(universe: Universe): void {
  const { hub, network } = universe;
  universe.count('messages', network.sent);
  universe.count('messages lost', network.lost);
  universe.count('hub processes crashed', hub.crashes);
  universe.count('operations in feeds', hub.disk.site.n);
  for (const { place } of hub.disk.feed) if (place) universe.count(`outcome ${place.outcome.is}`);
  universe.count('operations to look at', hub.disk.reviews.size);
}

/** Whatever asks the machine for the time is told the universe's. */
function keepTime(world: World): () => void {
  const real = globalThis.Date;
  class VirtualDate extends real {
    constructor(...given: unknown[]) {
      super(...((given.length === 0 ? [world.now] : given) as [number]));
    }
    static override now(): number {
      return world.now;
    }
  }
  globalThis.Date = VirtualDate as DateConstructor;
  return () => {
    globalThis.Date = real;
  };
}
