import { createHash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { Projection, SiteProjection } from './store.ts';

/**
 * SHA-256 (hex) over the site's tables: equal on every bench that has read the feed equally far and has nothing
 * waiting to be sent.
 */
export function siteHash(db: Database, projections: readonly (Projection | SiteProjection)[]): string {
  const hash = createHash('sha256');
  for (const projection of projections) {
    if (!('forget' in projection)) continue;
    const local = new Set(projection.local);
    for (const table of projection.tables) {
      if (local.has(table)) continue;
      const columns = (db.pragma(`table_xinfo(${table})`) as { name: string; hidden: number }[])
        .filter(({ name, hidden }) => hidden === 0 && !local.has(`${table}.${name}`))
        .map(({ name }) => name);
      const rows = db.prepare(`SELECT json_array(${columns}) FROM ${table}`).pluck().all() as string[];
      hash.update(JSON.stringify([table, columns]));
      for (const row of rows.sort()) hash.update(row);
    }
  }
  return hash.digest('hex');
}
