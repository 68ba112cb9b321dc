import { gunzipSync } from 'node:zlib';
import { withoutKernel } from './words.ts';

/** A way to send any bytes over a terminal: a shell command on the unit, its inverse here. */
export interface Codec {
  readonly id: string;
  /** Reads bytes on standard input, prints them as text. */
  readonly command: string;
  /** Bytes on the wire for that many bytes of content, roughly; for limits. */
  readonly expansion: number;
  /**
   * The content, or null when the text cannot be this encoding.
   * @param strict demand every character to be right; without it only a checksum tells damage
   */
  decode(text: string, strict: boolean): Buffer | null;
}

const BASE64_LINE = /^[A-Za-z0-9+/]*={0,2}$/;

function base64(text: string, strict: boolean): Buffer | null {
  if (strict) {
    const lines = text.split(/\s+/);
    // Lines of one length, all but the last; otherwise something is missing or too many.
    const width = lines[0]?.length ?? 0;
    const body = lines.filter((line) => line !== '');
    if (
      !body.every((line, at) => BASE64_LINE.test(line) && (at === body.length - 1 || line.length === width))
    ) {
      return null;
    }
    if (body.join('').length % 4 !== 0 || body.slice(0, -1).some((line) => line.includes('='))) return null;
  }
  return Buffer.from(text, 'base64');
}

/** Without the first and last line of `uuencode -m`. */
function uuencoded(text: string, strict: boolean): Buffer | null {
  const match = /^\s*begin-base64 [^\n]{0,80}\n([\s\S]*?)\n?====\s*$/.exec(text);
  return match?.[1] === undefined ? null : base64(match[1], strict);
}

function hex(text: string): Buffer | null {
  const digits = text.replace(/\s+/g, '');
  return /^(?:[0-9a-f]{2})*$/.test(digits) ? Buffer.from(digits, 'hex') : null;
}

/** `od -b`: an octal address, then up to 16 bytes of three octal digits; the last line is the length. */
function octal(text: string): Buffer | null {
  const bytes: number[] = [];
  let end: number | null = null;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const [address, ...values] = line.trim().split(/\s+/);
    if (end !== null || !/^[0-7]{1,12}$/.test(address ?? '')) return null;
    if (Number.parseInt(address ?? '', 8) !== bytes.length) return null;
    if (values.length === 0) end = bytes.length;
    for (const value of values) {
      if (!/^[0-3][0-7]{2}$/.test(value)) return null;
      bytes.push(Number.parseInt(value, 8));
    }
  }
  return end === null && bytes.length > 0 ? null : Buffer.from(bytes);
}

const BASE64 = { expansion: 1.4, decode: base64 };
const HEX = { expansion: 3.2, decode: hex };

/**
 * Best first. The last sends content as it is: only a checksum or a length can tell whether it arrived whole.
 * `| cat` gathers what tools write line by line to a terminal into large writes, which is twice as fast.
 */
export const CODECS: readonly Codec[] = [
  { id: 'base64', command: 'base64', ...BASE64 },
  { id: 'openssl', command: 'openssl base64', ...BASE64 },
  { id: 'uuencode', command: 'uuencode -m x', expansion: 1.5, decode: uuencoded },
  { id: 'xxd', command: 'xxd -p', ...HEX },
  { id: 'hexdump', command: `hexdump -v -e '/1 "%02x"'`, ...HEX },
  { id: 'od', command: 'od -An -v -tx1', ...HEX },
  { id: 'od-octal', command: 'od -b -v', expansion: 4.6, decode: octal },
];

export const RAW: Codec = {
  id: 'raw',
  command: 'cat',
  expansion: 1.1,
  decode: (text) => Buffer.from(text, 'latin1'),
};

/** What `accept` needs to know of a body that arrived. */
export interface Expected {
  readonly codec: Codec;
  readonly gzip: boolean;
  /** The most bytes that the content may have. */
  readonly limit: number;
  /** Says whether content is right. */
  readonly proves: (content: Buffer) => boolean;
  /** Nothing but the form can tell: no character may be out of place. */
  readonly strict: boolean;
}

/**
 * The content of a body, or null when it did not arrive whole. A kernel message in the middle is cut out when
 * what remains proves right.
 */
export function accept(body: Buffer, expected: Expected): Buffer | null {
  const { codec, proves, strict } = expected;
  const text = body.toString('latin1');
  const texts = codec === RAW ? rawReadings(text) : [text.includes('[') ? withoutKernel(text) : text];
  for (const candidate of texts) {
    const decoded = codec.decode(candidate, strict);
    if (decoded === null) continue;
    const content = expected.gzip ? gunzipped(decoded, expected.limit) : decoded;
    if (content === null || content.length > expected.limit) continue;
    if (proves(content)) return content;
  }
  return null;
}

/** A terminal may have made CR LF of every LF, and the frame's own line end may follow the content. */
function rawReadings(text: string): string[] {
  const untranslated = text.replaceAll('\r\n', '\n');
  return [...new Set([text, untranslated, withoutKernel(text), withoutKernel(untranslated)])];
}

/** gzip carries its own CRC-32 and length: what unpacks is what was packed. */
function gunzipped(bytes: Buffer, limit: number): Buffer | null {
  try {
    return gunzipSync(bytes, { maxOutputLength: Math.max(1, limit) });
  } catch {
    return null;
  }
}
