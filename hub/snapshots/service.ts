import { type KeyObject, sign } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Snapshot, snapshotForm } from '../../shared/sync/snapshot.ts';
import type { FeedReads } from '../feed/store.ts';
import type { Order } from './worker.ts';

/** A feed that grew by so many operations since the last snapshot gets another one. */
const WORTH = 20_000;
/** How often that is looked at. */
const LOOK_MS = 10 * 60_000;
/** A snapshot that somebody may still be reading stays for so long. */
const KEPT_MS = 60 * 60_000;

export interface SnapshotsOptions {
  readonly dir: string;
  readonly databaseUrl: string;
  readonly feed: FeedReads;
  readonly key: KeyObject;
  log(line: string, details?: object): void;
}

/** Snapshots of the sites' histories, made beside the hub's work whenever a feed has grown much. */
export function createSnapshots({ dir, databaseUrl, feed, key, log }: SnapshotsOptions) {
  const running = new Map<string, { readonly worker: Worker; readonly made: Promise<Snapshot | null> }>();
  const folderOf = (siteId: string) => join(dir, siteId);
  let closed = false;

  function newest(siteId: string): Snapshot | null {
    try {
      return Snapshot.parse(JSON.parse(readFileSync(join(folderOf(siteId), 'newest.json'), 'utf8')));
    } catch {
      // None was made, or what is there is not one.
      return null;
    }
  }

  function keep(siteId: string, made: Omit<Snapshot, 'signature'>): Snapshot {
    const signature = sign(null, Buffer.from(snapshotForm(siteId, made), 'utf8'), key).toString('base64');
    const folder = folderOf(siteId);
    const before = newest(siteId);
    const snapshot = { ...made, signature };
    writeFileSync(join(folder, 'newest.json.new'), JSON.stringify(snapshot));
    renameSync(join(folder, 'newest.json.new'), join(folder, 'newest.json'));
    for (const name of readdirSync(folder)) {
      // The one before may be on its way to a bench this very moment, however old it is.
      const isOld = /^[0-9a-f]{64}$/.test(name) && name !== made.sha256 && name !== before?.sha256;
      const path = join(folder, name);
      if (isOld && Date.now() - statSync(path).mtimeMs > KEPT_MS) rmSync(path, { force: true });
    }
    return snapshot;
  }

  function run(siteId: string): Promise<Snapshot | null> {
    const before = running.get(siteId);
    if (before) return before.made;
    mkdirSync(folderOf(siteId), { recursive: true, mode: 0o700 });
    const workerData: Order = { databaseUrl, siteId, dir: folderOf(siteId) };
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData });
    const made = new Promise<Snapshot | null>((resolve, reject) => {
      let snapshot: Snapshot | null = null;
      worker.once('message', (message: Omit<Snapshot, 'signature'> | null) => {
        try {
          snapshot = message && keep(siteId, message);
        } catch (error) {
          reject(error);
        }
      });
      worker.once('error', reject);
      worker.once('exit', () => resolve(snapshot));
    }).finally(() => running.delete(siteId));
    running.set(siteId, { worker, made });
    return made;
  }

  async function look(): Promise<void> {
    for (const siteId of await feed.siteIds()) {
      const { n, epochs } = await feed.site(siteId);
      const before = newest(siteId);
      const hash = before && (await feed.hashAt(siteId, before.n));
      // One from before the hub was restored is on another path of the history, and of no use to a bench.
      const isOfPath = before && (before.n === n || before.n > (epochs.at(-1)?.n ?? 0));
      const known = isOfPath && hash?.toString('base64') === before.hash ? before.n : 0;
      if (closed || n - known < WORTH) continue;
      const snapshot = await run(siteId);
      if (snapshot) log('a snapshot was made', { siteId, n: snapshot.n, bytes: snapshot.size });
    }
  }
  const lookQuietly = () =>
    void look().catch((error: unknown) => log('a snapshot could not be made', { error: String(error) }));
  const timer = setInterval(lookQuietly, LOOK_MS).unref();
  lookQuietly();

  return {
    newest,
    /** Makes one now, however little is new; null while the feed is empty. */
    make: run,
    /** The file of a snapshot; null when it is not here any more. */
    file(siteId: string, sha256: string): { readonly path: string; readonly size: number } | null {
      const path = join(folderOf(siteId), sha256);
      const found = statSync(path, { throwIfNoEntry: false });
      return found ? { path, size: found.size } : null;
    },
    async close(): Promise<void> {
      closed = true;
      clearInterval(timer);
      const workers = [...running.values()];
      await Promise.all(workers.map(({ worker }) => worker.terminate()));
      await Promise.allSettled(workers.map(({ made }) => made));
    },
  };
}

export type Snapshots = ReturnType<typeof createSnapshots>;
