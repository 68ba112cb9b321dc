import { type CheckName, summer } from '../protocols/console/checks.ts';

export const MIB = 1024 * 1024;

/** A stretch of the device, and the unit's sum of what was written to it (null: zeros, or no way to sum up). */
export interface Piece {
  readonly offset: number;
  readonly bytes: number;
  readonly sum: string | null;
}

/** `dd` operands for a stretch: blocks as large as fit, so that direct I/O finds whole sectors of any size. */
export function operands({ offset, bytes }: Piece, place: 'seek' | 'skip'): string {
  let block = MIB;
  while (bytes % block !== 0 || offset % block !== 0) block /= 2;
  return `bs=${block} ${place}=${offset / block} count=${bytes / block}`;
}

/** Sums of so many zero bytes, computed here. Sizes repeat, so each is computed once. */
export function zeroSums(name: CheckName): (bytes: number) => string {
  const known = new Map<number, string>();
  return (bytes) => {
    const cached = known.get(bytes);
    if (cached !== undefined) return cached;
    const sum = summer(name);
    const zeros = Buffer.alloc(MIB);
    for (let left = bytes; left > 0; left -= MIB) sum.update(left >= MIB ? zeros : zeros.subarray(0, left));
    const digest = sum.digest();
    known.set(bytes, digest);
    return digest;
  };
}

/** Whether `dd` reports whole blocks only; one that reports nothing is believed by its exit status. */
export function wholeRecords(printed: string, way: 'in' | 'out', operand: string): boolean {
  const records = new RegExp(`^(\\d+)\\+(\\d+) records ${way}`, 'm').exec(printed);
  return records === null || (records[2] === '0' && records[1] === /count=(\d+)/.exec(operand)?.[1]);
}
