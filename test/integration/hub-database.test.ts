import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { v7 } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Hub, startHub } from '../../hub/hub.ts';
import { inTransaction, openPool } from '../../hub/storage/database.ts';
import { startEmbedded } from '../../hub/storage/embedded.ts';
import { startServer, unprivilegedUser } from '../../hub/storage/postgres.ts';
import { adminOf, BareStation } from '../support/hub.ts';
import { ROOT } from '../support/parts.ts';
import { type TestPostgres, testPostgres } from '../support/postgres.ts';

let folder: string;
let postgres: TestPostgres;
const open: Hub[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repairbench-database-'));
  // As root, PostgreSQL runs as a user of its own and has to get there.
  await chmod(folder, 0o711);
  postgres = await testPostgres(join(folder, 'postgres'));
});
afterEach(async () => {
  for (const hub of open.splice(0)) await hub.close();
});
afterAll(async () => {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

const refusal = (code: string) => expect.objectContaining({ code });
let hubs = 0;
async function serve(databaseUrl?: string): Promise<Hub> {
  hubs += 1;
  const address = { host: '127.0.0.1', port: 0, log: () => {} };
  const dataDir = join(folder, `hub-${hubs}`);
  const hub = await startHub({ ...address, dataDir, ...(databaseUrl ? { databaseUrl } : {}) });
  open.push(hub);
  return hub;
}
const note = (one: BareStation) => one.append('case.noted', v7(), { noteId: v7(), text: 'noted' });
const killQuietly = (pid: number) => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
};
const ready = async ({ address }: Hub) => (await fetch(`${address}/readyz`)).status;

describe('hubs on a PostgreSQL that is not their own', () => {
  it('start at the same moment on an empty one, and what is pushed to one wakes who waits at the other', async () => {
    const url = await postgres.database('shared');
    const all = await Promise.all([serve(url), serve(url), serve(url)]);
    const pool = openPool(url, 1);
    const { rows } = await pool.query(
      'SELECT (SELECT count(*) FROM hub) AS hubs, (SELECT count(*) FROM sites) AS sites',
    );
    await pool.end();
    expect(rows).toEqual([{ hubs: 1, sites: 1 }]);
    const [first, second] = all as [Hub, Hub, Hub];
    // Each printed a link; the last one made is good.
    const admin = await Promise.any(all.map(adminOf));
    const [one, two] = [new BareStation(first.address, 'A'), new BareStation(second.address, 'B')];
    await one.enrol(await admin.code());
    await two.enrol(await admin.code());
    const waiting = two.pull(20);
    const { id } = note(one);
    await one.push(0);
    expect((await waiting).at(-1)).toMatchObject({ id });
    const reader = Object.assign(one.clone(), { address: second.address });
    expect((await reader.pull()).at(-1)).toMatchObject({ id });
  });

  it('say that the database is away when it was killed, and go on when it is back', async () => {
    const hub = await serve(await postgres.database('killed'));
    const admin = await adminOf(hub);
    const one = new BareStation(hub.address, 'K');
    await one.enrol(await admin.code());
    for (let i = 0; i < 20; i++) note(one);
    await one.push(0);
    // Some are in the middle of it; what they were told is kept, the rest is sent again.
    const torn = Array.from({ length: 12 }, () => one.send(one.pushOf(20)).catch((error: unknown) => error));
    const waiting = one.pull(20).catch((error: unknown) => error);
    await postgres.kill();
    for (const outcome of await Promise.all(torn)) {
      expect(outcome).toEqual(
        expect.toSatisfy((it) => 'acknowledged' in it || it.code === 'sync.database-away'),
      );
    }
    note(one);
    await expect(one.push(20)).rejects.toThrow(refusal('sync.database-away'));
    await expect(admin.code()).rejects.toThrow('sync.database-away');
    expect(await ready(hub)).toBe(503);
    expect((await fetch(`${hub.address}/healthz`)).status).toBe(200);
    expect(await (await fetch(`${hub.address}/metrics`)).text()).toContain('repairbench_hub_database_up 0');
    await postgres.start();
    expect(await ready(hub)).toBe(200);
    expect(await one.push(20)).toBe(21);
    await waiting;
    one.readN = 0;
    one.readHash = null;
    expect(await one.pull()).toHaveLength(21);
  });

  it('lose a connection in the middle of a transaction without ending', async () => {
    const pool = openPool(await postgres.database('middle'));
    const cut = inTransaction(pool, async (sql) => {
      await sql.query('CREATE TABLE never (one integer)');
      await postgres.kill();
      // Nobody asks anything while the connection ends.
      await new Promise((resolve) => setImmediate(resolve));
      await postgres.start();
      await sql.query('SELECT 1');
    });
    await expect(cut).rejects.toThrow(/terminated|not queryable/i);
    const { rows } = await pool.query(`SELECT to_regclass('never') AS found`);
    expect(rows).toEqual([{ found: null }]);
    await pool.end();
  });

  it('end within seconds when the database is dead, or says nothing', async () => {
    const [dead, mute] = [
      await serve(await postgres.database('dead')),
      await serve(await postgres.database('mute')),
    ];
    const one = new BareStation(mute.address, 'M');
    await one.enrol(await (await adminOf(mute)).code());
    await postgres.freeze();
    note(one);
    const unanswered = one.push(0).catch((error: unknown) => error);
    expect(await ready(mute)).toBe(503);
    await mute.close();
    expect(await unanswered).toBeInstanceOf(Error);
    await postgres.kill();
    await dead.close();
    open.length = 0;
    await postgres.start();
  });
});

describe('a hub’s own PostgreSQL', () => {
  const postmaster = (dataDir: string) =>
    Number(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);

  it('is started again when it was killed, and its end is no obstacle to the hub’s', async () => {
    const hub = await serve();
    const dataDir = join(folder, `hub-${hubs}`);
    const before = postmaster(dataDir);
    process.kill(before, 'SIGKILL');
    // Its children outlive it for a moment, and could still say that all is well.
    const isAnother = (pid: number) => pid > 0 && pid !== before;
    await expect.poll(() => postmaster(dataDir), { timeout: 30_000 }).toSatisfy(isAnother);
    await expect.poll(() => ready(hub), { timeout: 30_000 }).toBe(200);
    const admin = await adminOf(hub);
    const one = new BareStation(hub.address, 'O');
    await one.enrol(await admin.code());
    note(one);
    expect(await one.push(0)).toBe(1);
    process.kill(postmaster(dataDir), 'SIGKILL');
    await hub.close();
    open.length = 0;
  });

  it('waits for what is left of one that was killed and has not noticed yet', async () => {
    const dataDir = join(folder, 'orphans');
    const before = await startEmbedded(dataDir, () => {});
    await before.stop();
    const { url } = before;
    const port = Number(new URL(url).port);
    const user = await unprivilegedUser();
    const alone = await startServer({ folder: join(dataDir, 'postgres'), port, url, user, log: () => {} });
    await alone.ready;
    const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=', '--ppid', `${alone.process.pid}`]);
    const orphan = Number(stdout.trim().split('\n')[0]);
    process.kill(orphan, 'SIGSTOP');
    onTestFinished(() => killQuietly(orphan));
    alone.process.kill('SIGKILL');
    let refusals = 0;
    const again = await startEmbedded(dataDir, (line) => {
      if (!line.includes('still in use')) return;
      refusals += 1;
      if (refusals === 2) process.kill(orphan, 'SIGCONT');
    });
    await again.stop();
    expect(refusals).toBeGreaterThanOrEqual(2);
  });

  it('is refused to a second hub, and left to the next one by one that was killed', async () => {
    const dataDir = join(folder, 'owned');
    const run = promisify(execFile);
    const start = () => {
      const child = execFile(process.execPath, ['hub/index.ts', '--data', dataDir, '--port', '0'], {
        cwd: ROOT,
      });
      const line = new Promise<{ address: string }>((resolve, reject) => {
        child.stdout?.once('data', (text: string) => resolve(JSON.parse(text)));
        child.once('exit', () => reject(new Error('the hub ended')));
      });
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      return { child, line, ended };
    };
    const first = start();
    await first.line;
    const refused = await run(process.execPath, ['hub/index.ts', '--data', dataDir, '--port', '0'], {
      cwd: ROOT,
    }).catch((error: { code: number; stderr: string }) => error);
    expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining('A hub runs on') });
    // What needs the database only goes by way of the running hub's.
    const { stdout } = await run(process.execPath, ['hub/index.ts', 'code', '--data', dataDir], {
      cwd: ROOT,
    });
    expect(JSON.parse(stdout)).toMatchObject({
      code: expect.stringMatching(/^[A-Z2-9]{4}(-[A-Z2-9]{4}){3}$/),
    });
    first.child.kill('SIGKILL');
    await first.ended;
    const second = start();
    const { address } = await second.line;
    expect((await fetch(`${address}/readyz`)).status).toBe(200);
    second.child.kill('SIGTERM');
    await second.ended;
    expect(second.child.exitCode).toBe(0);
  });
});
