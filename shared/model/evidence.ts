import { z } from 'zod';
import { Id, Instant, Sha256 } from './common.ts';

export const ARTIFACT_KINDS = ['log', 'photo', 'report', 'record', 'other'] as const;
export type ArtifactKind = (typeof ARTIFACT_KINDS)[number];
export const Artifact = z.object({
  id: Id,
  caseId: Id,
  runId: Id.nullable(),
  kind: z.enum(ARTIFACT_KINDS),
  /** A file name for people, never a path. */
  name: z.string().min(1).max(200),
  mime: z.string().max(100),
  /** Bytes of the content, before compression. */
  size: z.number().int().nonnegative(),
  /** SHA-256 of the content. */
  sha256: Sha256,
  addedAt: Instant,
  addedBy: z.string(),
  /** Whether the unit's own hash of the same bytes agreed; null where the unit cannot hash. */
  hashedByUnit: z.boolean().nullable(),
  /** Whether its content lies on this bench; reading what does not fetches it from the hub first. */
  here: z.boolean(),
  /** The bench it was added on; null for this one. */
  stationName: z.string().nullable(),
});
export type Artifact = z.infer<typeof Artifact>;

/** One line that a search found. */
export const SearchHit = z.object({
  /** Line number, from 1. */
  line: z.number().int().positive(),
  /** Byte offset of the line's start in the content. */
  offset: z.number().int().nonnegative(),
  /** The line, cut to 2,000 characters, bytes that are no UTF-8 replaced. */
  text: z.string(),
});
export type SearchHit = z.infer<typeof SearchHit>;

/** One finding of a verification; none means all is well. */
export const Finding = z.object({ where: z.string(), code: z.string(), detail: z.string() });
export const VerifyReport = z.object({
  ok: z.boolean(),
  what: z.enum(['log', 'artifact', 'record']),
  /** Entries, chunks or statements looked at. */
  checked: z.number().int().nonnegative(),
  summary: z.string(),
  findings: z.array(Finding),
});
export type VerifyReport = z.infer<typeof VerifyReport>;

/** What a wipe's signed statement ends as. */
export const WIPE_VERDICTS = ['verified', 'unverified', 'failed', 'interrupted', 'cannot-sanitize'] as const;
export const WipeVerdict = z.enum(WIPE_VERDICTS);
export type WipeVerdict = z.infer<typeof WipeVerdict>;

export const RecordSummary = z.object({
  id: Id,
  caseId: Id,
  runId: Id,
  verdict: WipeVerdict,
  at: Instant,
  by: z.string(),
  keyId: z.string(),
  sha256: Sha256,
});
export type RecordSummary = z.infer<typeof RecordSummary>;
