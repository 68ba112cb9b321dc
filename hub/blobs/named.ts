import type pg from 'pg';
import { ArtifactAdded } from '../../shared/ops/evidence.ts';
import type { Asking } from '../stations/requests.ts';

/** The hash that an artifact's entry names; `0002-blobs.sql` indexes it, in the same words. */
const HASH = `substring(body from '"sha256":"([0-9a-f]{64})"')`;
const Named = ArtifactAdded.pick({ sha256: true, size: true });

/** Which of these hashes the site's history names: the rest is none of its business. */
export async function namedAtSite(
  pool: pg.Pool,
  siteId: string,
  hashes: readonly string[],
): Promise<Set<string>> {
  const { rows } = await pool.query<{ hash: string }>(
    `SELECT DISTINCT ${HASH} AS hash FROM entries
     WHERE kind = 'artifact.added' AND ${HASH} = ANY ($2) AND site_id = $1 AND n IS NOT NULL`,
    [siteId, hashes],
  );
  return new Set(rows.map(({ hash }) => hash));
}

/** The size of content that a station has announced by an entry that is in the feed; null when it has not. */
export async function announcedSize(
  pool: pg.Pool,
  { siteId, stationId }: Asking,
  sha256: string,
): Promise<number | null> {
  const { rows } = await pool.query<{ body: string }>(
    `SELECT body FROM entries
     WHERE kind = 'artifact.added' AND ${HASH} = $3 AND site_id = $1 AND station_id = $2 AND n IS NOT NULL
     ORDER BY n LIMIT 1`,
    [siteId, stationId, sha256],
  );
  const [row] = rows;
  if (!row) return null;
  const named = Named.safeParse(JSON.parse(row.body));
  return named.success && named.data.sha256 === sha256 ? named.data.size : null;
}
