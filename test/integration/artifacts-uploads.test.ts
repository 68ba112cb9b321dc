import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { logText } from '../../electron/station/evidence/testing.ts';
import { ADA, CASE, testEvidence } from '../support/evidence.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const PHOTO = {
  caseId: CASE,
  runId: null,
  kind: 'photo',
  name: 'board.jpg',
  mime: 'image/jpeg',
  actor: ADA,
} as const;
const EVE = { id: '01890000-0000-7000-8000-0000000000ee', name: 'Eve' };

let evidence: ReturnType<typeof testEvidence>;
beforeEach(() => {
  evidence = testEvidence({ uploads: { open: 3, bytes: 1_000_000, idleMs: 60_000 } });
});
afterEach(() => evidence.dispose());

describe('an upload', () => {
  it('in pieces becomes an artifact', async () => {
    const { uploads } = evidence.artifacts;
    const content = logText(900_000);
    const { uploadId } = await uploads.begin(PHOTO);
    for (let offset = 0; offset < content.length; offset += 250_000) {
      const piece = content.subarray(offset, offset + 250_000);
      expect(await uploads.append(uploadId, offset, piece, ADA)).toEqual({ received: offset + piece.length });
    }
    const artifact = await uploads.finish(uploadId, sha256(content), ADA);
    expect(artifact).toMatchObject({ name: 'board.jpg', kind: 'photo', size: 900_000, hashedByUnit: null });
    expect((await evidence.artifacts.verify(artifact.id)).ok).toBe(true);
    await expect(async () => uploads.append(uploadId, 900_000, content, ADA)).rejects.toThrow(
      code('upload.not-found'),
    );
  });

  it('takes pieces in order, and acknowledges a repeated one', async () => {
    const { uploads } = evidence.artifacts;
    const { uploadId } = await uploads.begin(PHOTO);
    const piece = Buffer.from('0123456789');
    await uploads.append(uploadId, 0, piece, ADA);
    expect(await uploads.append(uploadId, 0, piece, ADA)).toEqual({ received: 10 });
    await expect(uploads.append(uploadId, 20, piece, ADA)).rejects.toThrow(
      expect.objectContaining({ code: 'upload.wrong-offset', params: { expected: 10, offset: 20 } }),
    );
    await expect(uploads.append(uploadId, 5, piece, ADA)).rejects.toThrow(code('upload.wrong-offset'));
    await Promise.all([uploads.append(uploadId, 10, piece, ADA), uploads.append(uploadId, 20, piece, ADA)]);
    const artifact = await uploads.finish(uploadId, sha256(Buffer.from('0123456789'.repeat(3))), ADA);
    expect(artifact.size).toBe(30);
  });

  it('whose hash differs is not kept', async () => {
    const { uploads } = evidence.artifacts;
    const { uploadId } = await uploads.begin(PHOTO);
    await uploads.append(uploadId, 0, Buffer.from('what arrived'), ADA);
    await expect(uploads.finish(uploadId, sha256(Buffer.from('what was sent')), ADA)).rejects.toThrow(
      code('upload.hash-mismatch'),
    );
    expect(evidence.artifacts.listByCase(CASE)).toEqual([]);
    expect(await evidence.files()).toEqual([]);
  });

  it('is its owner’s only', async () => {
    const { uploads } = evidence.artifacts;
    const { uploadId } = await uploads.begin(PHOTO);
    await expect(async () => uploads.append(uploadId, 0, Buffer.from('x'), EVE)).rejects.toThrow(
      code('upload.not-found'),
    );
    await expect(async () => uploads.finish(uploadId, '0'.repeat(64), EVE)).rejects.toThrow(
      code('upload.not-found'),
    );
  });

  it('is bounded in size and number', async () => {
    const { uploads } = evidence.artifacts;
    const { uploadId } = await uploads.begin(PHOTO);
    await uploads.append(uploadId, 0, Buffer.alloc(600_000), ADA);
    await expect(uploads.append(uploadId, 600_000, Buffer.alloc(600_000), ADA)).rejects.toThrow(
      code('upload.too-big'),
    );
    expect(await evidence.files()).toEqual([]);
    const begun = await Promise.allSettled(Array.from({ length: 5 }, () => uploads.begin(PHOTO)));
    expect(begun.filter((result) => result.status === 'fulfilled')).toHaveLength(3);
    await expect(uploads.begin(PHOTO)).rejects.toThrow(code('upload.too-many'));
  });

  it('that is left alone ends, and one in use does not', async () => {
    let now = 0;
    const timed = testEvidence({ uploads: { idleMs: 1000 } });
    timed.bench.store.clock.monotonic = () => now;
    const { uploads } = timed.artifacts;
    const left = await uploads.begin(PHOTO);
    const used = await uploads.begin(PHOTO);
    now = 900;
    await uploads.append(used.uploadId, 0, Buffer.from('x'), ADA);
    now = 1500;
    expect(await uploads.expire()).toBe(1);
    await expect(async () => uploads.append(left.uploadId, 0, Buffer.from('x'), ADA)).rejects.toThrow(
      code('upload.not-found'),
    );
    await uploads.append(used.uploadId, 1, Buffer.from('y'), ADA);
    expect(await timed.files()).toHaveLength(1);
    await timed.dispose();
  });

  it('under way when the station ends leaves nothing', async () => {
    const { uploads } = evidence.artifacts;
    const { uploadId } = await uploads.begin(PHOTO);
    await uploads.append(uploadId, 0, Buffer.from('x'), ADA);
    await evidence.restart();
    expect(await evidence.files()).toEqual([]);
  });
});
