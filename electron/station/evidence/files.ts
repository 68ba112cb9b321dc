import { constants } from 'node:fs';
import { access, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from './format/common.ts';
import { uuidBytes } from './format/layout.ts';

const EXTENSION = '.rba';

/** Where artifact files are: `CASE/ARTIFACT.rba`; what is still coming in grows in a folder beside. */
export interface ArtifactPlaces {
  readonly dir: string;
  /** Finished files that the log does not know, as `CASE/ARTIFACT.rba` below. */
  readonly unreferenced: string;
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
    unreferenced: join(dir, 'unreferenced'),
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
  /** Files removed that were still coming in when the station last ended. */
  readonly unfinished: number;
  /** Finished files set aside: no entry of the log knows them. */
  readonly setAside: number;
  /** Files that lay aside and are known now. */
  readonly putBack: number;
}

/**
 * Brings the files in line with the log: removes what never got finished and sets aside what was finished but
 * is not in the log. A crash leaves at most one such file; an older database put back leaves all that was
 * added since, which nobody could get again: so they are kept, and go back to their places when a database
 * that knows them comes back. `known` says whether the log has the artifact, `live` whether it is being
 * written right now.
 */
export async function sweepFiles(
  places: ArtifactPlaces,
  known: (id: string) => boolean,
  live: (id: string) => boolean,
): Promise<SweepReport> {
  let unfinished = 0;
  for (const file of await list(places.incoming)) {
    const id = idOf(file, '.part');
    if (id === null || live(id)) continue;
    await rm(join(places.incoming, file));
    unfinished += 1;
  }
  const { dir, unreferenced } = places;
  const putBack = await moveFiles(unreferenced, dir, known);
  const setAside = await moveFiles(dir, unreferenced, (id) => !known(id) && !live(id));
  return { unfinished, setAside, putBack };
}

/** How many files lie aside. */
export async function countUnreferenced({ unreferenced }: ArtifactPlaces): Promise<number> {
  let count = 0;
  for await (const _ of artifactFiles(unreferenced)) count += 1;
  return count;
}

/** Moves files to the same place below another folder; never onto one that is there. Returns how many. */
async function moveFiles(from: string, to: string, wanted: (id: string) => boolean): Promise<number> {
  let moved = 0;
  for await (const { caseId, file, id } of artifactFiles(from)) {
    if (!wanted(id) || (await isThere(join(to, caseId, file)))) continue;
    await mkdir(to, { recursive: true, mode: 0o700 });
    await makeCaseFolder(to, caseId);
    await rename(join(from, caseId, file), join(to, caseId, file));
    await syncFolder(join(to, caseId));
    moved += 1;
  }
  return moved;
}

async function* artifactFiles(folder: string): AsyncGenerator<{ caseId: string; file: string; id: string }> {
  for (const caseId of await list(folder)) {
    if (!isUuid(caseId)) continue;
    for (const file of await list(join(folder, caseId))) {
      const id = idOf(file, EXTENSION);
      if (id !== null) yield { caseId, file, id };
    }
  }
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

export const isThere = (path: string): Promise<boolean> =>
  access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
