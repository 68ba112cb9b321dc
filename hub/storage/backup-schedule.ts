import { setTimeout as after } from 'node:timers/promises';
import type pg from 'pg';
import { toBenchError } from '../../shared/errors/index.ts';
import { backup, keepNewest } from './backup.ts';

export interface BackupPlan {
  /** A folder of backups. */
  readonly to: string;
  readonly everyMs: number;
  /** How many stay. */
  readonly keep: number;
}

/** After a failure it is tried again sooner. */
const AGAIN_MS = 10 * 60_000;
/** How long a hub that stops waits for a backup to be given up. */
const PATIENCE_MS = 3_000;
/** The longest that a timer can wait. */
const LONGEST_MS = 2 ** 31 - 1;

/** Makes a backup whenever the newest one is older than the plan says; a failure is logged and tried again. */
export function scheduleBackups(
  pool: pg.Pool,
  dataDir: string,
  { to, everyMs, keep }: BackupPlan,
  log: (line: string, details?: object) => void,
): { close(): Promise<void> } {
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  async function due(): Promise<number> {
    const { made_at } = (await newestBackup(pool)) ?? {};
    return made_at ? made_at.getTime() + everyMs - Date.now() : 0;
  }

  async function work(): Promise<void> {
    if ((await due()) > 0) return;
    const progress = () => stop.signal.throwIfAborted();
    const damaged = (path: string) => log('a damaged blob is not in the backup', { path });
    const report = await backup(pool, { dataDir, to, progress, damaged });
    await keepNewest(to, keep);
    log('a backup was made', report);
  }

  function schedule(ms: number): void {
    if (stop.signal.aborted) return;
    timer = setTimeout(
      () => {
        running = work()
          .then(due)
          .then(schedule, (error: unknown) => {
            if (stop.signal.aborted) return;
            const { message, hint } = toBenchError(error);
            log('no backup could be made', { message, hint });
            schedule(Math.min(everyMs, AGAIN_MS));
          });
      },
      Math.min(Math.max(ms, 0), LONGEST_MS),
    );
  }

  schedule(0);
  return {
    /** A backup under way is given up; one that is in the middle of a large blob is left to the end of the process. */
    async close() {
      stop.abort();
      clearTimeout(timer);
      await Promise.race([running, after(PATIENCE_MS, undefined, { ref: false })]);
    },
  };
}

/** The newest backup that was written whole; null when there is none. */
export async function newestBackup(
  pool: pg.Pool,
): Promise<{ made_at: Date; folder: string; bytes: number } | null> {
  const { rows } = await pool.query<{ made_at: Date; folder: string; bytes: number }>(
    'SELECT made_at, folder, bytes FROM backups ORDER BY made_at DESC LIMIT 1',
  );
  return rows[0] ?? null;
}
