import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import type { ArtifactsOptions } from '../../electron/station/evidence/artifacts.ts';
import { createEvidencePool } from '../../electron/station/evidence/pool.ts';
import { logText, writeArtifact } from '../../electron/station/evidence/testing.ts';
import { testEvidence, WORKER } from '../support/evidence.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });
const ALL = { query: 'timeout', regex: false, caseSensitive: true, fromLine: 1, limit: 1000 };
const CATASTROPHE = { ...ALL, regex: true, query: '^(a+)+$' };

let evidence: ReturnType<typeof testEvidence>;
function start(options: Partial<ArtifactsOptions> = {}) {
  evidence = testEvidence(options);
  return evidence;
}
afterEach(() => evidence.dispose());

describe('a search in a thread', () => {
  it('leaves the station free to answer', async () => {
    start();
    const id = await evidence.add(logText(8 * 1024 * 1024));
    let turns = 0;
    let searching = true;
    const spin = () => {
      turns += 1;
      if (searching) setImmediate(spin);
    };
    spin();
    const { hits, nextLine } = await evidence.artifacts.search(id, { ...ALL, query: 'nowhere to be found' });
    searching = false;
    expect({ hits, nextLine }).toEqual({ hits: [], nextLine: null });
    expect(turns).toBeGreaterThan(100);
  });

  it('with a pattern that explodes is stopped, names the line, and the next one works', async () => {
    start({ threads: { size: 1, stuckMs: 200 } });
    const id = await evidence.add(Buffer.from(`fine\n${'a'.repeat(60)}b\nfine timeout\n`));
    await expect(evidence.artifacts.search(id, CATASTROPHE)).rejects.toThrow(
      expect.objectContaining({ code: 'search.too-slow', params: { line: 2 } }),
    );
    const { hits } = await evidence.artifacts.search(id, ALL);
    expect(hits).toEqual([{ line: 3, offset: 67, text: 'fine timeout' }]);
  });

  it('ends its page after a while, and goes on from there', async () => {
    start({ searchPageMs: 0 });
    const content = logText(3 * 1024 * 1024);
    const id = await evidence.add(content);
    let lines = 0;
    let pages = 0;
    for (let fromLine: number | null = 1; fromLine !== null; pages++) {
      const page = await evidence.artifacts.search(id, { ...ALL, fromLine, limit: 100_000 });
      lines += page.hits.length;
      fromLine = page.nextLine;
    }
    expect(pages).toBeGreaterThan(1);
    expect(lines).toBe(
      content
        .toString()
        .split('\n')
        .filter((line) => line.includes('timeout')).length,
    );
  });

  it('is stopped on request: before it starts, while it waits, while it runs, while it is stuck', async () => {
    start({ threads: { size: 1, stuckMs: 60_000, graceMs: 100 } });
    const id = await evidence.add(Buffer.from(`${'a'.repeat(60)}b\n`));
    const reason = new Error('changed my mind');
    const gone = AbortSignal.abort(reason);
    await expect(evidence.artifacts.search(id, ALL, gone)).rejects.toBe(reason);

    const running = new AbortController();
    const waiting = new AbortController();
    const first = evidence.artifacts.search(id, CATASTROPHE, running.signal);
    const second = evidence.artifacts.search(id, ALL, waiting.signal);
    const third = evidence.artifacts.search(id, ALL);
    waiting.abort(reason);
    await expect(second).rejects.toBe(reason);
    running.abort(reason);
    await expect(first).rejects.toBe(reason);
    expect((await third).hits).toEqual([]);
  });

  it('serves more jobs than there are threads', async () => {
    start({ threads: { size: 2 } });
    const id = await evidence.add(logText(100_000));
    const all = await Promise.all(Array.from({ length: 12 }, () => evidence.artifacts.search(id, ALL)));
    expect(new Set(all.map((result) => JSON.stringify(result))).size).toBe(1);
  });

  it('ends with the station', async () => {
    start({ threads: { stuckMs: 60_000 } });
    const id = await evidence.add(Buffer.from(`${'a'.repeat(60)}b\n`));
    const running = evidence.artifacts.search(id, CATASTROPHE);
    const ended = expect(running).rejects.toThrow(code('bench.interrupted'));
    await evidence.artifacts.close();
    await ended;
    await expect(evidence.artifacts.search(id, ALL)).rejects.toThrow(code('bench.interrupted'));
  });
});

it('a thread that dies is an error with words, and the next job gets a new one', async () => {
  start();
  const folder = await mkdtemp(join(tmpdir(), 'repairbench-worker-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const { file, stored } = await writeArtifact(folder, [Buffer.from('x')]);
  const worker = join(folder, 'worker.mjs');
  await writeFile(
    worker,
    `import { parentPort } from 'node:worker_threads';
     parentPort.once('message', ({ job }) => {
       if (job.file.id === '${file.id}') process.exit(3);
       parentPort.postMessage({ type: 'done', result: { chunks: 7, findings: [] } });
     });`,
  );
  const pool = createEvidencePool({ workerUrl: pathToFileURL(worker), size: 1 });
  const job = { type: 'verify', file, expected: stored } as const;
  await expect(pool.run(job)).rejects.toThrow(code('evidence.worker-died'));
  expect(await pool.run({ ...job, file: { ...file, id: 'another' } })).toEqual({ chunks: 7, findings: [] });
  await pool.close();

  const missing = createEvidencePool({ workerUrl: new URL('./none.ts', WORKER) });
  await expect(missing.run(job)).rejects.toThrow(code('evidence.worker-died'));
  await missing.close();
});
