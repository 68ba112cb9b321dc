import type { ArtifactKind } from '../../../shared/model/evidence.ts';
import type { Actor } from '../storage/store.ts';

export interface NewArtifact {
  readonly caseId: string;
  readonly runId: string | null;
  readonly kind: ArtifactKind;
  /** As somebody gave it; it is tidied. */
  readonly name: string;
  readonly mime: string;
  readonly actor: Actor;
}

export interface FinishInfo {
  /** The unit's own hash of the same bytes, hexadecimal, when it can hash. */
  readonly sha256ByUnit?: string | null;
  /** The hash the content must have to be registered at all. */
  readonly mustBe?: string;
}

/** An artifact that is coming in; fits drivers as their `ArtifactSink`. */
export interface OpenArtifact {
  readonly id: string;
  /** Waits while too much is under way. Throws `artifact.disk-full`, `artifact.write-failed`. */
  write(bytes: Uint8Array): Promise<void>;
  /** Makes it durable and registers it. Throws also what the store says; then nothing is kept. */
  finish(info?: FinishInfo): Promise<{ id: string; size: number; sha256: string }>;
  /** Throws away what was written; does nothing after `finish`. */
  discard(): Promise<void>;
}
