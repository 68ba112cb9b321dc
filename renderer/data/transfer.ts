import type { StationClient } from '../../shared/contract/index.ts';
import { contentInRanges } from '../../shared/contract/ranges.ts';
import { RANGE_LIMIT } from '../../shared/contract/station.ts';
import type { Artifact, ArtifactKind } from '../../shared/model/evidence.ts';
import { PageError } from './failures.ts';

/** The page hashes an upload in one piece, because the browser's own hash takes no stream. */
export const UPLOAD_LIMIT = 256 * 1000 * 1000;

const hex = (bytes: ArrayBuffer): string =>
  [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

export interface UploadTarget {
  caseId: string;
  runId: string | null;
  kind: ArtifactKind;
}

/**
 * Sends a file to a case in pieces of at most 1 MiB, with the hash of the whole at the end: the station
 * refuses it when a byte changed on the way.
 */
export async function uploadArtifact(
  client: Pick<StationClient, 'artifacts'>,
  file: File,
  target: UploadTarget,
  onProgress: (sent: number, total: number) => void = () => {},
): Promise<Artifact> {
  if (file.size > UPLOAD_LIMIT) {
    throw new PageError(
      `${file.name} is larger than 256 MB.`,
      'Cut the recording shorter, or let a procedure pull the file from the unit.',
    );
  }
  const sha256 = hex(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
  const { uploadId } = await client.artifacts.begin({
    ...target,
    name: file.name.slice(-200) || 'file',
    mime: file.type || 'application/octet-stream',
  });
  for (let offset = 0; offset < file.size; offset += RANGE_LIMIT) {
    const bytes = file.slice(offset, offset + RANGE_LIMIT);
    await client.artifacts.append({ uploadId, offset, bytes });
    onProgress(Math.min(file.size, offset + RANGE_LIMIT), file.size);
  }
  return client.artifacts.finish({ uploadId, sha256 });
}

/** Reads a whole artifact, range by range; the parts stay Blobs, which the browser may keep on disk. */
export async function readArtifact(
  client: Pick<StationClient, 'artifacts'>,
  artifact: Pick<Artifact, 'id' | 'size' | 'mime'>,
  options: { type?: string; signal?: AbortSignal; onProgress?: (read: number, total: number) => void } = {},
): Promise<Blob> {
  const blobs: Blob[] = [];
  let got = 0;
  const { signal } = options;
  const read = (offset: number, length: number) =>
    client.artifacts.read({ id: artifact.id, offset, length }, signal ? { signal } : {});
  for await (const range of contentInRanges(read, artifact.size)) {
    blobs.push(new Blob([await range.arrayBuffer()]));
    got += range.size;
    options.onProgress?.(got, artifact.size);
  }
  return new Blob(blobs, { type: options.type ?? 'application/octet-stream' });
}

/** Hands a Blob to the browser's own saving, under the artifact's name. */
export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken the Blob by then; keeping the address would keep the bytes.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
