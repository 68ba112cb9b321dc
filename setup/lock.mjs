import { createHash, randomUUID } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Lets one process at a time do `work` on this checkout: two scripts started together on a fresh clone
 * must not install or build over each other. The lock of a process that has died is taken over; who waits
 * for a living one says so.
 * @template T
 * @param {string} root
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(root, name, work) {
  const file = lockFile(root, name);
  for (let tries = 0; !acquire(file); tries += 1) {
    if (tries === 1)
      console.error(
        `Waiting for ${holderOf(file)} to finish its “${name}”; when there is no such process, remove ${file} …`,
      );
    await pause(200);
  }
  const release = () => rmSync(file, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

/** @param {string} root @param {string} name */
export const lockFile = (root, name) => join(tmpdir(), `repairbench-${name}-${digest(root)}.lock`);

/**
 * Links a file that already names this process, so that a lock never stands there without its holder. A dead
 * holder's lock is removed; whoever looks next takes it.
 * @param {string} file
 * @returns {boolean} whether this process holds it now
 */
function acquire(file) {
  const mine = `${file}.${process.pid}`;
  // Unlike the number, the text is never used again: it tells this lock from every later one.
  writeFileSync(mine, `${process.pid} ${randomUUID()}`);
  try {
    linkSync(mine, file);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    const holder = readOrNull(file);
    if (holder !== null && !lives(holder)) removeDead(file, holder);
    return false;
  } finally {
    rmSync(mine, { force: true });
  }
}

/**
 * Several may see the same dead holder, and the first to remove its lock may have a new one there before the
 * second removes: so only who holds the lock of that very lock removes it, and only while it is still that one.
 * @param {string} file
 * @param {string} holder
 */
export function removeDead(file, holder) {
  const guard = `${file}.${digest(holder)}`;
  if (!acquire(guard)) return;
  try {
    if (readOrNull(file) === holder) rmSync(file, { force: true });
  } finally {
    rmSync(guard, { force: true });
  }
}

/** Whether the process that a lock names lives. @param {string} holder */
function lives(holder) {
  try {
    process.kill(Number.parseInt(holder, 10), 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/** @param {string} file */
function holderOf(file) {
  const pid = Number.parseInt(readOrNull(file) ?? '', 10);
  return Number.isNaN(pid) ? 'another process' : `process ${pid}`;
}

/** @param {string} text */
const digest = (text) => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** @param {string} file */
function readOrNull(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
