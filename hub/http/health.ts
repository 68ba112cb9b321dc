import { setTimeout as after } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type pg from 'pg';
import { newestBackup } from '../storage/backup-schedule.ts';
import type { createMetrics, Found } from './metrics.ts';

/** A database that says nothing for this long does not answer. */
const PATIENCE_MS = 2_000;

/** For those who watch the hub: whether it lives, whether it can work, and how it does. */
export function healthRoutes(
  app: FastifyInstance,
  pool: pg.Pool,
  metrics: ReturnType<typeof createMetrics>,
  isClosing: () => boolean,
): void {
  app.get('/healthz', async () => ({ ok: true }));

  app.get('/readyz', async (_request, reply) => {
    if (isClosing()) return reply.status(503).send({ ok: false, why: 'stopping' });
    const answered = await soon(pool.query('SELECT 1'));
    if (!answered) return reply.status(503).send({ ok: false, why: 'the database does not answer' });
    return { ok: true };
  });

  app.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4').send(await metrics.text(await soon(find(pool)))),
  );
}

/** What the database says, or null when it does not in time. */
async function soon<T>(asked: Promise<T>): Promise<T | null> {
  const late = new AbortController();
  try {
    return await Promise.race([asked, after(PATIENCE_MS, null, { signal: late.signal })]);
  } catch {
    return null;
  } finally {
    late.abort();
    // Whoever was late fails unheard.
    asked.catch(() => {});
  }
}

async function find(pool: pg.Pool): Promise<Found> {
  const { rows: stations } = await pool.query<{ state: string; count: number }>(
    'SELECT state, count(*) FROM stations GROUP BY state',
  );
  const backup = await newestBackup(pool);
  return { stations, backupAgeS: backup && (Date.now() - backup.made_at.getTime()) / 1000 };
}
