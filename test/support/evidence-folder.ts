import { join } from 'node:path';
import { createArtifacts } from '../../electron/station/evidence/artifacts.ts';
import { evidenceProjection } from '../../electron/station/evidence/projectors.ts';
import { createCaseKeys } from '../../electron/station/storage/case-keys.ts';
import { systemClock } from '../../electron/station/storage/clock.ts';
import { type FolderOptions, openFolder, places } from '../../electron/station/storage/folder.ts';
import { keyFileProtector } from '../../electron/station/storage/key-file.ts';
import { type OpKinds, openLog } from '../../electron/station/storage/log.ts';
import { migrationsDir } from '../../electron/station/testing/store.ts';
import { evidenceOps } from '../../shared/ops/evidence.ts';
import { WORKER } from './evidence.ts';

export const folderOptions = (root: string): FolderOptions => ({
  dataDir: join(root, 'data'),
  protector: keyFileProtector(join(root, 'keys')),
  migrationsDir,
  clock: systemClock,
});

/** Artifacts over a data folder that two processes open one after the other. */
export async function openEvidenceFolder(root: string) {
  const options = folderOptions(root);
  const folder = await openFolder(options);
  if (!folder) throw new Error('the key is missing');
  const store = openLog({
    db: folder.db,
    clock: systemClock,
    kinds: evidenceOps as unknown as OpKinds,
    projections: [evidenceProjection],
  });
  const artifacts = createArtifacts({
    store,
    dir: places(options.dataDir).artifacts,
    caseKey: createCaseKeys(folder.db, systemClock).get,
    workerUrl: WORKER,
    minFreeBytes: 0,
  });
  return { store, artifacts, db: folder.db };
}
