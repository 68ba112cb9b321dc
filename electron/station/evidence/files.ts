import { constants } from 'node:fs';
import { access, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from './format/common.ts';
import { uuidBytes } from './format/layout.ts';

const EXTENSION = '.rba';

/** Where artifact files are: `CASE/ARTIFACT.rba`; what is still coming in grows in a folder beside. */
export interface ArtifactPlaces {
  readonly dir: string;
  readonly incoming: string;
  path(caseId: string, id: string): string;
  temporary(id: string): string;
}

export function artifactPlaces(dir: string, incoming: string): ArtifactPlaces {
  const checked = (id: string): string => {
    // Throws on anything but a UUID: no other text ever becomes part of a path.
    uuidBytes(id);
    return id;
  };
  return {
    dir,
    incoming,
    path: (caseId, id) => join(dir, checked(caseId), `${checked(id)}${EXTENSION}`),
    temporary: (id) => join(incoming, `${checked(id)}.part`),
  };
}

/** Makes the case's folder durable before a file is put into it. */
export async function makeCaseFolder(dir: string, caseId: string): Promise<void> {
  const folder = join(dir, caseId);
  if (await isThere(folder)) return;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await syncFolder(dir);
}

export interface SweepReport {
  /** Files that were still coming in when the station last ended. */
  readonly unfinished: number;
  /** Finished files that no entry of the log knows. */
  readonly unreferenced: number;
  readonly bytes: number;
}

/**
 * Removes what a crash can leave behind: unfinished files, and files that were finished but not yet in the
 * log. `known` says whether the log has the artifact, `live` whether it is being written right now.
 */
export async function sweepFiles(
  places: ArtifactPlaces,
  known: (id: string) => boolean,
  live: (id: string) => boolean,
): Promise<SweepReport> {
  let bytes = 0;
  const remove = async (path: string): Promise<number> => {
    bytes += (await stat(path)).size;
    await rm(path);
    return 1;
  };
  let unfinished = 0;
  for (const file of await list(places.incoming)) {
    const id = idOf(file, '.part');
    if (id !== null && !live(id)) unfinished += await remove(join(places.incoming, file));
  }
  let unreferenced = 0;
  for (const folder of await list(places.dir)) {
    if (!isUuid(folder)) continue;
    for (const file of await list(join(places.dir, folder))) {
      const id = idOf(file, EXTENSION);
      if (id !== null && !known(id) && !live(id)) {
        unreferenced += await remove(join(places.dir, folder, file));
      }
    }
  }
  return { unfinished, unreferenced, bytes };
}

/** The artifact a file's name speaks of; null for files that are not ours to touch. */
function idOf(file: string, extension: string): string | null {
  const id = file.endsWith(extension) ? file.slice(0, -extension.length) : '';
  return isUuid(id) ? id : null;
}

function isUuid(text: string): boolean {
  try {
    uuidBytes(text);
    return true;
  } catch {
    return false;
  }
}

async function list(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

const isThere = (path: string): Promise<boolean> =>
  access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
