import { rm } from 'node:fs/promises';
import { BenchError } from '../../../shared/errors/index.ts';
import type { Artifact, VerifyReport } from '../../../shared/model/evidence.ts';
import { ArtifactAdded } from '../../../shared/ops/evidence.ts';
import type { Store } from '../storage/store.ts';
import { artifactPlaces, countUnreferenced, makeCaseFolder, type SweepReport, sweepFiles } from './files.ts';
import type { Stored } from './format/layout.ts';
import type { ArtifactFile } from './format/reader.ts';
import { ArtifactWriter } from './format/writer.ts';
import { tidyName } from './names.ts';
import { createEvidencePool, type PoolOptions } from './pool.ts';
import { artifactQueries, type StoredArtifact } from './queries.ts';
import { createReaders, type ReadersOptions } from './readers.ts';
import { matcherFor, type SearchQuery, type SearchResult } from './search/search.ts';
import type { FinishInfo, NewArtifact, OpenArtifact } from './sink.ts';
import { createUploads, UPLOAD_LIMITS, type UploadLimits } from './uploads.ts';

export interface ArtifactsOptions {
  readonly store: Store;
  /** Folder of the finished files. */
  readonly dir: string;
  /** Folder of what is still coming in, on the same file system; beside `dir` unless given. */
  readonly incomingDir?: string;
  /** A copy of a case's 32-byte key, wiped here after its use; null when the case's data was erased. */
  readonly caseKey: (caseId: string) => Uint8Array | null;
  readonly workerUrl: URL;
  /** Space that stays free for the database; 64 MiB unless given. */
  readonly minFreeBytes?: number;
  /** After this long a search returns what it has, and where to go on; 10 s unless given. */
  readonly searchPageMs?: number;
  readonly threads?: Omit<PoolOptions, 'workerUrl'>;
  readonly uploads?: Partial<UploadLimits>;
  readonly readers?: ReadersOptions;
}

const Described = ArtifactAdded.pick({ caseId: true, runId: true, kind: true, name: true, mime: true });

/** Logs, photos and reports of cases: encrypted files, each known to the log by its hashes. */
export function createArtifacts(options: ArtifactsOptions) {
  const { store, dir, caseKey, workerUrl } = options;
  const places = artifactPlaces(dir, options.incomingDir ?? `${dir}-incoming`);
  const queries = artifactQueries(store.db);
  const pool = createEvidencePool({ ...options.threads, workerUrl });
  const readers = createReaders(options.readers);
  /** What is being written right now. */
  const live = new Map<string, ArtifactWriter>();

  function keyOf(caseId: string, id: string): Uint8Array {
    const key = caseKey(caseId);
    if (key) return key;
    void readers.drop(id);
    throw new BenchError('artifact.erased', { id });
  }

  /** Work on a stored file. Its copy of the case's key is wiped at the end: an erased case's must not lie about. */
  async function withFile<T>(
    id: string,
    work: (found: StoredArtifact & { file: ArtifactFile }) => Promise<T>,
  ): Promise<T> {
    const found = queries.find(id);
    if (!found) throw new BenchError('input.not-found', { what: 'artifact', id });
    const { caseId } = found.artifact;
    const key = keyOf(caseId, id);
    try {
      const file = { path: places.path(caseId, id), id, caseKey: key, root: found.stored.root };
      return await work({ ...found, file });
    } finally {
      key.fill(0);
    }
  }

  /**
   * Starts an artifact. Its `finish` makes the file durable first and then registers it, so that a crash in
   * between leaves a file that nothing refers to, never an entry without its file.
   * Throws `artifact.erased`, `artifact.disk-full`, `artifact.write-failed`, `input.invalid`.
   */
  async function open({ actor, ...given }: NewArtifact): Promise<OpenArtifact> {
    const parsed = Described.safeParse({ ...given, name: tidyName(given.name) });
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const detail = `artifact: ${issue?.path.join('.')}: ${issue?.message}`;
      throw new BenchError('input.invalid', { detail });
    }
    const described = parsed.data;
    const { caseId, name } = described;
    const id = store.clock.id();
    const path = places.path(caseId, id);
    await makeFolder(caseId, name);
    const key = keyOf(caseId, id);
    const writer = await ArtifactWriter.create({
      path,
      temporary: places.temporary(id),
      id,
      caseKey: key,
      salt: store.clock.random(16),
      name,
      minFreeBytes: options.minFreeBytes ?? 64 * 2 ** 20,
    }).finally(() => key.fill(0));
    live.set(id, writer);

    function register(stored: Stored, { sha256ByUnit = null, mustBe }: FinishInfo): void {
      const { sha256: actual } = stored;
      if (mustBe !== undefined && mustBe !== actual) {
        throw new BenchError('upload.hash-mismatch', { name, actual, expected: mustBe });
      }
      // Erased while it was coming in: nobody could ever read it.
      keyOf(caseId, id).fill(0);
      const hashedByUnit = sha256ByUnit === null ? null : sha256ByUnit.toLowerCase() === actual;
      const body: ArtifactAdded = { id, ...described, ...stored, hashedByUnit };
      store.append(actor, [{ kind: 'artifact.added', entityId: id, caseId, body }]);
    }

    return {
      id,
      write: (bytes) => writer.write(bytes),
      async finish(info = {}) {
        try {
          const stored = await writer.finish();
          try {
            register(stored, info);
          } catch (error) {
            if (!queries.find(id)) await rm(path, { force: true });
            throw error;
          }
          return { id, size: stored.size, sha256: stored.sha256 };
        } finally {
          live.delete(id);
        }
      },
      async discard() {
        await writer.discard();
        live.delete(id);
      },
    };
  }

  async function makeFolder(caseId: string, name: string): Promise<void> {
    try {
      await makeCaseFolder(dir, caseId);
    } catch (cause) {
      const detail = cause instanceof Error ? cause.message : String(cause);
      throw new BenchError('artifact.write-failed', { name, detail }, { cause });
    }
  }

  const get = (id: string): Artifact => {
    const found = queries.find(id);
    if (!found) throw new BenchError('input.not-found', { what: 'artifact', id });
    return found.artifact;
  };
  const uploads = createUploads(store.clock, open, get, { ...UPLOAD_LIMITS, ...options.uploads });

  return {
    open,
    get,
    listByCase: (caseId: string): Artifact[] => queries.ofCase(caseId),
    /** The content's SHA-256 as the log has it; null when there is no such artifact. */
    sha256Of: (id: string): string | null => queries.find(id)?.artifact.sha256 ?? null,
    uploads,

    /** At most 1 MiB of the content, authenticated. Throws `artifact.damaged`, `.missing`, `.erased`. */
    read: (id: string, offset: number, length: number): Promise<Buffer> =>
      withFile(id, ({ file }) => readers.use(file, (reader) => reader.read(offset, length))),

    /** Lines that match, in a thread. Throws also `search.bad-pattern`, `search.too-slow`, the signal's reason. */
    search: (id: string, query: SearchQuery, signal?: AbortSignal): Promise<SearchResult> =>
      withFile(id, async ({ file }) => {
        matcherFor(query, () => undefined);
        return pool.run({ type: 'search', file, query, pageMs: options.searchPageMs ?? 10_000 }, signal);
      }),

    /** Checks the whole file against the log, in a thread. */
    verify: (id: string, signal?: AbortSignal): Promise<VerifyReport> =>
      withFile(id, async ({ artifact, stored, file }) => {
        const { chunks, findings } = await pool.run({ type: 'verify', file, expected: stored }, signal);
        const ok = findings.length === 0;
        const size = `${artifact.size.toLocaleString('en')} bytes in ${chunks} ${chunks === 1 ? 'chunk' : 'chunks'}`;
        const summary = ok
          ? `“${artifact.name}” is whole: ${size}, as the log recorded it.`
          : `“${artifact.name}” is not what the log recorded: ${findings[0]?.where}: ${findings[0]?.detail}.`;
        return { ok, what: 'artifact', checked: chunks, summary, findings: [...findings] };
      }),

    /** Puts the files in order; call it once the database is open, before anything reads. */
    sweep: (): Promise<SweepReport> =>
      sweepFiles(
        places,
        (id) => queries.find(id) !== null,
        (id) => live.has(id),
      ),

    /** How many finished files lie aside because the log does not know them, and where. */
    unreferenced: async (): Promise<{ count: number; folder: string }> => ({
      count: await countUnreferenced(places),
      folder: places.unreferenced,
    }),

    /** Ends threads, reads and uploads, and throws away what is unfinished. */
    async close(): Promise<void> {
      await pool.close();
      await readers.close();
      await uploads.close();
      await Promise.all([...live.values()].map((writer) => writer.discard()));
      live.clear();
    },
  };
}
