import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { v7 } from 'uuid';
import { feedGenesis } from './feed/chain.ts';
import { firstAdminToken } from './http/admin.ts';
import { serveHub } from './http/server.ts';
import { inTransaction, migrate, openPool } from './storage/database.ts';
import { startEmbedded } from './storage/embedded.ts';

export interface HubSettings {
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  /** Any PostgreSQL 15 or newer; the hub's own one in `dataDir` when it is not given. */
  readonly databaseUrl?: string;
  readonly tls?: { readonly cert: string; readonly key: string };
  log(line: string, details?: object): void;
}

export interface Hub {
  readonly address: string;
  /** For the first administrator, once; null when there is one. */
  readonly adminLink: string | null;
  close(): Promise<void>;
}

const urlFile = (dataDir: string) => join(dataDir, 'postgres.url');

/** Opens the hub's database, starting the embedded one where none is named. */
export async function openHubDatabase(settings: Pick<HubSettings, 'dataDir' | 'databaseUrl' | 'log'>) {
  if (settings.databaseUrl) {
    const pool = openPool(settings.databaseUrl);
    return { pool, close: () => pool.end() };
  }
  const server = await startEmbedded(settings.dataDir, (line) => settings.log(line));
  const pool = openPool(server.url);
  writeFileSync(urlFile(settings.dataDir), server.url, { mode: 0o600 });
  return {
    pool,
    async close() {
      rmSync(urlFile(settings.dataDir), { force: true });
      await pool.end();
      await server.stop();
    },
  };
}

/** The database of a hub that runs on this folder now; null when none does. */
export async function runningDatabase(dataDir: string): Promise<pg.Pool | null> {
  try {
    const pool = openPool(readFileSync(urlFile(dataDir), 'utf8'), 1);
    await pool.query('SELECT 1').catch(async (error: unknown) => {
      await pool.end();
      throw error;
    });
    return pool;
  } catch {
    return null;
  }
}

/** Starts a hub: database, schema, key, its first site, and the server. */
export async function startHub(settings: HubSettings): Promise<Hub> {
  mkdirSync(settings.dataDir, { recursive: true, mode: 0o755 });
  const database = await openHubDatabase(settings);
  const { pool } = database;
  try {
    await migrate(pool);
    const key = await prepare(pool);
    const token = await firstAdminToken(pool);
    const server = await serveHub({
      pool,
      key,
      host: settings.host,
      port: settings.port,
      log: settings.log,
      ...(settings.tls
        ? { tls: { cert: readFileSync(settings.tls.cert), key: readFileSync(settings.tls.key) } }
        : {}),
    });
    return {
      address: server.address,
      adminLink: token && `${server.address}/admin#${token}`,
      async close() {
        await server.close();
        await database.close();
      },
    };
  } catch (error) {
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
