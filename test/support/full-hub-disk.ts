import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { BLOB_LIMITS, blobStore } from '../../hub/blobs/store.ts';
import { createUploads } from '../../hub/blobs/uploads.ts';
import { RefusedError } from '../../hub/refusal.ts';

/*
 * Content that comes in on a disk of 8 MiB, which is not looked at before: `full-hub-disk.ts DISK`. Prints what a bench
 * would have met, what was left, and how far another upload came afterwards.
 */
const [disk = ''] = process.argv.slice(2);
const store = blobStore(disk, { ...BLOB_LIMITS, keptFreeBytes: Number.NEGATIVE_INFINITY });
const uploads = createUploads(store);

function receive(content: Buffer): Promise<number> {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const upload = { siteId: 'site', stationId: 'station', sha256, size: content.length };
  async function* bytes() {
    for (let at = 0; at < content.length; at += 65_536) yield content.subarray(at, at + 65_536);
  }
  return uploads.receive(upload, 0, { bytes: bytes(), cut: () => {}, wasCut: () => false });
}

const met = await receive(randomBytes(16 * 2 ** 20)).catch((error: unknown) =>
  error instanceof RefusedError ? error.code : String(error),
);
const left = await readdir(store.places.incoming);
const after = await receive(randomBytes(4 * 2 ** 20));
console.log(JSON.stringify({ met, left, after }));
