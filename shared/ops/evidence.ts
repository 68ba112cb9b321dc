import { z } from 'zod';
import { Id, Sha256 } from '../model/common.ts';
import { Artifact, WipeVerdict } from '../model/evidence.ts';
import { opKind } from './define.ts';

/** An artifact as the log knows it: what the content is, and what the stored file must be. */
export const ArtifactAdded = Artifact.omit({
  ...{ addedAt: true, addedBy: true, here: true, stationName: true },
}).extend({
  /** Root hash of the stored, encrypted file (see the file format); checkable without the key. */
  root: Sha256,
  /** Bytes of the stored file. */
  storedBytes: z.number().int().positive(),
  /** Line breaks in the content. */
  lineBreaks: z.number().int().nonnegative(),
});
export type ArtifactAdded = z.infer<typeof ArtifactAdded>;

export const RecordSigned = z.object({
  id: Id,
  caseId: Id,
  runId: Id,
  verdict: WipeVerdict,
  keyId: z.string().regex(/^[0-9a-f]{32}$/),
  /** SHA-256 of the envelope's bytes. */
  sha256: Sha256,
  /** The DSSE envelope, byte for byte as it was signed. */
  envelope: z.string().max(2_000_000),
});
export type RecordSigned = z.infer<typeof RecordSigned>;

const KIND_WORDS: Readonly<Record<Artifact['kind'], string>> = {
  log: 'Log',
  photo: 'Photo',
  report: 'Report',
  record: 'Record',
  other: 'File',
};

const VERDICT_WORDS: Readonly<Record<WipeVerdict, string>> = {
  verified: 'wipe verified',
  unverified: 'wipe done, but nothing proves it',
  failed: 'wipe failed',
  interrupted: 'wipe interrupted',
  'cannot-sanitize': 'the unit cannot be wiped',
};

/** `1.4 MB`, in powers of ten as disks count. */
function size(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return unit === 0 ? `${bytes} bytes` : `${value.toFixed(1)} ${units[unit]}`;
}

export const evidenceOps = {
  'artifact.added': opKind({
    class: 'ledger',
    entity: 'artifact',
    synced: true,
    body: ArtifactAdded,
    touches: ({ caseId }) => [caseId],
    describe: (body) =>
      `${KIND_WORDS[body.kind]} “${body.name}” added, ${size(body.size)}${
        body.hashedByUnit === null
          ? ''
          : body.hashedByUnit
            ? ', its hash confirmed by the unit'
            : ', but the unit’s own hash differs'
      }`,
  }),
  'record.signed': opKind({
    class: 'ledger',
    entity: 'record',
    synced: true,
    body: RecordSigned,
    touches: ({ caseId }) => [caseId],
    describe: (body) => `Signed record: ${VERDICT_WORDS[body.verdict]}`,
  }),
};
