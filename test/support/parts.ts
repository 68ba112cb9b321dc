import { fileURLToPath } from 'node:url';
import { describe, test } from 'vitest';
import { findPart, type PartName } from '../../setup/parts.mjs';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The path of a part that `describeWith` made sure of. */
export function partPath(name: PartName): string {
  const part = findPart(ROOT, name);
  if ('missing' in part) throw new Error(part.missing);
  return part.path;
}

/**
 * A suite that needs more than the packages. Where a part is absent it says “not run” and why;
 * where all parts are required (`REPAIRBENCH_REQUIRE_ALL`, set in CI) it fails instead.
 */
export function describeWith(parts: readonly PartName[], name: string, suite: () => void): void {
  const missing = parts.flatMap((part) => {
    const found = findPart(ROOT, part);
    return 'missing' in found ? [found.missing] : [];
  });
  if (missing.length === 0) {
    describe(name, suite);
    return;
  }
  const reason = missing.join('; ');
  if (process.env.REPAIRBENCH_REQUIRE_ALL) {
    test(name, () => {
      throw new Error(`not run, but required: ${reason}`);
    });
    return;
  }
  test(name, (context) => {
    console.log(`not run: ${name}: ${reason}`);
    context.skip(reason);
  });
}
