import { createHash, randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createArtifacts } from '../../electron/station/evidence/artifacts.ts';
import { logText } from '../../electron/station/evidence/testing.ts';
import { verifyLog } from '../../electron/station/storage/verify-log.ts';
import { evidenceOps } from '../../shared/ops/evidence.ts';
import { ADA, CASE, testEvidence, WORKER } from '../support/evidence.ts';

const CHUNK = 1024 * 1024;
const code = (expected: string) => expect.objectContaining({ code: expected });
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const asked = {
  caseId: CASE,
  runId: null,
  kind: 'log',
  name: 'a.log',
  mime: 'text/plain',
  actor: ADA,
} as const;

let evidence: ReturnType<typeof testEvidence>;
beforeEach(() => {
  evidence = testEvidence();
});
afterEach(() => evidence.dispose());

describe('an artifact', () => {
  it('comes in, is listed, read, searched and verified', async () => {
    const content = logText(2 * CHUNK + 100);
    const sink = await evidence.artifacts.open({ ...asked, name: '../dmesg\n.txt' });
    for (let at = 0; at < content.length; at += 100_000) await sink.write(content.subarray(at, at + 100_000));
    const finished = await sink.finish({ sha256ByUnit: sha256(content).toUpperCase() });
    expect(finished).toEqual({ id: sink.id, size: content.length, sha256: sha256(content) });

    const artifact = evidence.artifacts.get(sink.id);
    expect(artifact).toMatchObject({
      caseId: CASE,
      name: '_dmesg .txt',
      size: content.length,
      sha256: sha256(content),
      addedBy: 'Ada',
      hashedByUnit: true,
    });
    expect(evidence.artifacts.listByCase(CASE)).toEqual([artifact]);
    expect(evidence.artifacts.sha256Of(sink.id)).toBe(artifact.sha256);

    const bytes = await evidence.artifacts.read(sink.id, CHUNK - 50, 100);
    expect(bytes.equals(content.subarray(CHUNK - 50, CHUNK + 50))).toBe(true);
    expect(await evidence.artifacts.read(sink.id, content.length - 5, 10)).toHaveLength(5);
    expect(await evidence.artifacts.read(sink.id, content.length + 5, 10)).toHaveLength(0);

    const query = { query: 'TIMEOUT', regex: false, caseSensitive: false, fromLine: 1, limit: 5 };
    const found = await evidence.artifacts.search(sink.id, query);
    expect(found.hits).toHaveLength(5);
    expect(found.hits.every((hit) => hit.text.includes('timeout'))).toBe(true);

    expect(await evidence.artifacts.verify(sink.id)).toEqual({
      ok: true,
      what: 'artifact',
      checked: 3,
      summary: '“_dmesg .txt” is whole: 2,097,252 bytes in 3 chunks, as the log recorded it.',
      findings: [],
    });

    expect((await verifyLog(evidence.bench.db)).ok).toBe(true);
    const [op] = evidence.bench.store.byCase(CASE);
    expect(evidenceOps['artifact.added'].describe(op?.body as never)).toBe(
      'Log “_dmesg .txt” added, 2.1 MB, its hash confirmed by the unit',
    );
  });

  it('is still there after a restart, and after its tables were built anew from the log', async () => {
    const id = await evidence.add(logText(1000));
    const before = evidence.artifacts.get(id);
    await evidence.restart();
    expect(evidence.artifacts.get(id)).toEqual(before);
    evidence.bench.store.rebuild();
    expect(evidence.artifacts.get(id)).toEqual(before);
    expect((await evidence.artifacts.verify(id)).ok).toBe(true);
  });

  it('says when the unit’s own hash differs, or that there is none', async () => {
    const sink = await evidence.artifacts.open(asked);
    await sink.finish({ sha256ByUnit: '0'.repeat(64) });
    expect(evidence.artifacts.get(sink.id).hashedByUnit).toBe(false);
    expect(evidence.artifacts.get(await evidence.add(Buffer.from('x'))).hashedByUnit).toBeNull();
  });

  it('is refused before a byte is taken when its description is bad', async () => {
    const bad = code('input.invalid');
    await expect(evidence.artifacts.open({ ...asked, mime: 'x'.repeat(101) })).rejects.toThrow(bad);
    await expect(evidence.artifacts.open({ ...asked, caseId: '../../etc' })).rejects.toThrow(bad);
    expect(await evidence.files()).toEqual([]);
  });

  it('that nobody knows is not found', async () => {
    for (const call of [
      async () => evidence.artifacts.get('../x'),
      () => evidence.artifacts.read('../x', 0, 1),
      () => evidence.artifacts.verify('../x'),
    ]) {
      await expect(call()).rejects.toThrow(code('input.not-found'));
    }
  });
});

describe('file first, then the log', () => {
  it('an entry that cannot be written leaves no file', async () => {
    const sink = await evidence.artifacts.open(asked);
    await sink.write(randomBytes(100));
    evidence.bench.db.exec('DROP TABLE artifacts');
    evidence.bench.db.exec('CREATE TABLE artifacts (id TEXT) STRICT');
    await expect(sink.finish()).rejects.toThrow();
    expect(await evidence.files()).toEqual([]);
    expect(evidence.bench.store.byCase(CASE)).toEqual([]);
  });

  it('the file is complete under its name when the entry is written', async () => {
    const seen: string[][] = [];
    const { append } = evidence.bench.store;
    const content = logText(CHUNK + 1);
    const sink = await evidence.artifacts.open(asked);
    await sink.write(content);
    const pending: Promise<void>[] = [];
    evidence.bench.store.append = (actor, inputs) => {
      pending.push(evidence.files().then((files) => void seen.push(files)));
      return append(actor, inputs);
    };
    await sink.finish();
    await Promise.all(pending);
    expect(seen).toEqual([[join('artifacts', CASE, `${sink.id}.rba`)]]);
  });

  it('a full disk leaves nothing, and the bench goes on when there is space', async () => {
    const { artifacts, caseKeys, dir } = evidence;
    const full = createArtifacts({
      ...{ store: evidence.bench.store, dir, caseKey: caseKeys.get, workerUrl: WORKER },
      minFreeBytes: 2 ** 60,
    });
    await expect(full.open(asked)).rejects.toThrow(code('artifact.disk-full'));
    await full.close();
    expect(await evidence.files()).toEqual([]);
    expect(artifacts.listByCase(CASE)).toEqual([]);
    const id = await evidence.add(Buffer.from('x'));
    expect(await artifacts.verify(id)).toMatchObject({ ok: true });
  });

  it('discarding leaves nothing, and after the end does nothing', async () => {
    const sink = await evidence.artifacts.open(asked);
    await sink.write(randomBytes(100));
    await sink.discard();
    expect(await evidence.files()).toEqual([]);
    const other = await evidence.artifacts.open(asked);
    await other.finish();
    await other.discard();
    expect((await evidence.artifacts.verify(other.id)).ok).toBe(true);
  });

  it('sweeping removes what never got finished, and nothing that is not ours', async () => {
    const kept = await evidence.add(logText(5000));
    const incoming = `${evidence.dir}-incoming`;
    await writeFile(join(incoming, '01890000-0000-7000-8000-0000000000bb.part'), 'half');
    await writeFile(join(incoming, 'README'), 'not ours');
    await writeFile(join(evidence.dir, 'notes.txt'), 'not ours');
    const writing = await evidence.artifacts.open(asked);
    await writing.write(randomBytes(10));
    const nothing = { unfinished: 0, setAside: 0, putBack: 0 };
    expect(await evidence.artifacts.sweep()).toEqual({ ...nothing, unfinished: 1 });
    expect(await evidence.artifacts.sweep()).toEqual(nothing);
    await writing.finish();
    expect(await evidence.files()).toHaveLength(4);
    for (const id of [kept, writing.id]) expect((await evidence.artifacts.verify(id)).ok).toBe(true);
  });

  it('what an older database does not know is kept aside, and back in its place with the newer one', async () => {
    const { db } = evidence.bench;
    const kept = await evidence.add(logText(5000));
    const lost = await evidence.add(logText(6000), 'lost.log', '01890000-0000-7000-8000-00000000ca5f');
    const row = db.prepare('SELECT * FROM artifacts WHERE id = ?').get(lost) as Record<string, unknown>;
    db.prepare('DELETE FROM artifacts WHERE id = ?').run(lost);
    const nothing = { unfinished: 0, setAside: 0, putBack: 0 };
    expect(await evidence.artifacts.sweep()).toEqual({ ...nothing, setAside: 1 });
    expect(await evidence.artifacts.sweep()).toEqual(nothing);
    const folder = join(evidence.dir, 'unreferenced');
    expect(await evidence.artifacts.unreferenced()).toEqual({ count: 1, folder });

    const columns = Object.keys(row);
    db.prepare(`INSERT INTO artifacts (${columns}) VALUES (${columns.map((name) => `:${name}`)})`).run(row);
    expect(await evidence.artifacts.sweep()).toEqual({ ...nothing, putBack: 1 });
    expect((await evidence.artifacts.unreferenced()).count).toBe(0);
    for (const id of [kept, lost]) expect((await evidence.artifacts.verify(id)).ok).toBe(true);
  });
});

describe('an erased case', () => {
  it('gives nothing of its artifacts any more, and takes none', async () => {
    const id = await evidence.add(logText(1000));
    const writing = await evidence.artifacts.open(asked);
    await writing.write(randomBytes(10));
    evidence.caseKeys.erase(CASE);
    const erased = code('artifact.erased');
    await expect(evidence.artifacts.read(id, 0, 1)).rejects.toThrow(erased);
    await expect(evidence.artifacts.verify(id)).rejects.toThrow(erased);
    await expect(evidence.artifacts.open(asked)).rejects.toThrow(erased);
    await expect(writing.finish()).rejects.toThrow(erased);
    expect(await evidence.files()).toHaveLength(1);
    expect(evidence.artifacts.get(id).sha256).toMatch(/^[0-9a-f]{64}$/);
    expect((await verifyLog(evidence.bench.db)).ok).toBe(true);
  });
});

describe('a damaged file', () => {
  const content = logText(3 * CHUNK);
  let id: string;
  let path: string;
  beforeEach(async () => {
    id = await evidence.add(content);
    path = evidence.path(CASE, id);
    const bytes = await readFile(path);
    // Well inside the second chunk: log text shrinks to about a third.
    const at = Math.floor(bytes.length / 2);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await writeFile(path, bytes);
  });

  it('is reported with the chunk and its bytes', async () => {
    const report = await evidence.artifacts.verify(id);
    expect(report).toMatchObject({ ok: false, checked: 3 });
    expect(report.findings).toMatchObject([
      { where: 'chunk 2 of 3 (bytes 1,048,576 to 2,097,151)', code: 'chunk.damaged' },
    ]);
    expect(report.summary).toContain('chunk 2 of 3 (bytes 1,048,576 to 2,097,151)');
  });

  it('is never shown or searched past', async () => {
    const damaged = code('artifact.damaged');
    await expect(evidence.artifacts.read(id, CHUNK, 10)).rejects.toThrow(damaged);
    expect((await evidence.artifacts.read(id, 0, 10)).equals(content.subarray(0, 10))).toBe(true);
    const query = { query: 'nowhere', regex: false, caseSensitive: true, fromLine: 1, limit: 5 };
    await expect(evidence.artifacts.search(id, query)).rejects.toThrow(damaged);
  });

  it('that is missing is named as missing', async () => {
    await rm(path);
    await expect(evidence.artifacts.read(id, 0, 1)).rejects.toThrow(code('artifact.missing'));
    expect((await evidence.artifacts.verify(id)).findings).toMatchObject([{ code: 'file.missing' }]);
  });
});
