import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

export type Sql = Pick<pg.ClientBase, 'query'>;

const MIGRATIONS = fileURLToPath(new URL('./migrations/', import.meta.url));

/** Numbers of the feed and of logs stay far below 2^53: as numbers, not as text. */
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format),
} as pg.CustomTypesConfig;

/** A connection pool to any PostgreSQL of version 15 or newer. */
export function openPool(connectionString: string, max = 10): pg.Pool {
  const pool = new pg.Pool({ connectionString, max, types });
  // A connection that breaks while nobody uses it is replaced by the pool; whoever uses one gets the error.
  pool.on('error', () => {});
  return pool;
}

/** Runs `work` in a transaction of its own; serialisation failures and deadlocks are tried again. */
export async function inTransaction<T>(pool: pg.Pool, work: (sql: Sql) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const client = await pool.connect();
    let broken: Error | undefined;
    try {
      await client.query('BEGIN');
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((cause: Error) => {
        broken = cause;
      });
      if (!isTransient(error) || attempt === 5) throw error;
    } finally {
      client.release(broken);
    }
  }
}

const isTransient = (error: unknown): boolean =>
  ['40001', '40P01'].includes((error as { code?: string } | null)?.code ?? '');

/**
 * Brings the schema up to date, each migration in a transaction that first locks the table of migrations, so that
 * several hubs may start at once. Throws when the database was written by a newer hub.
 */
export async function migrate(pool: pg.Pool): Promise<void> {
  const files = readdirSync(MIGRATIONS)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  await pool.query('CREATE TABLE IF NOT EXISTS migrations (number integer PRIMARY KEY, name text NOT NULL)');
  const applied = await inTransaction(pool, async (sql) => {
    await sql.query('LOCK TABLE migrations IN EXCLUSIVE MODE');
    const { rows } = await sql.query<{ number: number }>('SELECT number FROM migrations ORDER BY number');
    const known = rows.length;
    if (known > files.length) throw new NewerDatabase(known, files.length);
    for (const [index, name] of files.entries()) {
      if (index < known) continue;
      await sql.query(readFileSync(`${MIGRATIONS}${name}`, 'utf8'));
      await sql.query('INSERT INTO migrations VALUES ($1, $2)', [index + 1, name]);
    }
    return files.length - known;
  });
  if (applied > 0) await pool.query('ANALYZE');
}

/** The database was written by a newer hub; nothing was changed. */
export class NewerDatabase extends Error {
  constructor(found: number, known: number) {
    super(`The hub’s database has schema ${found}, this program knows ${known}. Install the newer hub.`);
  }
}
