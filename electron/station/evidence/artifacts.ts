import { rm } from 'node:fs/promises';
import { BenchError } from '../../../shared/errors/index.ts';
import type { Artifact, VerifyReport } from '../../../shared/model/evidence.ts';
import { ArtifactAdded } from '../../../shared/ops/evidence.ts';
import type { LogStore } from '../storage/log.ts';
import { type IncomingCopy, incomingCopy } from './copies.ts';
import {
  artifactPlaces,
  countUnreferenced,
  isThere,
  makeCaseFolder,
  type SweepReport,
  sweepFiles,
} from './files.ts';
import type { Stored } from './format/layout.ts';
import type { ArtifactFile } from './format/reader.ts';
import { ArtifactWriter } from './format/writer.ts';
import { tidyName } from './names.ts';
import { createEvidencePool, type PoolOptions } from './pool.ts';
import { type AddedHere, artifactQueries, type StoredArtifact } from './queries.ts';
import { createReaders, type ReadersOptions } from './readers.ts';
import { matcherFor, type SearchQuery, type SearchResult } from './search/search.ts';
import type { FinishInfo, NewArtifact, OpenArtifact } from './sink.ts';
import { createUploads, UPLOAD_LIMITS, type UploadLimits } from './uploads.ts';

export interface ArtifactsOptions {
  readonly store: LogStore;
  /** Folder of the finished files. */
  readonly dir: string;
  /** Folder of what is still coming in, on the same file system; beside `dir` unless given. */
  readonly incomingDir?: string;
  /** A copy of a case's 32-byte key, wiped here after its use; null when the case's data was erased. */
  readonly caseKey: (caseId: string) => Uint8Array | null;
  readonly workerUrl: URL;
  /** Name of another bench of the site; null when it has not told it yet. */
  readonly benchName?: (stationId: string) => string | null;
  /** Brings the content of an artifact here, by `receive`. Throws `artifact.elsewhere`. */
  readonly fetch?: (id: string) => Promise<void>;
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
  const queries = artifactQueries(store.db, store.stationId, options.benchName ?? (() => null));
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

  function find(id: string): StoredArtifact {
    const found = queries.find(id);
    if (!found) throw new BenchError('input.not-found', { what: 'artifact', id });
    return found;
  }

  const isHere = (id: string): Promise<boolean> => isThere(places.path(find(id).artifact.caseId, id));

  /** Fetches what is not here. An own file that no hub has either is a loss, which whoever reads it is told. */
  async function bring(id: string): Promise<void> {
    const { caseId, stationName } = find(id).artifact;
    if (!options.fetch || (await isHere(id))) return;
    keyOf(caseId, id).fill(0);
    await options.fetch(id).catch((error: unknown) => {
      if (stationName !== null) throw error;
    });
  }

  /** Work on a stored file. Its copy of the case's key is wiped at the end: an erased case's must not lie about. */
  async function withFile<T>(
    id: string,
    work: (found: StoredArtifact & { file: ArtifactFile }) => Promise<T>,
  ): Promise<T> {
    const found = find(id);
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
    const writer = await startFile({ id, caseId, name });

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

  async function startFile(artifact: { id: string; caseId: string; name: string }): Promise<ArtifactWriter> {
    const { id, caseId, name } = artifact;
    await makeFolder(caseId, name);
    const key = keyOf(caseId, id);
    const writer = await ArtifactWriter.create({
      path: places.path(caseId, id),
      temporary: places.temporary(id),
      id,
      caseKey: key,
      salt: store.clock.random(16),
      name,
      minFreeBytes: options.minFreeBytes ?? 64 * 2 ** 20,
    }).finally(() => key.fill(0));
    live.set(id, writer);
    return writer;
  }

  async function makeFolder(caseId: string, name: string): Promise<void> {
    try {
      await makeCaseFolder(dir, caseId);
    } catch (cause) {
      const detail = cause instanceof Error ? cause.message : String(cause);
      throw new BenchError('artifact.write-failed', { name, detail }, { cause });
    }
  }

  const get = (id: string): Artifact => find(id).artifact;
  const uploads = createUploads(store.clock, open, get, { ...UPLOAD_LIMITS, ...options.uploads });

  return {
    open,
    get,
    listByCase: (caseId: string): Artifact[] => queries.ofCase(caseId),
    /** The content's SHA-256 as the log has it; null when there is no such artifact. */
    sha256Of: (id: string): string | null => queries.find(id)?.artifact.sha256 ?? null,
    uploads,

    /** Every artifact that was added on this bench, oldest first. */
    added: (): AddedHere[] => queries.added(),
    /** Whether its file lies here. */
    isHere,

    /** Starts to take the content of an artifact that is not here. Throws `artifact.erased`, `artifact.disk-full`. */
    async receive(id: string): Promise<IncomingCopy> {
      const found = find(id);
      const copy = incomingCopy(store, found, await startFile(found.artifact));
      const end = (work: Promise<void>) => work.finally(() => live.delete(id));
      return { ...copy, finish: () => end(copy.finish()), discard: () => end(copy.discard()) };
    },

    /**
     * At most 1 MiB of the content, authenticated; what is not here is fetched first.
     * Throws `artifact.damaged`, `.missing`, `.erased`, `.elsewhere`.
     */
    async read(id: string, offset: number, length: number): Promise<Buffer> {
      await bring(id);
      return withFile(id, ({ file }) => readers.use(file, (reader) => reader.read(offset, length)));
    },

    /** Lines that match, in a thread. Throws also `search.bad-pattern`, `search.too-slow`, the signal's reason. */
    async search(id: string, query: SearchQuery, signal?: AbortSignal): Promise<SearchResult> {
      await bring(id);
      return withFile(id, async ({ file }) => {
        matcherFor(query, () => undefined);
        return pool.run({ type: 'search', file, query, pageMs: options.searchPageMs ?? 10_000 }, signal);
      });
    },

    /** Checks the whole file against the log, in a thread; what is on another bench is no loss. */
    verify: (id: string, signal?: AbortSignal): Promise<VerifyReport> =>
      withFile(id, async ({ artifact, stored, file }) => {
        if (!artifact.here) {
          const summary = `“${artifact.name}” was added on ${artifact.stationName}; there is no copy here to check.`;
          return { ok: true, what: 'artifact', checked: 0, summary, findings: [] };
        }
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
