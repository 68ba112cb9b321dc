import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeFolder } from '../../electron/station/storage/folder.ts';
import { verifyLog } from '../../electron/station/storage/verify-log.ts';
import { CASE } from '../support/evidence.ts';
import { folderOptions, openEvidenceFolder } from '../support/evidence-folder.ts';

const WRITER = fileURLToPath(new URL('../support/evidence-writer.ts', import.meta.url));

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'repairbench-kill-'));
  await makeFolder(folderOptions(root), 'training', async ({ db }) => {
    db.close();
  });
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Runs the writer and kills it right when it tells the `count`th of a step; gives what it acknowledged. */
async function writeUntil(step: string, count: number): Promise<string[]> {
  const child = spawn(process.execPath, [WRITER, root], { stdio: ['ignore', 'pipe', 'inherit'] });
  const acknowledged: string[] = [];
  let seen = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [told, id] = line.split(' ');
    if (id) acknowledged.push(id);
    if (told === step) seen += 1;
    if (seen === count) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');
  return acknowledged;
}

async function filesOn(place: string): Promise<string[]> {
  const folder = join(root, 'data', place);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

it('what was acknowledged survives SIGKILL at every step, and nothing else stays behind', async () => {
  const acknowledged: string[] = [];
  for (const [step, count] of [
    ['open', 2],
    ['written', 1],
    ['finishing', 2],
    ['done', 1],
    ['finishing', 1],
  ] as const) {
    acknowledged.push(...(await writeUntil(step, count)));
    const { artifacts, db } = await openEvidenceFolder(root);
    try {
      await artifacts.sweep();
      const listed = artifacts.listByCase(CASE).map((artifact) => artifact.id);
      // One may have been committed without its acknowledgement getting through.
      expect(listed).toEqual(expect.arrayContaining(acknowledged));
      for (const id of listed) expect(await artifacts.verify(id)).toMatchObject({ ok: true, findings: [] });
      // A file that was finished right before the kill, and is not in the log, lies aside.
      const aside = await filesOn('artifacts/unreferenced');
      const known = (await filesOn('artifacts')).filter((name) => !aside.includes(name));
      expect(known.sort()).toEqual(listed.map((id) => `${id}.rba`).sort());
      expect(await filesOn('artifacts-incoming')).toEqual([]);
      expect((await verifyLog(db)).ok).toBe(true);
    } finally {
      await artifacts.close();
      db.close();
    }
  }
  expect(acknowledged.length).toBeGreaterThanOrEqual(3);
});
