import { serialKey } from '../identity/index.ts';

/** A medium as a unit listed it. */
export interface Medium {
  /** `/dev/mmcblk0`, or `phone`; the disk behind a path may be another after a restart. */
  readonly path: string;
  /** What people call it: model and size. */
  readonly label: string;
  readonly model: string | null;
  readonly serial: string | null;
  readonly bytes: number | null;
}

/** What one wipe found right before it destroyed data, and what of it is proven to be wiped since. */
export interface WipeListing {
  /** When the unit listed its media. */
  readonly at: string;
  readonly media: readonly Medium[];
  /** The path that a record signed as `verified` speaks of; null: this run proves nothing. */
  readonly wiped: string | null;
}

export interface MediumState {
  readonly path: string;
  readonly label: string;
  readonly wiped: boolean;
}

/**
 * What a medium is known by whatever its path: serial number, model and size. Null when it has no serial number
 * that tells it from others, or when another one in the same list says the same.
 */
function keyOf(medium: Medium, listed: readonly Medium[]): string | null {
  const key = bareKey(medium);
  return key !== null && listed.filter((other) => bareKey(other) === key).length === 1 ? key : null;
}

function bareKey({ serial, model, bytes }: Medium): string | null {
  const own = serialKey(serial?.replace(/^0x/i, '') ?? null);
  return own && JSON.stringify([own, model, bytes]);
}

/**
 * The media that the unit listed last, and which of them are wiped (NIST SP 800-88 wants a decision for each). A
 * medium that can be told apart keeps what an earlier wipe proved; one that cannot is wiped only by the newest
 * run itself, because in between it may have been exchanged, or its path may lead to another. Empty when no run
 * listed anything.
 * @param wipes of one unit, as it is now, in any order
 */
export function mediaOfUnit(wipes: readonly WipeListing[]): MediumState[] {
  const listings = wipes.filter(({ media }) => media.length > 0).sort((a, b) => a.at.localeCompare(b.at));
  const newest = listings.at(-1);
  if (!newest) return [];
  const proven = new Set(
    listings.flatMap(({ media, wiped }) => {
      const medium = media.find(({ path }) => path === wiped);
      return (medium && keyOf(medium, media)) ?? [];
    }),
  );
  return newest.media.map((medium) => {
    const key = keyOf(medium, newest.media);
    const { path, label } = medium;
    return { path, label, wiped: path === newest.wiped || (key !== null && proven.has(key)) };
  });
}

/** A unit is wiped when each of its media is; one whose media nobody listed is not. */
export const isWholeUnitWiped = (media: readonly MediumState[]): boolean =>
  media.length > 0 && media.every(({ wiped }) => wiped);
