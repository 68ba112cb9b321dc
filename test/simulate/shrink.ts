import type { Plant } from './bugs/plant.ts';
import { runUniverse, type UniverseResult } from './run.ts';
import { FAULTS, type UniverseOptions } from './universe/plan.ts';

/**
 * A smaller universe in which the same invariant does not hold: with fewer operations, fewer benches and less that goes
 * wrong. What is left out changes nothing of the rest, so that little is tried in vain.
 */
export async function shrink(found: UniverseResult, plant: Plant): Promise<UniverseOptions> {
  const invariant = found.violation?.invariant;
  let best = found.options;
  const isStill = async (options: UniverseOptions): Promise<boolean> => {
    const { violation } = await runUniverse(options, plant);
    if (violation?.invariant !== invariant) return false;
    best = options;
    return true;
  };
  while (best.ops > 20 && (await isStill({ ...best, ops: Math.ceil(best.ops / 2) })));
  for (const fault of FAULTS.filter((each) => found.faults.includes(each))) {
    await isStill({ ...best, without: [...(best.without ?? []), fault] });
  }
  while (best.benches > 2 && (await isStill({ ...best, benches: best.benches - 1 })));
  while (best.ops > 20 && (await isStill({ ...best, ops: Math.ceil(best.ops * 0.7) })));
  return best;
}
