import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrationsDir } from '../testing/store.ts';
import { backup, restore } from './backup.ts';
import { systemClock } from './clock.ts';
import { copyDatabase, migrate, openDatabase, readMigrations } from './database.ts';
import { type FolderOptions, makeFolder, openFolder, places, recoverFolder } from './folder.ts';
import { holdFolder } from './holder.ts';
import { keyFileProtector } from './key-file.ts';
import { hasKeyRing, renewRecoveryKey } from './keyring.ts';
import { formatRecoveryKey, parseRecoveryKey } from './recovery-key.ts';

let root: string;
let options: FolderOptions;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'repairbench-folder-'));
  options = {
    dataDir: join(root, 'data'),
    protector: keyFileProtector(join(root, 'keys')),
    migrationsDir,
    clock: systemClock,
  };
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const code = (expected: string) => expect.objectContaining({ code: expected });

/** A bench with nothing in it. */
async function make() {
  const { filled, recoveryKey } = await makeFolder(options, 'live', async (folder) => folder);
  return { folder: filled, recoveryKey };
}

describe('the recovery key', () => {
  it('survives case, spaces and the letters people confuse', () => {
    const secret = systemClock.random(20);
    const printed = formatRecoveryKey(secret);
    expect(printed).toMatch(/^([0-9A-Z]{5}-){6}[0-9A-Z]{5}$/);
    const sloppy = printed.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l');
    expect(parseRecoveryKey(sloppy)).toEqual(secret);
  });

  it('notices a wrong character', () => {
    const printed = formatRecoveryKey(systemClock.random(20));
    let noticed = 0;
    for (let i = 0; i < printed.length; i++) {
      if (printed[i] === '-') continue;
      const other = printed[i] === 'A' ? 'B' : 'A';
      if (parseRecoveryKey(printed.slice(0, i) + other + printed.slice(i + 1)) === null) noticed += 1;
    }
    expect(noticed).toBe(35);
  });
});

describe('a data folder', () => {
  it('opens with the key file, and with nothing else than the recovery key once that is lost', async () => {
    const { folder, recoveryKey } = await make();
    folder.db.close();
    (await openFolder(options))?.db.close();
    rmSync(join(root, 'keys'), { recursive: true });
    expect(await openFolder(options)).toBeNull();
    const wrong = formatRecoveryKey(systemClock.random(20));
    await expect(recoverFolder(options, wrong)).rejects.toThrow(code('storage.wrong-recovery-key'));
    (await recoverFolder(options, recoveryKey)).db.close();
    const again = await openFolder(options);
    expect(again).not.toBeNull();
    again?.db.close();
  });

  it('holds neither key in the clear', async () => {
    const { folder, recoveryKey } = await make();
    folder.db.close();
    const ring = readFileSync(join(options.dataDir, 'keys.json'), 'utf8');
    expect(ring).not.toContain(recoveryKey);
    expect(readFileSync(places(options.dataDir).database).subarray(0, 15).toString()).not.toBe(
      'SQLite format 3',
    );
  });

  it('is made once', async () => {
    (await make()).folder.db.close();
    await expect(make()).rejects.toThrow(code('storage.already-initialised'));
  });

  it('is no bench until everything is in it, and can be made anew', async () => {
    const failing = makeFolder(options, 'live', async () => {
      throw new Error('no administrator');
    });
    await expect(failing).rejects.toThrow('no administrator');
    expect(hasKeyRing(options.dataDir)).toBe(false);
    const { folder } = await make();
    expect(existsSync(places(options.dataDir).unfinished)).toBe(false);
    folder.db.close();
  });

  it('never throws away a database whose key ring is missing', async () => {
    (await make()).folder.db.close();
    rmSync(join(options.dataDir, 'keys.json'));
    await expect(make()).rejects.toThrow(code('storage.not-empty'));
    expect(existsSync(places(options.dataDir).database)).toBe(true);
  });

  it('takes another recovery key, and the old one opens nothing any more', async () => {
    const { folder, recoveryKey } = await make();
    folder.db.close();
    const next = await renewRecoveryKey(options.dataDir, options.protector);
    rmSync(join(root, 'keys'), { recursive: true });
    await expect(renewRecoveryKey(options.dataDir, options.protector)).rejects.toThrow(
      code('storage.locked'),
    );
    await expect(recoverFolder(options, recoveryKey)).rejects.toThrow(code('storage.wrong-recovery-key'));
    (await recoverFolder(options, next)).db.close();
  });

  it('has one holder, who is named to the second', () => {
    const held = holdFolder(root, 'the desktop app');
    expect(() => holdFolder(root, 'another')).toThrow(code('storage.held'));
    expect(() => holdFolder(root, 'another')).toThrow(/the desktop app, process \d+/);
    held.release();
    holdFolder(root, 'another').release();
  });

  it('refuses a database from the future and leaves it as it was', async () => {
    const { folder } = await make();
    folder.db.pragma('user_version = 9999');
    folder.db.close();
    await expect(openFolder(options)).rejects.toThrow(code('storage.from-the-future'));
  });

  it('copies the database before a migration changes it', () => {
    const key = systemClock.random(32);
    const path = join(root, 'bench.db');
    const db = openDatabase(path, key);
    const one = { number: 1, name: 'one', sql: 'CREATE TABLE a (x INTEGER) STRICT' };
    const two = { number: 2, name: 'two', sql: 'DROP TABLE a' };
    migrate(db, [one], path);
    db.exec('INSERT INTO a VALUES (42)');
    migrate(db, [one, two], path);
    db.close();
    const copy = openDatabase(join(root, 'before-0002.db'), key);
    expect(copy.prepare('SELECT x FROM a').pluck().get()).toBe(42);
    copy.close();
  });

  it('keeps the newest three copies, and takes no torso for one', () => {
    const path = join(root, 'bench.db');
    const db = openDatabase(path, systemClock.random(32));
    const steps = [1, 2, 3, 4, 5].map((number) => ({
      number,
      name: 'x',
      sql: `CREATE TABLE t${number} (x) `,
    }));
    writeFileSync(join(root, 'before-0002.db.new'), 'half of a copy that was cut off');
    for (let known = 1; known <= steps.length; known++) migrate(db, steps.slice(0, known), path);
    db.close();
    expect(readdirSync(root).filter((name) => name.startsWith('before-'))).toEqual([
      'before-0003.db',
      'before-0004.db',
      'before-0005.db',
    ]);
  });

  it('keeps the schema it had when a migration fails', () => {
    const path = join(root, 'bench.db');
    const db = openDatabase(path, systemClock.random(32));
    const one = { number: 1, name: 'one', sql: 'CREATE TABLE a (x INTEGER) STRICT' };
    const bad = { number: 2, name: 'bad', sql: 'CREATE TABLE b (x INTEGER) STRICT; DROP TABLE missing' };
    migrate(db, [one], path);
    expect(() => migrate(db, [one, bad], path)).toThrow('missing');
    expect(db.pragma('user_version', { simple: true })).toBe(1);
    expect(db.prepare("SELECT name FROM sqlite_schema WHERE name = 'b'").get()).toBeUndefined();
    db.close();
  });

  it('has migrations that apply in order', () => {
    expect(readMigrations(migrationsDir).map((migration) => migration.number)).toContain(1);
  });
});

describe('backup and restore', () => {
  const info = { stationId: 's', at: '2026-01-01T00:00:00.000Z', program: '0' };

  async function backedUp(): Promise<string> {
    const { folder } = await make();
    writeFileSync(join(places(options.dataDir).artifacts, 'a'), 'artifact');
    const target = join(root, 'backup');
    await backup(folder.db, options.dataDir, target, info);
    folder.db.close();
    return target;
  }

  it('brings everything back under a new incarnation', async () => {
    const source = await backedUp();
    const before = (await openFolder(options))?.db.prepare('SELECT * FROM station').get();
    const elsewhere = { ...options, dataDir: join(root, 'elsewhere') };
    await restore(source, elsewhere.dataDir);
    const opened = await openFolder(elsewhere);
    const after = opened?.db.prepare('SELECT * FROM station').get();
    expect(opened?.restoredFrom).toMatchObject({
      incarnation: (before as { incarnation: string }).incarnation,
      backupAt: info.at,
    });
    expect(after).toMatchObject({ id: (before as { id: string }).id });
    expect(after).not.toMatchObject({ incarnation: (before as { incarnation: string }).incarnation });
    expect(readFileSync(join(places(elsewhere.dataDir).artifacts, 'a'), 'utf8')).toBe('artifact');
    opened?.db.close();
    // Cut off before it was on record: the same lineage, and no third incarnation.
    const again = await openFolder(elsewhere);
    expect(again?.restoredFrom).toMatchObject({
      backupAt: info.at,
      incarnation: opened?.restoredFrom?.incarnation,
    });
    expect(again?.db.prepare('SELECT * FROM station').get()).toEqual(after);
    again?.restoredFrom?.recorded();
    again?.db.close();
    expect((await openFolder(elsewhere))?.restoredFrom).toBeNull();
  });

  it('refuses a backup in which anything was changed, and writes nothing', async () => {
    const source = await backedUp();
    writeFileSync(join(source, 'artifacts', 'a'), 'artefact');
    const target = join(root, 'elsewhere');
    await expect(restore(source, target)).rejects.toThrow(code('storage.not-a-backup'));
    expect(existsSync(target)).toBe(false);
  });

  it('refuses a manifest that points outside', async () => {
    const source = await backedUp();
    const manifest = JSON.parse(readFileSync(join(source, 'manifest.json'), 'utf8'));
    manifest.files['../evil'] = { bytes: 1, sha256: '0'.repeat(64) };
    writeFileSync(join(source, 'manifest.json'), JSON.stringify(manifest));
    await expect(restore(source, join(root, 'elsewhere'))).rejects.toThrow(code('storage.not-a-backup'));
  });

  it('goes on working while it is backed up: what was written before is in it, whole', async () => {
    const { folder } = await make();
    const { db } = folder;
    db.exec('CREATE TABLE t (x BLOB) STRICT');
    const insert = db.prepare('INSERT INTO t VALUES (randomblob(4000))');
    for (let row = 0; row < 5_000; row++) insert.run();
    const target = join(root, 'backup');
    let more = 0;
    let done = false;
    const running = backup(db, options.dataDir, target, info).finally(() => {
      done = true;
    });
    await expect(backup(db, options.dataDir, join(root, 'second'), info)).rejects.toThrow(
      code('storage.backup-running'),
    );
    while (!done) {
      insert.run();
      more += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await running;
    expect(more).toBeGreaterThan(1);
    expect(db.pragma('wal_autocheckpoint', { simple: true })).toBeGreaterThan(0);
    db.close();
    const elsewhere = { ...options, dataDir: join(root, 'elsewhere') };
    await restore(target, elsewhere.dataDir);
    const copy = await openFolder(elsewhere);
    expect(copy?.db.prepare('SELECT count(*) FROM t').pluck().get()).toBe(5_000);
    expect(copy?.db.pragma('integrity_check', { simple: true })).toBe('ok');
    copy?.db.close();
  });

  it('is not kept inside the bench itself', async () => {
    const { folder } = await make();
    await expect(backup(folder.db, options.dataDir, join(options.dataDir, 'backup'), info)).rejects.toThrow(
      code('input.file'),
    );
    folder.db.close();
  });

  it('overwrites nothing', async () => {
    const source = await backedUp();
    await expect(restore(source, options.dataDir)).rejects.toThrow(code('storage.not-empty'));
  });

  it('copies an encrypted database as an encrypted one', () => {
    const key = systemClock.random(32);
    const db = openDatabase(join(root, 'x.db'), key);
    db.exec("CREATE TABLE a (t TEXT) STRICT; INSERT INTO a VALUES ('secret')");
    copyDatabase(db, join(root, 'y.db'));
    db.close();
    expect(readFileSync(join(root, 'y.db')).includes('secret')).toBe(false);
    copyFileSync(join(root, 'y.db'), join(root, 'z.db'));
    const copy = openDatabase(join(root, 'z.db'), key);
    expect(copy.prepare('SELECT t FROM a').pluck().get()).toBe('secret');
    copy.close();
  });
});
