import { parentPort, workerData } from 'node:worker_threads';
import { closePool, openPool } from '../storage/database.ts';
import { feedStore } from '../storage/feed-store.ts';
import { makeSnapshot } from './make.ts';

/** What the worker is asked for. */
export interface Order {
  readonly databaseUrl: string;
  readonly siteId: string;
  readonly dir: string;
}

// Reading a site's whole history takes minutes: the thread that answers benches must not wait for it.
const { databaseUrl, siteId, dir } = workerData as Order;
const pool = openPool(databaseUrl, 1);
try {
  parentPort?.postMessage(await makeSnapshot(feedStore(pool), siteId, dir));
} finally {
  await closePool(pool);
}
