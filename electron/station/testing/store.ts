import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stationOps } from '../../../shared/ops/station.ts';
import { portsProjection } from '../devices/registry.ts';
import { peopleProjection } from '../people/service.ts';
import { stationProjection } from '../settings.ts';
import { systemClock } from '../storage/clock.ts';
import { type Database, migrate, openDatabase, readMigrations } from '../storage/database.ts';
import { type LogStore, type OpKinds, openLog } from '../storage/log.ts';
import { makeStation } from '../storage/make.ts';
import type { Clock, Projection } from '../storage/store.ts';
import { directoryProjection } from '../sync/directory.ts';

/** A real encrypted store in a folder of its own, for tests. */
export interface TestStore {
  readonly store: LogStore;
  readonly db: Database;
  readonly dir: string;
  readonly path: string;
  readonly key: Uint8Array;
  /** Closes and opens again, as after a crash or a restart. */
  reopen(onListenerError?: (error: unknown) => void): LogStore;
  dispose(): Promise<void>;
}

export const migrationsDir = fileURLToPath(new URL('../storage/migrations/', import.meta.url));

/** Extra kinds and projections come on top of the station's own. */
export function testStore(
  kinds: OpKinds = {},
  projections: readonly Projection[] = [],
  clock: Clock = systemClock,
): TestStore {
  const dir = mkdtempSync(join(tmpdir(), 'repairbench-test-'));
  const path = join(dir, 'bench.db');
  const key = systemClock.random(32);
  const open = () => {
    const db = openDatabase(path, key);
    migrate(db, readMigrations(migrationsDir), path);
    return db;
  };
  const log = (db: Database, onListenerError?: (error: unknown) => void) =>
    openLog({
      db,
      ...(onListenerError ? { onListenerError } : {}),
      clock,
      kinds: { ...(stationOps as unknown as OpKinds), ...kinds },
      projections: [
        stationProjection,
        peopleProjection,
        portsProjection,
        directoryProjection,
        ...projections,
      ],
    });
  let db = open();
  makeStation(db, clock, clock.id(), 'training');
  let store = log(db);
  return {
    get store() {
      return store;
    },
    get db() {
      return db;
    },
    dir,
    path,
    key,
    reopen(onListenerError) {
      db.close();
      db = open();
      store = log(db, onListenerError);
      return store;
    },
    async dispose() {
      if (db.open) db.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
