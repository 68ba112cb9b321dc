import { readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createArtifacts } from '../../electron/station/evidence/artifacts.ts';
import { ArtifactReader } from '../../electron/station/evidence/format/reader.ts';
import { logText } from '../../electron/station/evidence/testing.ts';
import { ADA, CASE, testEvidence, WORKER } from '../support/evidence.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });

let evidence: ReturnType<typeof testEvidence>;
beforeEach(() => {
  evidence = testEvidence();
});
afterEach(() => evidence.dispose());

describe('reading range by range', () => {
  /** Files of artifacts that this process has open. */
  async function openFiles(): Promise<string[]> {
    const links = await readdir('/proc/self/fd');
    const targets = await Promise.all(links.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
    return targets.filter((target) => target.startsWith(evidence.dir)).sort();
  }
  const readAll = async (id: string, size: number) => {
    const parts: Buffer[] = [];
    for (let at = 0; at < size; at += 1000) parts.push(await evidence.artifacts.read(id, at, 1000));
    return Buffer.concat(parts);
  };

  it('opens the file once, and closes it when nobody reads it any more or the station ends', async () => {
    const timers = vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const content = logText(5000);
    const id = await evidence.add(content);
    const opened = vi.spyOn(ArtifactReader, 'open');
    onTestFinished(() => opened.mockRestore());
    expect((await readAll(id, content.length)).equals(content)).toBe(true);
    expect(opened).toHaveBeenCalledTimes(1);
    expect(await openFiles()).toEqual([evidence.path(CASE, id)]);
    await timers.advanceTimersByTimeAsync(11_000);
    await expect.poll(openFiles).toEqual([]);
    await evidence.artifacts.read(id, 0, 1);
    expect(await openFiles()).toHaveLength(1);
    await evidence.artifacts.close();
    expect(await openFiles()).toEqual([]);
  });

  it('keeps few files open, whatever is read at once', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 12; n++) ids.push(await evidence.add(Buffer.from(`content ${n}`)));
    const read = await Promise.all(ids.map((id) => evidence.artifacts.read(id, 0, 100)));
    expect(read.map(String)).toEqual(ids.map((_, n) => `content ${n}`));
    await expect.poll(async () => (await openFiles()).length).toBe(8);
  });

  it('a file that was put right is read, and an erased case’s is closed at once', async () => {
    const id = await evidence.add(logText(5000));
    const path = evidence.path(CASE, id);
    const good = await readFile(path);
    const bad = Buffer.from(good);
    bad[100] = (bad[100] ?? 0) ^ 1;
    await writeFile(path, bad);
    await expect(evidence.artifacts.read(id, 0, 1)).rejects.toThrow(code('artifact.damaged'));
    await rm(path);
    await writeFile(path, good);
    expect(await evidence.artifacts.read(id, 0, 1)).toHaveLength(1);
    evidence.caseKeys.erase(CASE);
    await expect(evidence.artifacts.read(id, 0, 1)).rejects.toThrow(code('artifact.erased'));
    await expect.poll(openFiles).toEqual([]);
  });
});

describe('a case’s key', () => {
  it('lies nowhere in the station after its use', async () => {
    const given: Uint8Array[] = [];
    const { store } = evidence.bench;
    const artifacts = createArtifacts({
      ...{ store, dir: evidence.dir, workerUrl: WORKER, minFreeBytes: 0 },
      caseKey(caseId) {
        const key = evidence.caseKeys.get(caseId);
        if (key) given.push(key);
        return key;
      },
    });
    const sink = await artifacts.open({
      caseId: CASE,
      runId: null,
      kind: 'log',
      name: 'a.log',
      mime: 'text/plain',
      actor: ADA,
    });
    await sink.write(logText(5000));
    await sink.finish();
    await artifacts.read(sink.id, 0, 10);
    await artifacts.verify(sink.id);
    await artifacts.search(sink.id, { query: 'x', regex: false, caseSensitive: true, fromLine: 1, limit: 1 });
    await artifacts.close();
    expect(given.length).toBeGreaterThanOrEqual(5);
    for (const key of given) expect(Buffer.from(key).equals(Buffer.alloc(32))).toBe(true);
  });
});
