/**
 * The artifact file, version 1 (`.rba`). All integers are unsigned and big-endian.
 *
 *     header (64) | frame 0 | frame 1 | … | frame n-1 | index frame | trailer (24)        n ≥ 1
 *
 * Header
 *      0   8  magic 89 52 42 41 0D 0A 1A 0A (“\x89RBA\r\n\x1a\n”; breaks visibly when treated as text)
 *      8   2  version, 1
 *     10   2  zero
 *     12   4  chunk size, 1,048,576
 *     16  16  artifact id (the UUID's bytes)
 *     32  16  random salt of this file
 *     48  16  key check
 *
 * Keys
 *     okm = HKDF-SHA-256(key = case key (32 bytes), salt = artifact id ‖ salt,
 *                        info = “repairbench artifact v1”, 48 bytes)
 *     file key = okm[0..32), key check = okm[32..48)
 *     The salt makes the file key unique, so counters are safe as nonces; the key check tells a wrong key
 *     from a damaged file and commits the file to one key, which GCM alone does not.
 *
 * Frame k holds bytes k·2^20 … of the content: exactly 2^20 of them, fewer only in the last frame.
 * Empty content has one frame of no bytes.
 *      0   4  length n of the ciphertext, at most 2^20
 *      4   1  flags: 1 = last frame, 2 = gzipped before encryption (done when it shrinks the chunk)
 *      5   3  zero
 *      8   n  AES-256-GCM ciphertext
 *    8+n  16  tag
 *     nonce = 00 00 00 00 ‖ k (8 bytes);  AAD = header ‖ k (8 bytes) ‖ the frame's first 8 bytes
 *
 * Index: n entries of 64 bytes, then totals of 48
 *      0   8  file offset of the frame
 *      8   4  its ciphertext's length
 *     12   4  its plain length
 *     16   8  line breaks (0A) from the content's start to this chunk's end
 *     24   1  its flags
 *     25   7  zero
 *     32  32  SHA-256 of the whole frame (8 + n + 16 bytes)
 *     totals: content size (8), line breaks (8), SHA-256 of the content (32)
 * Index frame = AES-256-GCM ciphertext of the index, tag (16)
 *     nonce = 00 00 00 01 ‖ n (8 bytes);  AAD = header ‖ trailer
 *
 * Trailer
 *      0   8  file offset of the index frame
 *      8   8  n
 *     16   8  “RBA-END\n”
 *
 * Root hash = SHA-256(“repairbench artifact root v1\n” ‖ header ‖ SHA-256(frame 0) ‖ … ‖
 *                     SHA-256(frame n-1) ‖ SHA-256(index frame) ‖ trailer)
 *     It needs no key, so a copy can be checked by whoever only stores it. The signed log holds it; because
 *     the index holds the frames' hashes too, one range read is bound to the log as well as a whole read.
 */

export const CHUNK = 1024 * 1024;
export const HEADER = 64;
export const PREFIX = 8;
export const TAG = 16;
export const ENTRY = 64;
export const TOTALS = 48;
export const TRAILER = 24;
/** 256 GiB of content; bounds the index at 16 MiB. */
export const MAX_CHUNKS = 2 ** 18;

export const FLAG_LAST = 1;
export const FLAG_GZIP = 2;

const MAGIC = Buffer.from('\x89RBA\r\n\x1a\n', 'latin1');
const END_MAGIC = Buffer.from('RBA-END\n', 'latin1');
const VERSION = 1;

/** What a finished file is; the log keeps it. */
export interface Stored {
  readonly size: number;
  readonly sha256: string;
  readonly lineBreaks: number;
  readonly root: string;
  readonly storedBytes: number;
}

export interface Header {
  readonly id: string;
  readonly salt: Buffer;
  readonly keyCheck: Buffer;
}

/** A UUID's 16 bytes. Throws on anything but a UUID: it also guards file names. */
export function uuidBytes(id: string): Buffer {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) throw new Error(`“${id}” is not a UUID`);
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}

function uuidText(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

export function encodeHeader(header: Header): Buffer {
  const bytes = Buffer.alloc(HEADER);
  MAGIC.copy(bytes, 0);
  bytes.writeUInt16BE(VERSION, 8);
  bytes.writeUInt32BE(CHUNK, 12);
  uuidBytes(header.id).copy(bytes, 16);
  header.salt.copy(bytes, 32);
  header.keyCheck.copy(bytes, 48);
  return bytes;
}

/** The header, or what is wrong with it in words. */
export function decodeHeader(bytes: Buffer): Header | string {
  if (bytes.length < HEADER || !bytes.subarray(0, 8).equals(MAGIC)) return 'it is not an artifact file';
  const version = bytes.readUInt16BE(8);
  if (version !== VERSION) return `it is of format version ${version}, this program reads version ${VERSION}`;
  if (bytes.readUInt16BE(10) !== 0 || bytes.readUInt32BE(12) !== CHUNK)
    return 'its fixed fields were changed';
  return {
    id: uuidText(bytes.subarray(16, 32)),
    salt: Buffer.from(bytes.subarray(32, 48)),
    keyCheck: Buffer.from(bytes.subarray(48, 64)),
  };
}

export function encodePrefix(length: number, flags: number): Buffer {
  const bytes = Buffer.alloc(PREFIX);
  bytes.writeUInt32BE(length, 0);
  bytes[4] = flags;
  return bytes;
}

/** Null when the prefix cannot be one. */
export function decodePrefix(bytes: Buffer): { length: number; flags: number } | null {
  if (bytes.length < PREFIX) return null;
  const length = bytes.readUInt32BE(0);
  const flags = bytes[4] ?? 0;
  if (length > CHUNK || flags > (FLAG_LAST | FLAG_GZIP) || bytes.readUIntBE(5, 3) !== 0) return null;
  return { length, flags };
}

export interface Entry {
  readonly offset: number;
  readonly length: number;
  readonly plain: number;
  /** From the content's start to the end of this chunk. */
  readonly lineBreaks: number;
  readonly flags: number;
  readonly hash: Buffer;
}

export interface Index {
  readonly entries: readonly Entry[];
  readonly size: number;
  readonly lineBreaks: number;
  /** SHA-256 of the content, hexadecimal. */
  readonly sha256: string;
}

export const frameSize = (entry: Pick<Entry, 'length'>): number => PREFIX + entry.length + TAG;

export function encodeIndex(index: Index): Buffer {
  const bytes = Buffer.alloc(index.entries.length * ENTRY + TOTALS);
  let at = 0;
  for (const entry of index.entries) {
    bytes.writeBigUInt64BE(BigInt(entry.offset), at);
    bytes.writeUInt32BE(entry.length, at + 8);
    bytes.writeUInt32BE(entry.plain, at + 12);
    bytes.writeBigUInt64BE(BigInt(entry.lineBreaks), at + 16);
    bytes[at + 24] = entry.flags;
    entry.hash.copy(bytes, at + 32);
    at += ENTRY;
  }
  bytes.writeBigUInt64BE(BigInt(index.size), at);
  bytes.writeBigUInt64BE(BigInt(index.lineBreaks), at + 8);
  Buffer.from(index.sha256, 'hex').copy(bytes, at + 16);
  return bytes;
}

/**
 * Reads an authenticated index. Its structure is checked all the same, so that a fault of the program that
 * wrote it cannot become a wrong read: frames touch each other, all but the last are full.
 * Null when it does not add up; `indexOffset` is where the frames must end.
 */
export function decodeIndex(bytes: Buffer, chunks: number, indexOffset: number): Index | null {
  if (bytes.length !== chunks * ENTRY + TOTALS) return null;
  const entries: Entry[] = [];
  let offset = HEADER;
  let size = 0;
  let lineBreaks = 0;
  for (let k = 0; k < chunks; k++) {
    const at = k * ENTRY;
    const entry: Entry = {
      offset: Number(bytes.readBigUInt64BE(at)),
      length: bytes.readUInt32BE(at + 8),
      plain: bytes.readUInt32BE(at + 12),
      lineBreaks: Number(bytes.readBigUInt64BE(at + 16)),
      flags: bytes[at + 24] ?? 0,
      hash: Buffer.from(bytes.subarray(at + 32, at + ENTRY)),
    };
    const last = k === chunks - 1;
    const fits =
      entry.offset === offset &&
      entry.length <= CHUNK &&
      (last ? entry.plain <= CHUNK && (entry.plain > 0 || chunks === 1) : entry.plain === CHUNK) &&
      entry.lineBreaks >= lineBreaks &&
      entry.lineBreaks - lineBreaks <= entry.plain &&
      ((entry.flags & FLAG_LAST) !== 0) === last;
    if (!fits) return null;
    entries.push(entry);
    offset += frameSize(entry);
    size += entry.plain;
    lineBreaks = entry.lineBreaks;
  }
  const at = chunks * ENTRY;
  if (offset !== indexOffset || Number(bytes.readBigUInt64BE(at)) !== size) return null;
  if (Number(bytes.readBigUInt64BE(at + 8)) !== lineBreaks) return null;
  return { entries, size, lineBreaks, sha256: bytes.subarray(at + 16, at + TOTALS).toString('hex') };
}

export interface Trailer {
  readonly indexOffset: number;
  readonly chunks: number;
}

export function encodeTrailer(trailer: Trailer): Buffer {
  const bytes = Buffer.alloc(TRAILER);
  bytes.writeBigUInt64BE(BigInt(trailer.indexOffset), 0);
  bytes.writeBigUInt64BE(BigInt(trailer.chunks), 8);
  END_MAGIC.copy(bytes, 16);
  return bytes;
}

/** Null when it is none, or does not fit a file of `fileSize` bytes. */
export function decodeTrailer(bytes: Buffer, fileSize: number): Trailer | null {
  if (bytes.length !== TRAILER || !bytes.subarray(16).equals(END_MAGIC)) return null;
  const indexOffset = Number(bytes.readBigUInt64BE(0));
  const chunks = Number(bytes.readBigUInt64BE(8));
  if (chunks < 1 || chunks > MAX_CHUNKS) return null;
  return indexOffset + indexFrameSize(chunks) + TRAILER === fileSize ? { indexOffset, chunks } : null;
}

export const indexFrameSize = (chunks: number): number => chunks * ENTRY + TOTALS + TAG;
/** The smallest file there can be: one empty frame. */
export const MIN_FILE = HEADER + PREFIX + TAG + indexFrameSize(1) + TRAILER;
