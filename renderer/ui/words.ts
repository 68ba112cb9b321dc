import type { CauseClass, DataInstruction } from '../../shared/model/cases.ts';
import type { ArtifactKind } from '../../shared/model/evidence.ts';
import type { Identity } from '../../shared/model/units.ts';

/* Names people read, for the words of the contract. */
export { ROLE_WORDS } from '../../shared/model/people.ts';

export const DATA_WORDS: Readonly<Record<DataInstruction, { short: string; long: string }>> = {
  wipe: { short: 'Wipe', long: 'Wipe it before the unit leaves' },
  keep: { short: 'Keep', long: 'Keep it (signed waiver)' },
  destroy: { short: 'Destroy', long: 'Destroy the medium' },
  'media-returned': { short: 'Return media', long: 'Return the medium' },
};

export const CLASS_WORDS: Readonly<Record<CauseClass, string>> = {
  hardware: 'Hardware',
  'user-damage': 'User damage',
  software: 'Software',
  environmental: 'Environmental',
  'no-fault-found': 'No fault found',
  'technician-caused': 'Technician caused',
};

export const ARTIFACT_WORDS: Readonly<Record<ArtifactKind, string>> = {
  log: 'Log',
  photo: 'Photo',
  report: 'Report',
  record: 'Record',
  other: 'File',
};

export const FAMILY_WORDS = { at: 'AT phone or modem', console: 'Linux console' } as const;

/** What a person calls the unit: its model, else its maker, else nothing known. */
export function unitName(identity: Pick<Identity, 'maker' | 'model'> | null): string | null {
  return identity?.model ?? identity?.maker ?? null;
}

/** Codes like `battery-cell` or `charging_port` as words: `Battery cell`. */
export function sentence(code: string): string {
  const words = code.replace(/[-_]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
