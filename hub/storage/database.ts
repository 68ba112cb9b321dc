import { readdirSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { BenchError } from '../../shared/errors/index.ts';

export type Sql = Pick<pg.ClientBase, 'query'>;

const MIGRATIONS = fileURLToPath(new URL('./migrations/', import.meta.url));
/** How long a request waits for a connection while all are in use, or the database says nothing. */
const CONNECTION_MS = 20_000;
/** How long a pool that is closed waits for queries under way. */
const PATIENCE_MS = 3_000;

/** Numbers of the feed and of logs stay far below 2^53: as numbers, not as text. */
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format),
} as pg.CustomTypesConfig;

const sockets = new WeakMap<pg.Pool, Set<Socket>>();

/** A connection pool to any PostgreSQL of version 15 or newer. */
export function openPool(connectionString: string, max = 10): pg.Pool {
  const open = new Set<Socket>();
  const stream = () => {
    const socket = new Socket();
    open.add(socket);
    return socket.once('close', () => open.delete(socket));
  };
  const pool = new pg.Pool({
    ...{ connectionString, max, types, stream },
    connectionTimeoutMillis: CONNECTION_MS,
    keepAlive: true,
  });
  sockets.set(pool, open);
  // A connection that breaks while nobody uses it is replaced by the pool; whoever uses one gets the error.
  pool.on('error', () => {});
  return pool;
}

/** Closes a pool within seconds: who still waits for a database that says nothing is told that it is gone. */
export async function closePool(pool: pg.Pool): Promise<void> {
  setTimeout(() => {
    for (const socket of sockets.get(pool) ?? []) socket.destroy();
  }, PATIENCE_MS).unref();
  await pool.end();
}

const AWAY =
  /^(08...|57P0[123]|53300|ECONN[A-Z]+|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;
const LOST =
  /Connection terminated|timeout exceeded when trying to connect|connection error and is not queryable/;

/** Whether an error says that the database is not there, rather than what it thinks of a query. */
export function isDatabaseAway(error: unknown): boolean {
  const { code, message, syscall } = error as { code?: string; message?: string; syscall?: string };
  // Files can be missing too; sockets alone connect.
  if (code === 'ENOENT') return syscall === 'connect';
  return AWAY.test(code ?? '') || LOST.test(message ?? '');
}

/** Runs `work` in a transaction of its own; serialisation failures and deadlocks are tried again. */
export async function inTransaction<T>(
  pool: pg.Pool,
  work: (sql: Sql) => Promise<T>,
  mode: '' | 'ISOLATION LEVEL REPEATABLE READ READ ONLY' = '',
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const client = await pool.connect();
    let broken: Error | undefined;
    // Between two queries nobody else listens, and an error that nobody listens to ends the process.
    const lost = (error: Error) => {
      broken = error;
    };
    client.on('error', lost);
    try {
      await client.query(`BEGIN ${mode}`);
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch(lost);
      if (!isTransient(error) || attempt === 5) throw error;
    } finally {
      client.off('error', lost);
      client.release(broken);
    }
  }
}

const codeOf = (error: unknown): string => (error as { code?: string } | null)?.code ?? '';
const isTransient = (error: unknown): boolean => ['40001', '40P01'].includes(codeOf(error));
/** What `IF NOT EXISTS` says when somebody else makes the same table at the same moment. */
const isMadeMeanwhile = (error: unknown): boolean => ['23505', '42P07'].includes(codeOf(error));

/** The schema this program knows: how many migrations it has. */
export const SCHEMA = migrations().length;

/**
 * Brings the schema up to date, each migration in a transaction that first locks the table of migrations, so that
 * several hubs may start at once. Throws `hub.newer-database` when the database was written by a newer hub.
 */
export async function migrate(pool: pg.Pool): Promise<void> {
  const applied = await inTransaction(pool, (sql) => migrateTo(sql, SCHEMA)).catch((error: unknown) => {
    if (!isMadeMeanwhile(error)) throw error;
    return inTransaction(pool, (sql) => migrateTo(sql, SCHEMA));
  });
  if (applied > 0) await pool.query('ANALYZE');
}

/** Migrates to a schema inside the caller's transaction; gives how many migrations that took. */
export async function migrateTo(sql: Sql, schema: number): Promise<number> {
  await sql.query('CREATE TABLE IF NOT EXISTS migrations (number integer PRIMARY KEY, name text NOT NULL)');
  await sql.query('LOCK TABLE migrations IN EXCLUSIVE MODE');
  const { rows } = await sql.query<{ number: number }>('SELECT number FROM migrations');
  const found = rows.length;
  if (found > SCHEMA) throw new BenchError('hub.newer-database', { found, known: SCHEMA });
  const missing = migrations().slice(found, schema);
  for (const [index, name] of missing.entries()) {
    await sql.query(readFileSync(`${MIGRATIONS}${name}`, 'utf8'));
    await sql.query('INSERT INTO migrations VALUES ($1, $2)', [found + index + 1, name]);
  }
  return missing.length;
}

function migrations(): string[] {
  return readdirSync(MIGRATIONS)
    .filter((name) => name.endsWith('.sql'))
    .sort();
}
