import { type ArtifactFile, ArtifactReader } from './format/reader.ts';

export interface ReadersOptions {
  /** Files kept open at most, besides those that are being read right now; 8 unless given. */
  readonly most?: number;
  /** Milliseconds without a read after which a file is closed; 10 s unless given. */
  readonly idleMs?: number;
}

interface Kept {
  readonly reader: Promise<ArtifactReader>;
  /** Reads under way. */
  users: number;
  /** No longer kept: closed by its last user. */
  dropped: boolean;
  timer: NodeJS.Timeout | null;
}

/**
 * Artifacts that are being read range by range. Opening one decrypts its index and checks it against the log,
 * which costs as much as its index is long: done for each range, reading the whole would cost its square. So a
 * file stays open for a short while. Each range is authenticated all the same when it is read.
 */
export function createReaders({ most = 8, idleMs = 10_000 }: ReadersOptions = {}) {
  /** Least recently used first. */
  const open = new Map<string, Kept>();

  async function closeUnused(kept: Kept): Promise<void> {
    if (!kept.dropped || kept.users > 0) return;
    const reader = await kept.reader.catch(() => null);
    await reader?.close();
  }

  async function drop(id: string, kept = open.get(id)): Promise<void> {
    if (!kept || kept.dropped) return;
    kept.dropped = true;
    if (kept.timer) clearTimeout(kept.timer);
    if (open.get(id) === kept) open.delete(id);
    await closeUnused(kept);
  }

  function take(file: ArtifactFile): Kept {
    const there = open.get(file.id);
    const kept = there ?? { reader: ArtifactReader.open(file), users: 0, dropped: false, timer: null };
    open.delete(file.id);
    open.set(file.id, kept);
    kept.users += 1;
    if (kept.timer) clearTimeout(kept.timer);
    for (const [id] of open) {
      if (open.size <= most) break;
      void drop(id);
    }
    return kept;
  }

  return {
    /** Works with the open file. After a failure it is opened anew the next time: it may have been put right. */
    async use<T>(file: ArtifactFile, work: (reader: ArtifactReader) => Promise<T>): Promise<T> {
      const kept = take(file);
      try {
        return await work(await kept.reader);
      } catch (error) {
        void drop(file.id, kept);
        throw error;
      } finally {
        kept.users -= 1;
        if (kept.dropped) await closeUnused(kept);
        else if (kept.users === 0) {
          kept.timer = setTimeout(() => void drop(file.id, kept), idleMs).unref();
        }
      }
    },

    /** Closes the file of one artifact, once nobody reads it any more. */
    drop: (id: string): Promise<void> => drop(id),

    /** Closes all, each once nobody reads it any more. */
    async close(): Promise<void> {
      await Promise.all([...open.keys()].map((id) => drop(id)));
    },
  };
}
