import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AdminClient, adminOf, BareStation, testHub } from '../support/hub.ts';
import { ROOT } from '../support/parts.ts';

let folder: string;
let hub: Awaited<ReturnType<typeof testHub>>;
let admin: AdminClient;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repairbench-commands-'));
  // As root, PostgreSQL runs as a user of its own and has to get there.
  await chmod(folder, 0o711);
  hub = await testHub(folder);
  admin = await hub.admin();
});
afterAll(async () => {
  await hub.close();
  await rm(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** `npm run hub -- …`, to its end. */
function command(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd: ROOT, env: { ...process.env, ...env } };
    execFile(process.execPath, ['hub/index.ts', ...args], options, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}
const place = (name: string) => join(folder, name);
const data = () => ['--data', place('hub')];

describe('the hub’s command line', () => {
  it('backs up a running hub and restores it, one JSON line each', async () => {
    const one = new BareStation(hub.address, 'C1');
    await one.enrol(await admin.code());
    for (let n = 0; n < 10; n++) one.append('case.noted', v7(), { noteId: v7(), text: 'noted' });
    await one.push(0);
    const made = await command(['backup', ...data(), '--to', place('backups')]);
    expect(made).toMatchObject({ code: 0, err: expect.stringContaining('entries: 10') });
    const report = JSON.parse(made.out);
    expect(report).toMatchObject({ entries: 10, blobs: 0, damaged: [] });
    expect(readdirSync(place('backups')).map((name) => join(place('backups'), name))).toEqual([
      report.folder,
    ]);
    const back = await command(['restore', '--data', place('new'), '--from', place('backups')]);
    expect(back).toMatchObject({ code: 0 });
    expect(JSON.parse(back.out)).toMatchObject({ dataDir: place('new'), entries: 10, stations: 1 });
    const checked = await command(['verify', '--data', place('new')]);
    expect(JSON.parse(checked.out)).toEqual({ ok: true, entries: 10 });
    const again = await command(['restore', '--data', place('new'), '--from', place('backups')]);
    expect(again).toMatchObject({ code: 4, out: '', err: expect.stringContaining('something in') });
  });

  it('prints another one-time link for an administrator whose token is lost', async () => {
    const { code, out } = await command(['admin-link', ...data()]);
    expect(code).toBe(0);
    const { adminLink, expiresAt } = JSON.parse(out);
    expect(adminLink).toContain(`${hub.address}/admin#`);
    expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now());
    const other = await adminOf({ address: hub.address, adminLink });
    expect(await other.code()).toMatch(/-/);
    await expect(adminOf({ address: hub.address, adminLink })).rejects.toThrow('hub.used-link');
  });

  it.each<[string, readonly string[], number, string]>([
    ['a command that is none', ['destroy'], 2, 'there is no such command'],
    ['two commands', ['code', 'backup'], 2, 'one command at a time'],
    ['an option that is none', ['serve', '--fast'], 2, '--fast'],
    ['a port that is none', ['serve', '--port', '70000'], 2, '--port'],
    ['half a certificate', ['serve', '--tls-cert', 'cert.pem'], 2, '--tls-key'],
    ['a time that is none', ['serve', '--backup-to', 'x', '--backup-every', 'daily'], 2, '30m, 24h or 7d'],
    ['an address that is none', ['serve', '--url', 'hub'], 2, 'https://hub.example'],
    ['a backup to nowhere', ['backup'], 2, '--to'],
    ['a restore of nothing', ['restore', '--from', '/nonexistent'], 2, 'no whole backup'],
  ])('refuses %s before it does anything', async (_name, args, code, words) => {
    const ended = await command([...args, '--data', place('untouched')]);
    expect(ended).toMatchObject({ code, out: '', err: expect.stringContaining(words) });
    expect(existsSync(place('untouched'))).toBe(false);
  });

  it('says that the database is away, and whose address is taken', async () => {
    const nowhere = { DATABASE_URL: 'postgres://lab:secret@127.0.0.1:9/lab' };
    const away = await command(['code', '--data', place('away')], nowhere);
    expect(away).toMatchObject({ code: 3, err: expect.stringContaining('The database does not answer') });
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    const ended = await command(['serve', '--data', place('taken'), '--port', String(port)]);
    expect(ended).toMatchObject({ code: 3, err: expect.stringContaining('EADDRINUSE') });
    taken.close();
  });
});
