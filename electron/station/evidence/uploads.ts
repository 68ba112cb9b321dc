import { BenchError } from '../../../shared/errors/index.ts';
import type { Artifact } from '../../../shared/model/evidence.ts';
import type { Actor, Clock } from '../storage/store.ts';
import type { NewArtifact, OpenArtifact } from './sink.ts';

export interface UploadLimits {
  /** Uploads under way at once. */
  readonly open: number;
  readonly bytes: number;
  /** Milliseconds without a piece after which an upload ends. */
  readonly idleMs: number;
}

export const UPLOAD_LIMITS: UploadLimits = { open: 16, bytes: 4 * 2 ** 30, idleMs: 15 * 60_000 };
const LOOK_MS = 60_000;

interface Upload {
  readonly sink: OpenArtifact;
  readonly name: string;
  readonly actorId: string;
  received: number;
  touchedAt: number;
  /** Pieces are taken one after the other. */
  last: Promise<unknown>;
}

/** Files that arrive in pieces: each knows its offset, the end knows the hash of the whole. */
export function createUploads(
  clock: Clock,
  open: (artifact: NewArtifact) => Promise<OpenArtifact>,
  get: (id: string) => Artifact,
  limits: UploadLimits,
) {
  const uploads = new Map<string, Upload>();
  let opening = 0;
  let timer: NodeJS.Timeout | null = null;

  function find(id: string, actor: Actor): Upload {
    const upload = uploads.get(id);
    // Another person's upload is nobody's business.
    if (upload?.actorId !== actor.id) throw new BenchError('upload.not-found', { id });
    upload.touchedAt = clock.monotonic();
    return upload;
  }

  function inTurn<T>(upload: Upload, work: () => Promise<T>): Promise<T> {
    const result = upload.last.then(work);
    upload.last = result.catch(() => undefined);
    return result;
  }

  async function drop(id: string): Promise<void> {
    const upload = uploads.get(id);
    uploads.delete(id);
    if (uploads.size === 0 && timer) {
      clearInterval(timer);
      timer = null;
    }
    await upload?.sink.discard();
  }

  /** Ends uploads that were left alone; returns how many. */
  async function expire(): Promise<number> {
    const before = clock.monotonic() - limits.idleMs;
    const old = [...uploads].filter(([, upload]) => upload.touchedAt < before);
    await Promise.all(old.map(([id]) => drop(id)));
    return old.length;
  }

  return {
    expire,

    async begin(artifact: NewArtifact): Promise<{ uploadId: string }> {
      await expire();
      if (uploads.size + opening >= limits.open) {
        throw new BenchError('upload.too-many', { count: limits.open });
      }
      opening += 1;
      try {
        const sink = await open(artifact);
        uploads.set(sink.id, {
          sink,
          name: artifact.name,
          actorId: artifact.actor.id,
          received: 0,
          touchedAt: clock.monotonic(),
          last: Promise.resolve(),
        });
        timer ??= setInterval(() => void expire(), LOOK_MS).unref();
        return { uploadId: sink.id };
      } finally {
        opening -= 1;
      }
    },

    /**
     * Takes the piece at `offset`. A piece that arrived before is acknowledged again, so that a call whose
     * answer was lost can be repeated. Throws `upload.not-found`, `upload.wrong-offset`, `upload.too-big`,
     * and what the disk says, which ends the upload.
     */
    append(id: string, offset: number, bytes: Uint8Array, actor: Actor): Promise<{ received: number }> {
      const upload = find(id, actor);
      return inTurn(upload, async () => {
        const { received } = upload;
        if (offset + bytes.length <= received) return { received };
        if (offset !== received) throw new BenchError('upload.wrong-offset', { expected: received, offset });
        if (received + bytes.length > limits.bytes) {
          await drop(id);
          throw new BenchError('upload.too-big', { limitMiB: Math.floor(limits.bytes / 2 ** 20) });
        }
        try {
          await upload.sink.write(bytes);
        } catch (error) {
          await drop(id);
          throw error;
        }
        upload.received += bytes.length;
        return { received: upload.received };
      });
    },

    /** Registers the artifact when what arrived has this hash. Throws `upload.hash-mismatch`, `upload.not-found`. */
    finish(id: string, sha256: string, actor: Actor): Promise<Artifact> {
      const upload = find(id, actor);
      return inTurn(upload, async () => {
        try {
          await upload.sink.finish({ mustBe: sha256 });
        } finally {
          await drop(id);
        }
        return get(id);
      });
    },

    async close(): Promise<void> {
      await Promise.all([...uploads.keys()].map(drop));
    },
  };
}
