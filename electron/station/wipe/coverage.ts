import type { WipeTarget } from '../../../shared/contract/work.ts';
import type { Medium, WipeListing } from '../../../shared/rma/index.ts';
import type { SafetyCheck } from '../procedures/types.ts';
import { readNotes } from './safety-notes.ts';
import { isEmmcService } from './targets.ts';

const MIB = 1024 * 1024;

/** `BJTD4R, 24 MiB`: what people call a medium; `phone` and the like where it says nothing of itself. */
function labelOf({ kind, model, bytes }: WipeTarget): string {
  const name = model ?? (kind === 'phone' ? 'the phone itself' : 'no model told');
  return bytes === null ? name : `${name}, ${Math.round(bytes / MIB)} MiB`;
}

/** The name of a device by its path. */
const nameOf = (path: string): string => path.replace(/^\/dev\//, '');

/**
 * The media among a unit's targets: what holds data and is wiped, or not, by itself. A partition is a part of
 * one; a slot without a card holds none; the service areas of an eMMC hold the boot loader and keys.
 */
export const mediaOf = (targets: readonly WipeTarget[]): Medium[] =>
  targets
    .filter(({ id, kind, bytes }) => kind !== 'partition' && bytes !== 0 && !isEmmcService(nameOf(id)))
    .map((target) => ({
      path: target.id,
      label: labelOf(target),
      model: target.model,
      serial: target.serial,
      bytes: target.bytes,
    }));

/** Service areas of the eMMC that a target is, which overwriting it does not reach. */
export const notReached = (target: WipeTarget | null, targets: readonly WipeTarget[]): string[] =>
  target === null
    ? []
    : targets
        .map(({ id }) => id)
        .filter((id) => isEmmcService(nameOf(id)) && id.replace(/(boot\d+|rpmb)$/, '') === target.id);

/**
 * What each wipe found and proved, out of the safety checks of runs and the runs whose record is `verified`.
 * What they come to for a unit is decided in `shared/rma/media.ts`.
 */
export function wipesOf(
  checks: readonly SafetyCheck[],
  verifiedRuns: Pick<ReadonlySet<string>, 'has'>,
): (WipeListing & Pick<SafetyCheck, 'runId' | 'caseId' | 'unitId'>)[] {
  return checks.map(({ runId, caseId, unitId, at, values }) => {
    const { media } = readNotes(values);
    const wiped = verifiedRuns.has(runId) && typeof values.target === 'string' ? values.target : null;
    return { runId, caseId, unitId, at, media, wiped };
  });
}
