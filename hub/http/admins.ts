import { createHash, randomBytes } from 'node:crypto';
import type pg from 'pg';
import { v7 } from 'uuid';
import { BenchError } from '../../shared/errors/index.ts';
import { inTransaction, type Sql } from '../storage/database.ts';

/** Hours a link is good for. */
const HOURS = 24;
/** When an administrator was last there is known this exactly, in seconds. */
const SEEN_S = 60;

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();
const secret = (): string => randomBytes(32).toString('base64url');

/** Somebody who administers the hub, or a link that nobody has used yet. */
export interface Administrator {
  readonly id: string;
  /** Null for a link. */
  readonly name: string | null;
  readonly madeAt: Date;
  readonly seenAt: Date | null;
  readonly expiresAt: Date | null;
}

/** The first administrator's one-time token; null when somebody administers the hub already. */
export async function firstAdminToken(pool: pg.Pool): Promise<string | null> {
  const { rows } = await pool.query('SELECT 1 FROM admins WHERE claimed LIMIT 1');
  if (rows.length > 0) return null;
  // A link that was never used is replaced: the one that was printed last works.
  await pool.query('DELETE FROM admins WHERE NOT claimed');
  return addLink(pool, null);
}

/** A one-time token for another administrator, or for one who lost the own. */
export async function newAdminLink(pool: pg.Pool): Promise<{ token: string; expiresAt: string }> {
  await pool.query('DELETE FROM admins WHERE NOT claimed AND expires_at < now()');
  const expiresAt = new Date(Date.now() + HOURS * 3600_000);
  return { token: await addLink(pool, expiresAt), expiresAt: expiresAt.toISOString() };
}

async function addLink(pool: pg.Pool, expiresAt: Date | null): Promise<string> {
  const token = secret();
  await pool.query(
    'INSERT INTO admins (id, hash, claimed, made_at, expires_at) VALUES ($1, $2, false, now(), $3)',
    [v7(), hashOf(token), expiresAt],
  );
  return token;
}

/** Uses a link up; gives the token that its owner asks with from then on. Throws `hub.used-link`. */
export async function claim(pool: pg.Pool, link: string, name: string): Promise<string> {
  const mine = secret();
  const { rowCount } = await pool.query(
    `UPDATE admins SET hash = $2, name = $3, claimed = true, expires_at = NULL, seen_at = now()
     WHERE hash = $1 AND NOT claimed AND (expires_at IS NULL OR expires_at > now())`,
    [hashOf(link), hashOf(mine), name],
  );
  if (rowCount !== 1) throw new BenchError('hub.used-link');
  return mine;
}

/** The id of the administrator whose token it is. Throws `hub.not-admitted`. */
export async function admitted(pool: pg.Pool, token: string): Promise<string> {
  const { rows } = await pool.query<{ id: string; is_old: boolean }>(
    `SELECT id, seen_at IS NULL OR seen_at < now() - make_interval(secs => $2) AS is_old
     FROM admins WHERE hash = $1 AND claimed`,
    [hashOf(token), SEEN_S],
  );
  const [admin] = rows;
  if (!admin) throw new BenchError('hub.not-admitted');
  if (admin.is_old) await pool.query('UPDATE admins SET seen_at = now() WHERE id = $1', [admin.id]);
  return admin.id;
}

/** Everybody who administers the hub, and links that still work. */
export async function administrators(pool: pg.Pool): Promise<Administrator[]> {
  const { rows } = await pool.query<Administrator>(
    `SELECT id, name, made_at AS "madeAt", seen_at AS "seenAt", expires_at AS "expiresAt" FROM admins
     WHERE claimed OR expires_at IS NULL OR expires_at > now() ORDER BY claimed DESC, name, made_at`,
  );
  return rows;
}

/** Takes an administrator's token or a link away. Throws `hub.unknown`, `hub.last-administrator`. */
export function removeAdministrator(pool: pg.Pool, id: string): Promise<void> {
  return inTransaction(pool, async (sql: Sql) => {
    // Two who remove each other at the same moment come one after the other.
    const { rows } = await sql.query<{ id: string; claimed: boolean }>(
      'SELECT id, claimed FROM admins ORDER BY id FOR UPDATE',
    );
    const found = rows.find((row) => row.id === id);
    if (!found) throw new BenchError('hub.unknown', { what: 'administrator' });
    if (found.claimed && rows.filter(({ claimed }) => claimed).length === 1) {
      throw new BenchError('hub.last-administrator');
    }
    await sql.query('DELETE FROM admins WHERE id = $1', [id]);
  });
}
