import { createHash, randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type pg from 'pg';
import { z } from 'zod';
import { makeCode } from '../stations/codes.ts';

const Claim = z.object({ token: z.string().min(20).max(100), name: z.string().min(1).max(60) });
const MakeCode = z.object({ siteId: z.uuid().optional() });

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();
const secret = (): string => randomBytes(32).toString('base64url');

/** The first administrator's one-time token; null when somebody administers the hub already. */
export async function firstAdminToken(pool: pg.Pool): Promise<string | null> {
  const { rows } = await pool.query<{ claimed: boolean }>('SELECT claimed FROM admins');
  if (rows.some(({ claimed }) => claimed)) return null;
  const token = secret();
  // A link that was never used is replaced: the one that was printed last works.
  await pool.query('DELETE FROM admins WHERE NOT claimed');
  await pool.query('INSERT INTO admins (hash, claimed, made_at) VALUES ($1, false, now())', [hashOf(token)]);
  return token;
}

class NotAdmittedError extends Error {
  readonly statusCode = 401;
  constructor() {
    super('Administrators only. Send the token you got when you used your one-time link.');
  }
}

/** What administrators do: claim their link, make codes, revoke benches and let them in again. */
export function adminRoutes(
  app: FastifyInstance,
  pool: pg.Pool,
  read: <T>(request: FastifyRequest, schema: z.ZodType<T>) => Promise<T>,
): void {
  app.post('/v1/admin/claim', async (request) => {
    const { token, name } = await read(request, Claim);
    const mine = secret();
    const { rowCount } = await pool.query(
      'UPDATE admins SET hash = $2, name = $3, claimed = true WHERE hash = $1 AND NOT claimed',
      [hashOf(token), hashOf(mine), name],
    );
    if (rowCount !== 1) throw new NotAdmittedError();
    return { token: mine };
  });

  const admitted = async (request: FastifyRequest): Promise<void> => {
    const [, token = ''] = /^Bearer (\S{20,100})$/.exec(request.headers.authorization ?? '') ?? [];
    const { rows } = await pool.query('SELECT 1 FROM admins WHERE hash = $1 AND claimed', [hashOf(token)]);
    if (rows.length === 0) throw new NotAdmittedError();
  };

  app.post('/v1/admin/codes', async (request) => {
    await admitted(request);
    const { siteId } = await read(request, MakeCode);
    return makeCode(pool, siteId ?? (await onlySite(pool)));
  });

  app.get('/v1/admin/stations', async (request) => {
    await admitted(request);
    const { rows } = await pool.query(
      `SELECT id, name, prefix, site_id AS "siteId", state, why, last_seq AS "lastSeq", read_n AS "readN",
         enrolled_at AS "enrolledAt", seen_at AS "seenAt" FROM stations ORDER BY name`,
    );
    return { stations: rows };
  });

  app.get('/v1/admin/reviews', async (request) => {
    await admitted(request);
    const { rows } = await pool.query<{ outcome: string }>(
      `SELECT r.n, r.op_id AS "opId", r.is_conflict AS "isConflict", e.kind,
         e.entity_id AS "entityId", e.station_id AS "stationId", e.at, e.actor_name AS "actorName", e.outcome
       FROM reviews r JOIN entries e ON e.site_id = r.site_id AND e.n = r.n
       ORDER BY r.site_id, r.n DESC LIMIT 1000`,
    );
    return { reviews: rows.map((row) => ({ ...row, outcome: JSON.parse(row.outcome) })) };
  });

  const setState = (path: string, state: 'active' | 'revoked', why: string | null) =>
    app.post<{ Params: { id: string } }>(`/v1/admin/stations/:id/${path}`, async (request, reply) => {
      await admitted(request);
      const { rowCount } = await pool.query('UPDATE stations SET state = $2, why = $3 WHERE id::text = $1', [
        request.params.id,
        state,
        why,
      ]);
      return rowCount === 1 ? { ok: true } : reply.status(404).send({ ok: false });
    });
  setState('revoke', 'revoked', 'by an administrator');
  setState('admit', 'active', null);
}

/** The site of a hub that has but one. */
export async function onlySite(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM sites ORDER BY made_at LIMIT 2');
  const [site] = rows;
  if (!site || rows.length > 1) throw new Error('Name the site: this hub has several.');
  return site.id;
}
