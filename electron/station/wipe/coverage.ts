import type { WipeTarget } from '../../../shared/contract/work.ts';
import type { RunView } from '../../../shared/model/runs.ts';

/** One medium of a unit, verified to be wiped, and all media that the unit listed right before. */
export interface WipedMedium {
  readonly unitId: string | null;
  readonly at: string;
  readonly target: string;
  readonly media: readonly string[];
}

/** Whole media; a partition is a part of one of them. */
export const mediaOf = (targets: readonly Pick<WipeTarget, 'id' | 'kind'>[]): string[] =>
  targets.filter(({ kind }) => kind !== 'partition').map(({ id }) => id);

/** What a verified run wiped, out of its own safety check. */
export function wipedMedium(run: Pick<RunView, 'unitId' | 'phases'>, at: string): WipedMedium {
  const values = run.phases.find(({ id }) => id === 'wipe-safety')?.values ?? {};
  const said = (name: string) => (typeof values[name] === 'string' ? (values[name] as string) : '');
  return {
    unitId: run.unitId,
    at,
    target: said('target'),
    media: said('media').split(' ').filter(Boolean),
  };
}

/**
 * The wipes after which nothing was left on the unit: every medium it then listed had been wiped and verified,
 * the last one included. A wiped memory card says nothing about the storage beside it (NIST SP 800-88 wants
 * a decision for each medium).
 */
export function wholeUnitWipes(wipes: readonly WipedMedium[]): WipedMedium[] {
  const done = new Map<string | null, Set<string>>();
  return [...wipes]
    .sort((a, b) => a.at.localeCompare(b.at))
    .filter(({ unitId, target, media }) => {
      const wiped = done.get(unitId) ?? new Set();
      done.set(unitId, wiped.add(target));
      return media.length > 0 && media.every((medium) => wiped.has(medium));
    });
}
