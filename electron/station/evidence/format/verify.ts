import { createHash, type KeyObject } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { isBenchError } from '../../../../shared/errors/index.ts';
import type { VerifyReport } from '../../../../shared/model/evidence.ts';
import { release } from './common.ts';
import { openFrame } from './crypto.ts';
import {
  CHUNK,
  decodePrefix,
  FLAG_GZIP,
  FLAG_LAST,
  frameSize,
  HEADER,
  MAX_CHUNKS,
  PREFIX,
  type Stored,
} from './layout.ts';
import { type ArtifactFile, ArtifactReader, openForReading, openHeader, readExactly } from './reader.ts';
import { countLineBreaks } from './scan.ts';

type Finding = VerifyReport['findings'][number];

/** Findings kept of one file; a file that is all wrong needs no thousand lines. */
export const FINDINGS_LIMIT = 100;

export interface CheckedFile {
  /** Chunks looked at. */
  readonly chunks: number;
  readonly findings: readonly Finding[];
}

/**
 * Checks a whole file: structure, every chunk's authentication, line counts, content hash and root against
 * what the log says. Never throws for what is wrong with the file: that is its result. `between` is called
 * between chunks and may throw to stop.
 */
export async function checkFile(
  artifact: ArtifactFile,
  expected: Stored,
  between: () => void = () => undefined,
): Promise<CheckedFile> {
  let reader: ArtifactReader;
  try {
    reader = await ArtifactReader.open(artifact);
  } catch (error) {
    const first = toFinding(error);
    const saved = await salvage(artifact, Math.max(1, Math.ceil(expected.size / CHUNK))).catch(() => null);
    return saved
      ? { chunks: saved.chunks, findings: [first, saved.finding] }
      : { chunks: 0, findings: [first] };
  }
  try {
    return await checkChunks(reader, expected, between);
  } finally {
    await reader.close();
  }
}

async function checkChunks(
  reader: ArtifactReader,
  expected: Stored,
  between: () => void,
): Promise<CheckedFile> {
  const findings: Finding[] = [];
  const { entries, size, lineBreaks, sha256 } = reader.index;
  const found = (finding: Finding) => {
    if (findings.length < FINDINGS_LIMIT) findings.push(finding);
  };
  const hash = createHash('sha256');
  let lines = 0;
  for (const { k, content } of reader.prepared()) {
    between();
    const indexed = entries[k]?.lineBreaks ?? 0;
    try {
      const plain = await content;
      hash.update(plain);
      lines += countLineBreaks(plain);
      release(plain);
      if (lines !== indexed) {
        const detail = `${lines} line breaks up to its end, the index says ${indexed}`;
        found({ where: `chunk ${k + 1}`, code: 'chunk.lines', detail });
      }
    } catch (error) {
      found(toFinding(error));
    }
    lines = indexed;
  }
  const claims: [string, unknown, unknown][] = [
    ['size', size, expected.size],
    ['hash', sha256, expected.sha256],
    ['count of line breaks', lineBreaks, expected.lineBreaks],
  ];
  for (const [what, indexed, logged] of claims) {
    if (indexed === logged) continue;
    const detail = `its ${what} is ${indexed}, the log says ${logged}`;
    found({ where: 'the content', code: 'content.differs', detail });
  }
  const actual = hash.digest('hex');
  if (findings.length === 0 && actual !== expected.sha256) {
    const detail = `its hash is ${actual}, the log says ${expected.sha256}`;
    findings.push({ where: 'the content', code: 'content.hash', detail });
  }
  return { chunks: entries.length, findings };
}

/**
 * When header, end or index are bad, says how much of the content is intact all the same: follows the frames
 * from the start for as long as they authenticate. Throws when not even the header can be used.
 */
async function salvage(
  artifact: ArtifactFile,
  expectedChunks: number,
): Promise<{ chunks: number; finding: Finding }> {
  const file = await openForReading(artifact);
  try {
    const header = await readExactly(file, 0, HEADER);
    const key = openHeader(artifact.id, header, artifact.caseKey);
    const good = await followFrames(file, key, header);
    const bytes = good.bytes.toLocaleString('en');
    const detail =
      good.chunks === 0
        ? 'not one chunk of it authenticates'
        : good.last
          ? `all its ${good.chunks} chunks (${bytes} bytes) authenticate`
          : `the first ${good.chunks} of ${expectedChunks} chunks (${bytes} bytes) authenticate, no more`;
    return { chunks: good.chunks, finding: { where: 'the content', code: 'content.part', detail } };
  } finally {
    await file.close();
  }
}

async function followFrames(file: FileHandle, key: KeyObject, header: Buffer) {
  let offset = HEADER;
  let bytes = 0;
  for (let chunks = 0; chunks < MAX_CHUNKS; chunks++) {
    const prefix = decodePrefix(await readExactly(file, offset, PREFIX));
    if (!prefix) return { chunks, bytes, last: false };
    const frame = await readExactly(file, offset, frameSize(prefix));
    const body = frame.length === frameSize(prefix) ? openFrame(key, header, chunks, frame) : null;
    if (!body) return { chunks, bytes, last: false };
    const last = (prefix.flags & FLAG_LAST) !== 0;
    if (!last) bytes += CHUNK;
    // The last four bytes of gzip data are its expanded length; they are authenticated here.
    else bytes += prefix.flags & FLAG_GZIP ? body.readUInt32LE(body.length - 4) : body.length;
    if (last) return { chunks: chunks + 1, bytes, last };
    offset += frame.length;
  }
  return { chunks: MAX_CHUNKS, bytes, last: false };
}

function toFinding(error: unknown): Finding {
  if (isBenchError(error, 'artifact.damaged')) {
    const { finding, where, reason } = error.params;
    return { where: String(where), code: String(finding), detail: String(reason) };
  }
  if (isBenchError(error, 'artifact.missing')) {
    return { where: 'the file', code: 'file.missing', detail: 'it is not in the data folder' };
  }
  throw error;
}
