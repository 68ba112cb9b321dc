import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { v7 } from 'uuid';
import type { Snapshot } from '../shared/sync/snapshot.ts';
import type { BlobLimits } from './blobs/store.ts';
import { feedGenesis } from './feed/chain.ts';
import { rejudge } from './feed/rejudge.ts';
import { firstAdminToken } from './http/admins.ts';
import { serveHub } from './http/server.ts';
import type { TlsFiles } from './http/tls.ts';
import { createSnapshots, type Snapshots } from './snapshots/service.ts';
import { type BackupPlan, scheduleBackups } from './storage/backup-schedule.ts';
import { closePool, inTransaction, migrate, openPool } from './storage/database.ts';
import { startEmbedded } from './storage/embedded.ts';
import { feedStore } from './storage/feed-store.ts';

export interface HubSettings {
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  /** Any PostgreSQL 15 or newer; the hub's own one in `dataDir` when it is not given. */
  readonly databaseUrl?: string;
  readonly tls?: TlsFiles;
  /** How much of artifacts’ content is taken. */
  readonly blobs?: Partial<BlobLimits>;
  /** Backups that the hub makes by itself. */
  readonly backups?: BackupPlan;
  /** The address by which administrators reach it, where that is not the one it listens on. */
  readonly publicUrl?: string;
  log(line: string, details?: object): void;
}

export interface Hub {
  readonly address: string;
  /** For the first administrator, once; null when there is one. */
  readonly adminLink: string | null;
  /** Makes a snapshot of a site now; null while it has no history. */
  snapshot(siteId: string): Promise<Snapshot | null>;
  close(): Promise<void>;
}

const urlFile = (dataDir: string) => join(dataDir, 'postgres.url');
const addressFile = (dataDir: string) => join(dataDir, 'hub.address');

/** Opens the hub's database, starting the embedded one where none is named. */
export async function openHubDatabase(settings: Pick<HubSettings, 'dataDir' | 'databaseUrl' | 'log'>) {
  if (settings.databaseUrl) {
    const pool = openPool(settings.databaseUrl);
    return { pool, url: settings.databaseUrl, close: () => closePool(pool) };
  }
  const server = await startEmbedded(settings.dataDir, (line) => settings.log(line));
  const pool = openPool(server.url);
  writeFileSync(urlFile(settings.dataDir), server.url, { mode: 0o600 });
  return {
    pool,
    url: server.url,
    async close() {
      rmSync(urlFile(settings.dataDir), { force: true });
      await closePool(pool);
      await server.stop();
    },
  };
}

/** The database of a hub that runs on this folder now; null when none does. */
export async function runningDatabase(dataDir: string): Promise<pg.Pool | null> {
  try {
    const pool = openPool(readFileSync(urlFile(dataDir), 'utf8'), 1);
    await pool.query('SELECT 1').catch(async (error: unknown) => {
      await closePool(pool);
      throw error;
    });
    return pool;
  } catch {
    return null;
  }
}

/** The address of the hub that runs on this folder now; null when none does. */
export function runningAddress(dataDir: string): string | null {
  try {
    return readFileSync(addressFile(dataDir), 'utf8');
  } catch {
    return null;
  }
}

/** Starts a hub: database, schema, key, its first site, and the server. */
export async function startHub(settings: HubSettings): Promise<Hub> {
  mkdirSync(settings.dataDir, { recursive: true, mode: 0o755 });
  const database = await openHubDatabase(settings);
  const { pool } = database;
  let snapshots: Snapshots | undefined;
  try {
    await migrate(pool);
    const key = await prepare(pool);
    const feed = feedStore(pool);
    await rejudge(feed);
    const token = await firstAdminToken(pool);
    snapshots = createSnapshots({
      dir: join(settings.dataDir, 'snapshots'),
      databaseUrl: database.url,
      feed,
      key: key.privateKey,
      log: settings.log,
    });
    const server = await serveHub({
      pool,
      snapshots,
      key,
      host: settings.host,
      port: settings.port,
      blobs: { dir: join(settings.dataDir, 'blobs'), limits: settings.blobs },
      backupEveryMs: settings.backups?.everyMs ?? null,
      log: settings.log,
      ...(settings.tls ? { tls: settings.tls } : {}),
    });
    const address = settings.publicUrl ?? server.address;
    writeFileSync(addressFile(settings.dataDir), address);
    const { backups } = settings;
    const schedule = backups && scheduleBackups(pool, settings.dataDir, backups, settings.log);
    return {
      address: server.address,
      adminLink: token && `${address}/admin#${token}`,
      snapshot: snapshots.make,
      async close() {
        rmSync(addressFile(settings.dataDir), { force: true });
        const scheduleClosed = schedule?.close();
        await server.close();
        await snapshots?.close();
        await scheduleClosed;
        await database.close();
      },
    };
  } catch (error) {
    await snapshots?.close();
    await database.close();
    throw error;
  }
}

/** The hub's own key and its first site, made once however many hubs start at the same time. */
async function prepare(pool: pg.Pool): Promise<{ privateKey: KeyObject; publicDer: Buffer }> {
  return inTransaction(pool, async (sql) => {
    await sql.query('LOCK TABLE hub IN EXCLUSIVE MODE');
    const { rows } = await sql.query<{ private_key: Buffer }>('SELECT private_key FROM hub');
    let der = rows[0]?.private_key;
    if (!der) {
      const pair = generateKeyPairSync('ed25519');
      der = pair.privateKey.export({ format: 'der', type: 'pkcs8' });
      const publicDer = pair.publicKey.export({ format: 'der', type: 'spki' });
      await sql.query('INSERT INTO hub VALUES (1, $1, $2, now())', [der, publicDer]);
      const siteId = v7();
      await sql.query('INSERT INTO sites (id, name, hash, made_at) VALUES ($1, $2, $3, now())', [
        siteId,
        'Lab',
        feedGenesis(siteId),
      ]);
    }
    const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    const publicDer = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
    return { privateKey, publicDer };
  });
}
