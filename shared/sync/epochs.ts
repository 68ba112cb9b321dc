import type { Epoch } from './protocol.ts';

/*
 * A hub that was restored from a backup numbers what follows anew: a new epoch of its history begins. The hub's epochs,
 * oldest first, are the path its history took; the hub signs each with the one before it, when an administrator
 * restores it. A bench goes back along such a path and along nothing else.
 */

/** The text a hub signs for an epoch of a site, with the id of the one before it. */
export const epochForm = (
  siteId: string,
  previous: string | null,
  { id, n, hash }: Omit<Epoch, 'signature'>,
): string => JSON.stringify(['repairbench epoch v1', siteId, previous, id, n, hash]);

/** What each epoch's signature stands for, in their order. */
export const epochForms = (
  siteId: string,
  epochs: readonly Epoch[],
): { readonly text: string; readonly signature: string }[] =>
  epochs.map((epoch, index) => ({
    text: epochForm(siteId, epochs[index - 1]?.id ?? null, epoch),
    signature: epoch.signature,
  }));

/** The epochs that had begun when the operation with the number `n` got it. */
const before = (epochs: readonly Epoch[], n: number) => epochs.filter((epoch) => epoch.n < n);

/**
 * How far the author of an operation had read the history in which it has the number `n`. Beyond the place where an
 * epoch parts from it, a number means another operation; of an epoch that is not on this path, nothing counts as read,
 * so that at worst a person looks at something twice.
 */
export function baseOnPath(
  op: { readonly n: number; readonly base: number | null; readonly epoch?: string | null | undefined },
  epochs: readonly Epoch[],
): number | null {
  if (op.base === null) return null;
  const path = before(epochs, op.n);
  const index = op.epoch ? path.findIndex(({ id }) => id === op.epoch) : -1;
  if (op.epoch && index === -1) return 0;
  return Math.min(op.base, path[index + 1]?.n ?? op.base);
}

/** What a bench keeps of the history it has read. */
export interface KeptHistory {
  readonly epochs: readonly Epoch[];
  /** Ids of the epochs it went back from; a hub that is still in one of them is an old copy. */
  readonly left: readonly string[];
  readonly readN: number;
  /** Hash of the history at a number up to `readN`, base64; null where the bench does not have it any more. */
  hashAt(n: number): string | null;
}

/**
 * Up to where what a bench has read is known to be on its path: to the last place where an epoch began and that it has
 * read as the hub signed it. What it read before it heard of a restore may be of a history that nobody spoke of, as when
 * a hub’s disk was put back behind everybody’s back.
 */
export function provenUpTo({ epochs, readN, hashAt }: Omit<KeptHistory, 'left'>): number {
  const isProven = ({ n, hash }: Epoch) => n <= readN && hashAt(n) === hash;
  return epochs.findLast(isProven)?.n ?? 0;
}

/**
 * - `same`: the hub is where it was
 * - `back`: the bench forgets what it read beyond `n` and reads on from there; from now on it keeps `epochs` and `left`,
 *   and as the furthest head the place where the last epoch began, which the hub has proved to have
 * - `rewritten`: no signed epoch leads from what the bench has read to what the hub shows
 */
export type Way =
  | { readonly is: 'same' }
  | {
      readonly is: 'back';
      readonly n: number;
      readonly epochs: readonly Epoch[];
      readonly left: readonly string[];
      readonly head: { readonly n: number; readonly hash: string };
    }
  | { readonly is: 'rewritten' };

/**
 * Where a bench goes on reading at a hub that shows these epochs. Their signatures are checked by the caller
 * (`epochForms`).
 */
export function wayAlong(kept: KeptHistory, epochs: readonly Epoch[]): Way {
  const mine = kept.epochs;
  const common = epochs.findIndex(({ id }, index) => id !== mine[index]?.id);
  if (common === -1) return { is: epochs.length === mine.length ? 'same' : 'rewritten' };
  const [next, last, parted] = [epochs[common], epochs.at(-1), mine[common]];
  if (!next || !last || kept.left.includes(last.id)) return { is: 'rewritten' };
  const lost = mine.slice(common).map(({ id }) => id);
  // Where this bench's own path turned off earlier, only what lies before is the same for both.
  const end = Math.min(next.n, parted?.n ?? next.n);
  const isOther = end === next.n && kept.readN >= end && (kept.hashAt(end) ?? next.hash) !== next.hash;
  return {
    is: 'back',
    n: isOther ? provenUpTo({ ...kept, epochs: mine.slice(0, common) }) : Math.min(end, kept.readN),
    epochs,
    left: [...kept.left, ...lost],
    head: { n: last.n, hash: last.hash },
  };
}
