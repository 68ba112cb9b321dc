import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { RANGE_LIMIT } from '../../shared/contract/station.ts';
import { BenchError } from '../../shared/errors/index.ts';
import type { Artifact, ArtifactKind } from '../../shared/model/evidence.ts';
import type { Context } from './context.ts';

const MIME: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  txt: 'text/plain',
  log: 'text/plain',
};

/** Uploads a file in ranges, hashed on this side; the station refuses it when its own hash differs. */
export async function uploadFile(
  { client }: Context,
  { caseId, runId, kind, path }: { caseId: string; runId: string | null; kind: ArtifactKind; path: string },
): Promise<Artifact> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new BenchError('input.file', { path, detail: 'it cannot be opened' }, { cause });
  });
  try {
    const extension = path.split('.').pop()?.toLowerCase() ?? '';
    const mime = MIME[extension] ?? 'application/octet-stream';
    const { uploadId } = await client.artifacts.begin({ caseId, runId, kind, name: basename(path), mime });
    const hash = createHash('sha256');
    const piece = Buffer.alloc(RANGE_LIMIT);
    for (let offset = 0; ; ) {
      const { bytesRead } = await file.read(piece, 0, piece.length, offset).catch((cause: unknown) => {
        throw new BenchError('input.file', { path, detail: 'it cannot be read' }, { cause });
      });
      if (bytesRead === 0) break;
      const bytes = new Uint8Array(piece.subarray(0, bytesRead));
      hash.update(bytes);
      await client.artifacts.append({ uploadId, offset, bytes: new Blob([bytes]) });
      offset += bytesRead;
    }
    return await client.artifacts.finish({ uploadId, sha256: hash.digest('hex') });
  } finally {
    await file.close();
  }
}

/**
 * Uploads pictures, their paths joined by commas; resolves to their ids, joined likewise.
 * Throws `input.file` for a path that cannot be read, what the station says otherwise.
 */
export async function uploadPhotos(
  context: Context,
  caseId: string,
  runId: string | null,
  paths: string,
): Promise<string> {
  const ids: string[] = [];
  for (const path of paths.split(',').map((each) => each.trim())) {
    ids.push((await uploadFile(context, { caseId, runId, kind: 'photo', path })).id);
  }
  return ids.join(',');
}
