import { z } from 'zod';
import { Id, Instant } from './common.ts';

/** How a bench and its hub stand. */
export const SyncView = z.object({
  url: z.string(),
  siteName: z.string(),
  /** The last entry on the hub's disk, and how many wait to be sent. */
  acknowledged: z.number().int().nonnegative(),
  pending: z.number().int().nonnegative(),
  /** How far the site's history was read, and how much more of it there was when the hub was asked last. */
  read: z.number().int().nonnegative(),
  unread: z.number().int().nonnegative(),
  /** Changes that did not hold and wait for a person, and changes that somebody should look at. */
  conflicts: z.number().int().nonnegative(),
  toLookAt: z.number().int().nonnegative(),
  talkedAt: Instant.nullable(),
  /** What keeps them apart, since when; null while all is well. */
  trouble: z.object({ code: z.string(), message: z.string(), hint: z.string() }).nullable(),
  troubleSince: Instant.nullable(),
});
export type SyncView = z.infer<typeof SyncView>;

/** The content of artifacts on its way to the hub. */
export const BlobsView = z.object({
  /** Files that the hub does not have yet. */
  pending: z.number().int().nonnegative(),
  pendingBytes: z.number().int().nonnegative(),
  /** What keeps them here, or the first one that cannot be sent, since when; null while all is well. */
  trouble: z.object({ code: z.string(), message: z.string(), hint: z.string() }).nullable(),
  troubleSince: Instant.nullable(),
});
export type BlobsView = z.infer<typeof BlobsView>;

/** What one exchange did. */
export const SyncReport = SyncView.extend({
  pushed: z.number().int().nonnegative(),
  /** Operations of other benches that came. */
  pulled: z.number().int().nonnegative(),
});
export type SyncReport = z.infer<typeof SyncReport>;

/** A change as it was made: who, when and on which bench. */
export const ChangeMade = z.object({
  by: z.string(),
  bench: z.string(),
  at: Instant,
  /** One past-tense sentence. */
  text: z.string(),
});
export type ChangeMade = z.infer<typeof ChangeMade>;

/** One thing that two changes are about: what stands now, and what was wanted. */
export const ConflictPart = z.object({
  /** A field of the case, or `status`. */
  key: z.string(),
  title: z.string(),
  stands: z.string(),
  wanted: z.string(),
  /** Why it cannot be taken over now; null when it can. */
  blocked: z.string().nullable(),
});
export type ConflictPart = z.infer<typeof ConflictPart>;

/** A change whose author could not know of another one. */
export const Conflict = z.object({
  /** Of the operation. */
  id: Id,
  caseId: Id,
  caseNumber: z.string(),
  /** It does not hold, or not all of it, and a person has to choose; else somebody should look at it. */
  needsChoice: z.boolean(),
  title: z.string(),
  change: ChangeMade,
  /** What came before it elsewhere. */
  before: z.array(ChangeMade),
  parts: z.array(ConflictPart),
  /** The other case that the same unit is on, or that had the number first. */
  other: z.object({ id: Id, number: z.string() }).nullable(),
});
export type Conflict = z.infer<typeof Conflict>;
