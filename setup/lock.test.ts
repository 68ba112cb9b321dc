import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { temporaryFolder } from '../test/support/folders.ts';
import { lockFile, removeDead, withLock } from './lock.mjs';
import { capture } from './processes.mjs';

describe('one at a time', () => {
  test('work on the same checkout does not overlap, on another one it may', async () => {
    const root = await temporaryFolder();
    const order: string[] = [];
    let let1 = () => {};
    const first = withLock(root, 'test', async () => {
      order.push('first begins');
      await new Promise<void>((resolve) => {
        let1 = resolve;
      });
      order.push('first ends');
    });
    const second = withLock(root, 'test', async () => {
      order.push('second');
    });
    await withLock(await temporaryFolder(), 'test', async () => {
      order.push('elsewhere');
    });
    let1();
    await Promise.all([first, second]);
    expect(order).toEqual(['first begins', 'elsewhere', 'first ends', 'second']);
  });

  test('a failure and a death give the lock free', async () => {
    const root = await temporaryFolder();
    const failing = withLock(root, 'test', () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    const script = `import { withLock } from ${JSON.stringify(new URL('lock.mjs', import.meta.url).href)};
      await withLock(${JSON.stringify(root)}, 'test', () => { console.log('held'); return new Promise(() => setInterval(() => {}, 1000)); });`;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(await withLock(root, 'test', async () => 'mine')).toBe('mine');
  });

  test('a dead holder’s lock is taken over by one of many, who never overlap', async () => {
    const root = await temporaryFolder();
    const log = join(root, 'log');
    const dead = spawn(process.execPath, ['-e', '']);
    await once(dead, 'exit');
    writeFileSync(lockFile(root, 'test'), `${dead.pid} left behind`);
    const script = `import { withLock } from ${JSON.stringify(new URL('lock.mjs', import.meta.url).href)};
      import { appendFileSync } from 'node:fs';
      await withLock(${JSON.stringify(root)}, 'test', async () => {
        appendFileSync(${JSON.stringify(log)}, '[');
        for (let turn = 0; turn < 200; turn += 1) await new Promise(setImmediate);
        appendFileSync(${JSON.stringify(log)}, ']');
      });`;
    const waiters = Array.from({ length: 6 }, () =>
      capture(process.execPath, ['--input-type=module', '-e', script]),
    );
    for (const { code } of await Promise.all(waiters)) expect(code).toBe(0);
    expect(readFileSync(log, 'utf8')).toBe('[]'.repeat(6));
  });

  test('a second remover leaves the lock that came after the dead one alone', async () => {
    const root = await temporaryFolder();
    const file = lockFile(root, 'test');
    onTestFinished(() => rmSync(file, { force: true }));
    const dead = spawn(process.execPath, ['-e', '']);
    await once(dead, 'exit');
    const left = `${dead.pid} left behind`;
    const living = `${process.pid} came after`;
    writeFileSync(file, living);
    removeDead(file, left);
    expect(readFileSync(file, 'utf8')).toBe(living);
    writeFileSync(file, left);
    removeDead(file, left);
    expect(existsSync(file)).toBe(false);
  });

  test('who waits says for whom', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => {});
    onTestFinished(() => void vi.restoreAllMocks());
    const root = await temporaryFolder();
    const file = lockFile(root, 'test');
    // A living process that holds nothing here: its number was used again.
    writeFileSync(file, `${process.pid} left behind`);
    const waiting = withLock(root, 'test', async () => 'mine');
    await expect.poll(() => said.mock.calls.flat().join()).toContain(`process ${process.pid}`);
    expect(said.mock.calls.flat().join()).toContain(file);
    rmSync(file);
    expect(await waiting).toBe('mine');
  });
});
