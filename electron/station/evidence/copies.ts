import { BenchError } from '../../../shared/errors/index.ts';
import type { Store } from '../storage/store.ts';
import type { Stored } from './format/layout.ts';
import type { ArtifactWriter } from './format/writer.ts';
import type { StoredArtifact } from './queries.ts';

/** Content of an artifact that comes from the hub. */
export interface IncomingCopy {
  /** Whether the hub should compress it on the way. */
  readonly packs: boolean;
  /** Bytes that have arrived. */
  received(): number;
  /** Throws `artifact.disk-full`, `artifact.write-failed`, `blob.damaged` when more comes than there is. */
  write(bytes: Uint8Array): Promise<void>;
  /** Makes it readable here. Throws `blob.damaged` when it is not what the log has recorded; then nothing is kept. */
  finish(): Promise<void>;
  /** Throws away what was written; does nothing after `finish`. */
  discard(): Promise<void>;
}

/**
 * Takes the content of an artifact whose file is not here. It is stored as any artifact is, under this bench's own key
 * of the case; how that file must look is remembered before the file has its name, so that a crash in between leaves
 * an artifact that is fetched again, never one that seems damaged.
 */
export function incomingCopy(
  store: Store,
  { artifact: { id, size, sha256 }, packs }: StoredArtifact,
  writer: ArtifactWriter,
): IncomingCopy {
  let received = 0;

  function accept(stored: Stored): void {
    if (stored.size !== size || stored.sha256 !== sha256) throw new BenchError('blob.damaged');
    store.db
      .prepare(
        `INSERT INTO artifact_copies VALUES (:id, :root, :storedBytes, :at) ON CONFLICT DO UPDATE SET
           root = excluded.root, stored_bytes = excluded.stored_bytes, fetched_at = excluded.fetched_at`,
      )
      .run({ id, root: stored.root, storedBytes: stored.storedBytes, at: store.clock.now() });
  }

  return {
    packs,
    received: () => received,
    async write(bytes) {
      if (received + bytes.length > size) throw new BenchError('blob.damaged');
      await writer.write(bytes);
      received += bytes.length;
    },
    async finish() {
      await writer.finish(accept);
    },
    discard: () => writer.discard(),
  };
}
