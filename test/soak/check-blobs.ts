import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { blobPlaces } from '../../hub/blobs/store.ts';

/** Looks for the content of every artifact among the hub’s files, byte for byte. */
export async function checkBlobs(
  database: pg.Pool,
  hubData: string,
): Promise<{ readonly findings: readonly string[]; readonly artifacts: number }> {
  const { rows } = await database.query<{ site_id: string; id: string; sha256: string }>(
    `SELECT site_id, entity_id AS id, body::json ->> 'sha256' AS sha256 FROM entries WHERE kind = 'artifact.added'`,
  );
  const places = blobPlaces(`${hubData}/blobs`);
  const missing = rows.filter(({ site_id, sha256 }) => {
    try {
      const content = readFileSync(places.path(site_id, sha256));
      return createHash('sha256').update(content).digest('hex') !== sha256;
    } catch {
      return true;
    }
  });
  return {
    findings: missing.slice(0, 10).map(({ id }) => `the content of artifact ${id} is not on the hub`),
    artifacts: rows.length,
  };
}
