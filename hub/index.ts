import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { onlySite } from './http/admin.ts';
import { openHubDatabase, runningDatabase, startHub } from './hub.ts';
import { makeCode } from './stations/codes.ts';
import { migrate } from './storage/database.ts';

/*
 * The hub: `index.ts [serve] [--data DIR] [--host HOST] [--port N] [--tls-cert FILE --tls-key FILE]`, and
 * `index.ts code [--data DIR]` for a one-time code. `DATABASE_URL` names another PostgreSQL.
 * Standard output carries one JSON line; everything else goes to standard error.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string' },
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '7420' },
    'tls-cert': { type: 'string' },
    'tls-key': { type: 'string' },
  },
});
const dataDir =
  values.data ??
  process.env.REPAIRBENCH_HUB_DATA ??
  (process.getuid?.() === 0
    ? '/var/lib/repairbench-hub'
    : join(homedir(), '.local', 'share', 'repairbench-hub'));
const databaseUrl = process.env.DATABASE_URL;
const log = (line: string, details?: object) =>
  console.error(details ? `${line} ${JSON.stringify(details)}` : line);
const where = { dataDir, log, ...(databaseUrl ? { databaseUrl } : {}) };

const [command = 'serve'] = positionals;
if (command === 'code') await code();
else if (command === 'serve') await serve();
else {
  log(`There is no command “${command}”. Say “serve” or “code”.`);
  process.exit(2);
}

async function serve(): Promise<void> {
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    log(`“${values.port}” is no port: a number from 0 to 65535.`);
    process.exit(2);
  }
  const { 'tls-cert': cert, 'tls-key': key } = values;
  const hub = await startHub({
    ...where,
    host: values.host,
    port,
    ...(cert && key ? { tls: { cert, key } } : {}),
  });
  console.log(JSON.stringify({ address: hub.address, adminLink: hub.adminLink }));
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    void hub.close().then(() => process.exit(0));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
}

async function code(): Promise<void> {
  const running = databaseUrl ? null : await runningDatabase(dataDir);
  const database = running ? { pool: running, close: () => running.end() } : await openHubDatabase(where);
  try {
    await migrate(database.pool);
    console.log(JSON.stringify(await makeCode(database.pool, await onlySite(database.pool))));
  } finally {
    await database.close();
  }
}
