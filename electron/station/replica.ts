import { OPS } from '../../shared/ops/index.ts';
import type { Epoch, FeedEntry } from '../../shared/sync/protocol.ts';
import { casesProjection } from './cases/projectors.ts';
import { evidenceProjection } from './evidence/projectors.ts';
import { runProjection } from './procedures/projection.ts';
import { systemClock } from './storage/clock.ts';
import { migrate, openDatabase, readMigrations } from './storage/database.ts';
import { openLog } from './storage/log.ts';
import { makeStation } from './storage/make.ts';
import type { Line } from './storage/snapshot.ts';
import { directoryProjection } from './sync/directory.ts';

/** Raised with every change of what a projector writes; see `openLog`. */
export const PROJECTION_VERSION = 3;
/** What of a site is a function of its feed. */
export const SITE_PROJECTIONS = [casesProjection, evidenceProjection, runProjection, directoryProjection];

/** A site as a bench without work of its own would know it. */
export interface Replica {
  readonly form: string;
  /** How far it has read, and the feed's hash there. */
  read(): { readonly n: number; readonly hash: Buffer } | null;
  place(entries: readonly { readonly entry: FeedEntry; readonly hash: Buffer }[]): void;
  /** Everything in lines; nothing may be placed meanwhile. */
  lines(): Generator<Line>;
  close(): void;
}

/** Opens, or makes, the replica of a site in a file, on a path of its history; null when it is on another one. Plain: who keeps a feed in the clear gains nothing by a key. */
export function openReplica(
  path: string,
  { siteId, epochs }: { readonly siteId: string; readonly epochs: readonly Epoch[] },
  migrationsDir: string,
): Replica | null {
  const db = openDatabase(path, null);
  try {
    migrate(db, readMigrations(migrationsDir), path);
    if (!db.prepare('SELECT 1 FROM station').get())
      makeStation(db, systemClock, systemClock.id(), 'training');
    const log = openLog({
      db,
      clock: systemClock,
      kinds: OPS,
      projections: SITE_PROJECTIONS,
      projectionVersion: PROJECTION_VERSION,
      onUnfit: () => {},
    });
    log.openSite(siteId);
    if (log.readFeed() === null) log.rewind(0, { epochs, left: [] });
    else if (JSON.stringify(log.epochs().epochs) !== JSON.stringify(epochs)) {
      db.close();
      return null;
    }
    return {
      form: log.snapshotForm,
      read: log.readFeed,
      place: log.place,
      lines: log.siteLines,
      close: () => void db.close(),
    };
  } catch (error) {
    db.close();
    throw error;
  }
}
