import { mkdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type ArtifactsOptions, createArtifacts } from '../../electron/station/evidence/artifacts.ts';
import { evidenceProjection } from '../../electron/station/evidence/projectors.ts';
import { createCaseKeys } from '../../electron/station/storage/case-keys.ts';
import type { OpKinds } from '../../electron/station/storage/log.ts';
import { testStore } from '../../electron/station/testing/store.ts';
import { evidenceOps } from '../../shared/ops/evidence.ts';

export const WORKER = new URL('../../electron/station/evidence/worker.ts', import.meta.url);
export const ADA = { id: '01890000-0000-7000-8000-0000000000aa', name: 'Ada' };
export const CASE = '01890000-0000-7000-8000-00000000ca5e';

/** Artifacts over a real encrypted store in a folder of its own. */
export function testEvidence(options: Partial<ArtifactsOptions> = {}) {
  const bench = testStore(evidenceOps as unknown as OpKinds, [evidenceProjection]);
  const dir = join(bench.dir, 'artifacts');
  mkdirSync(dir);
  const start = () => {
    const caseKeys = createCaseKeys(bench.db, bench.store.clock);
    const artifacts = createArtifacts({
      store: bench.store,
      dir,
      caseKey: caseKeys.get,
      workerUrl: WORKER,
      minFreeBytes: 0,
      ...options,
    });
    return { caseKeys, artifacts };
  };
  let parts = start();
  return {
    bench,
    dir,
    get artifacts() {
      return parts.artifacts;
    },
    get caseKeys() {
      return parts.caseKeys;
    },
    /** As after a restart of the station. */
    async restart(): Promise<void> {
      await parts.artifacts.close();
      bench.reopen();
      parts = start();
    },
    path: (caseId: string, id: string) => join(dir, caseId, `${id}.rba`),
    /** Every file that evidence keeps, finished or not. */
    async files(): Promise<string[]> {
      const entries = await readdir(bench.dir, { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile() && entry.parentPath.includes('artifacts'))
        .map((entry) => relative(bench.dir, join(entry.parentPath, entry.name)))
        .sort();
    },
    async add(content: Uint8Array, name = 'kernel.log', caseId = CASE): Promise<string> {
      const sink = await parts.artifacts.open({
        caseId,
        runId: null,
        kind: 'log',
        name,
        mime: 'text/plain',
        actor: ADA,
      });
      await sink.write(content);
      return (await sink.finish()).id;
    },
    async dispose(): Promise<void> {
      await parts.artifacts.close();
      await bench.dispose();
    },
  };
}
