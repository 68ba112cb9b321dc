import { createHash, randomBytes } from 'node:crypto';
import type pg from 'pg';
import { RefusedError } from '../refusal.ts';
import type { Sql } from '../storage/database.ts';

/** Letters that nobody confuses, in groups, so that a code can be read out. */
const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const GROUPS = 4;
const GROUP = 4;
/** Hours a code is good for. */
const HOURS = 24;

const hashOf = (code: string): Buffer =>
  createHash('sha256')
    .update(code.toUpperCase().replaceAll(/[^A-Z0-9]/g, ''))
    .digest();

/** Makes a code that lets one bench join a site within a day; only its hash is kept. */
export async function makeCode(pool: pg.Pool, siteId: string): Promise<{ code: string; expiresAt: string }> {
  const letters = [...randomBytes(GROUPS * GROUP)].map((byte) => LETTERS[byte % LETTERS.length]);
  const code = Array.from({ length: GROUPS }, (_, group) =>
    letters.slice(group * GROUP, (group + 1) * GROUP).join(''),
  ).join('-');
  const { rows } = await pool.query<{ expires_at: Date }>(
    `INSERT INTO codes (hash, site_id, made_at, expires_at)
     VALUES ($1, $2, now(), now() + make_interval(hours => $3)) RETURNING expires_at`,
    [hashOf(code), siteId, HOURS],
  );
  return { code, expiresAt: rows[0]?.expires_at.toISOString() ?? '' };
}

/** Uses a code up for a station; gives its site. Throws `sync.bad-code`. */
export async function useCode(sql: Sql, code: string, stationId: string): Promise<string> {
  const { rows } = await sql.query<{ site_id: string }>(
    `UPDATE codes SET used_by = $2
     WHERE hash = $1 AND expires_at > now() AND (used_by IS NULL OR used_by = $2) RETURNING site_id`,
    [hashOf(code), stationId],
  );
  const [row] = rows;
  if (!row) throw new RefusedError('sync.bad-code');
  return row.site_id;
}
