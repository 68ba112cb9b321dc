import type { FastifyInstance, FastifyRequest } from 'fastify';
import type pg from 'pg';
import { z } from 'zod';
import { BenchError } from '../../shared/errors/index.ts';
import { makeCode } from '../stations/codes.ts';
import { newestBackup } from '../storage/backup-schedule.ts';
import type { HealthView, ReviewView } from './admin-answers.ts';
import { administrators, admitted, claim, newAdminLink, removeAdministrator } from './admins.ts';

const Claim = z.object({ token: z.string().min(20).max(100), name: z.string().trim().min(1).max(60) });
const MakeCode = z.object({ siteId: z.uuid().optional() });

export interface AdminOptions {
  readonly pool: pg.Pool;
  /** How often the hub makes a backup by itself, in milliseconds. */
  readonly backupEveryMs: number | null;
  read<T>(request: FastifyRequest, schema: z.ZodType<T>): Promise<T>;
}

/** What administrators do: claim their link, make codes, revoke benches and let them in again, see how all is. */
export function adminRoutes(app: FastifyInstance, { pool, backupEveryMs, read }: AdminOptions): void {
  const asks = (request: FastifyRequest): Promise<string> => {
    const [, token = ''] = /^Bearer (\S{20,100})$/.exec(request.headers.authorization ?? '') ?? [];
    return admitted(pool, token);
  };

  app.post('/v1/admin/claim', async (request) => {
    const { token, name } = await read(request, Claim);
    return { token: await claim(pool, token, name) };
  });

  app.post('/v1/admin/codes', async (request) => {
    await asks(request);
    const { siteId } = await read(request, MakeCode);
    return makeCode(pool, siteId ?? (await onlySite(pool)));
  });

  app.get('/v1/admin/stations', async (request) => {
    await asks(request);
    const { rows } = await pool.query(STATIONS);
    return { stations: rows };
  });

  app.get('/v1/admin/reviews', async (request) => {
    await asks(request);
    return { reviews: await reviews(pool) };
  });

  app.get('/v1/admin/health', async (request) => {
    await asks(request);
    return health(pool, backupEveryMs);
  });

  app.get('/v1/admin/administrators', async (request) => {
    const me = await asks(request);
    return { me, administrators: await administrators(pool) };
  });

  app.post('/v1/admin/links', async (request) => {
    await asks(request);
    return newAdminLink(pool);
  });

  app.post<{ Params: { id: string } }>('/v1/admin/administrators/:id/remove', async (request) => {
    await asks(request);
    await removeAdministrator(pool, request.params.id);
    return { ok: true };
  });

  const setState = (path: string, state: 'active' | 'revoked', why: string | null) =>
    app.post<{ Params: { id: string } }>(`/v1/admin/stations/:id/${path}`, async (request) => {
      await asks(request);
      const { rowCount } = await pool.query('UPDATE stations SET state = $2, why = $3 WHERE id::text = $1', [
        request.params.id,
        state,
        why,
      ]);
      if (rowCount !== 1) throw new BenchError('hub.unknown', { what: 'bench' });
      return { ok: true };
    });
  setState('revoke', 'revoked', 'by an administrator');
  setState('admit', 'active', null);
}

const STATIONS = `
  SELECT s.id, s.name, s.prefix, s.site_id AS "siteId", s.state, s.why, s.last_seq AS "lastSeq", e.at AS "lastAt",
    s.backed_up AS "backedUp", s.read_n AS "readN", s.enrolled_at AS "enrolledAt", s.seen_at AS "seenAt",
    s.clock_offset_s AS "clockOffsetS"
  FROM stations s
  LEFT JOIN entries e ON e.station_id = s.id AND e.incarnation = s.incarnation AND e.seq = s.last_seq
  ORDER BY s.name`;

/** What waits for a person; a conflict that was settled at a bench does not. */
const REVIEWS = `
  SELECT r.site_id AS "siteId", r.n, r.op_id AS "opId", r.is_conflict AS "isConflict", e.kind,
    e.entity_id AS "entityId", e.case_id AS "caseId", e.station_id AS "stationId", s.name AS "stationName", e.at,
    e.actor_name AS "actorName", e.outcome
  FROM reviews r
  JOIN entries e ON e.site_id = r.site_id AND e.n = r.n
  JOIN stations s ON s.id = e.station_id
  LEFT JOIN states t ON t.site_id = r.site_id AND t.key = 'settled:' || r.op_id
  WHERE t.key IS NULL
  ORDER BY r.site_id, r.n DESC LIMIT 1000`;

async function reviews(pool: pg.Pool): Promise<ReviewView[]> {
  type Row = Omit<ReviewView, 'outcome' | 'caseNumber'> & { readonly outcome: string };
  const { rows } = await pool.query<Row>(REVIEWS);
  const { rows: openings } = await pool.query<{ case_id: string; body: string }>(
    `SELECT case_id, body FROM entries
     WHERE case_id = ANY ($1::uuid[]) AND kind = 'case.opened' AND body IS NOT NULL AND n IS NOT NULL`,
    [[...new Set(rows.flatMap(({ caseId }) => caseId ?? []))]],
  );
  const numbers = new Map(openings.map(({ case_id, body }) => [case_id, numberIn(body)]));
  return rows.map((row) => ({
    ...row,
    caseNumber: (row.caseId && numbers.get(row.caseId)) ?? null,
    outcome: JSON.parse(row.outcome),
  }));
}

function numberIn(body: string): string | null {
  try {
    return z.object({ number: z.string() }).parse(JSON.parse(body)).number;
  } catch {
    return null;
  }
}

async function health(pool: pg.Pool, backupEveryMs: number | null): Promise<HealthView> {
  const began = performance.now();
  const { rows: versions } = await pool.query<{ server_version: string }>('SHOW server_version');
  const databaseMs = Math.ceil(performance.now() - began);
  const backup = await newestBackup(pool);
  const { rows: sites } = await pool.query(
    `SELECT id, name, n, (SELECT max(made_at) FROM epochs WHERE site_id = s.id) AS "lastRestoredAt"
     FROM sites s ORDER BY name`,
  );
  return {
    databaseMs,
    databaseVersion: versions[0]?.server_version ?? '',
    backup: backup && {
      madeAt: backup.made_at.toISOString(),
      folder: backup.folder,
      bytes: backup.bytes,
    },
    backupEveryS: backupEveryMs === null ? null : Math.round(backupEveryMs / 1000),
    sites,
    hubTime: new Date().toISOString(),
  };
}

/** The site of a hub that has but one. */
export async function onlySite(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM sites ORDER BY made_at LIMIT 2');
  const [site] = rows;
  if (!site || rows.length > 1) throw new Error('Name the site: this hub has several.');
  return site.id;
}
