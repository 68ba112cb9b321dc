import type { z } from 'zod';
import { BenchPrefix } from '../../shared/contract/station.ts';
import { Pin } from '../../shared/model/people.ts';

/** The contract's own rule for a field, as a form asks for it: what is wrong in words, or null. */
const rule = (schema: z.ZodType) => (value: unknown) => {
  const read = schema.safeParse(value);
  return read.success ? null : (read.error.issues[0]?.message ?? 'This does not fit.');
};

export const pinRule = rule(Pin);
export const benchPrefixRule = rule(BenchPrefix);

/** A PIN is typed twice, because nobody sees it. */
export const pinAgainRule = (again: string, { pin }: { pin: string }): string | null =>
  again === pin ? null : 'The two PINs are not the same.';
