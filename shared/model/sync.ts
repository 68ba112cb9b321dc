import { z } from 'zod';
import { Instant } from './common.ts';

/** How a bench and its hub stand. */
export const SyncView = z.object({
  url: z.string(),
  siteName: z.string(),
  /** The last entry on the hub's disk, and how many wait to be sent. */
  acknowledged: z.number().int().nonnegative(),
  pending: z.number().int().nonnegative(),
  talkedAt: Instant.nullable(),
  /** What keeps them apart, since when; null while all is well. */
  trouble: z.object({ code: z.string(), message: z.string(), hint: z.string() }).nullable(),
  troubleSince: Instant.nullable(),
});
export type SyncView = z.infer<typeof SyncView>;

/** What one exchange did. */
export const SyncReport = SyncView.extend({ pushed: z.number().int().nonnegative() });
export type SyncReport = z.infer<typeof SyncReport>;
