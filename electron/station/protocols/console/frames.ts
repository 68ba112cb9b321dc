/**
 * Frames in a console's output. The unit writes lines `TOKEN LETTER FIELD…`, the token being random for each
 * conversation; what stands between two such lines is the body of the later one. Anything else may stand
 * around and between them: echoes, kernel messages, noise. Pure, and bounded whatever arrives.
 */

/** A marked line and what stood before it, back to the previous marked line. */
export interface Frame {
  /** What the line says: its letter and its fields; empty when something else landed in the line. */
  readonly fields: readonly string[];
  /** Null when it was longer than the limit. */
  readonly body: Buffer | null;
}

/** A marked line is short; a longer one has lost its end. */
const LINE_LIMIT = 400;
const FIELDS = /^(?: +[\w.+/=:()-]{1,160}){1,64} *$/;
const LF = 0x0a;
const CR = 0x0d;

/** Makes a token from random bytes: no encoding of file content that we use contains a colon. */
export function makeToken(random: Uint8Array): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';
  return `:rb${Array.from(random.subarray(0, 12), (byte) => alphabet[byte % alphabet.length]).join('')}:`;
}

export class FrameParser {
  readonly #token: Buffer;
  readonly #bodyLimit: number;
  #body: Buffer[] = [];
  #bodySize = 0;
  #overflow = false;
  /** The rest of a marked line, while its end has not come. */
  #line: Buffer | null = null;
  /** End of the last piece, in case the token began there. */
  #carry: Buffer = Buffer.alloc(0);

  /** @param bodyLimit bytes; a longer body is dropped and reported as null */
  constructor(token: string, bodyLimit: number) {
    this.#token = Buffer.from(token, 'latin1');
    this.#bodyLimit = bodyLimit;
  }

  /** Takes the next bytes; they are only valid during the call. */
  push(bytes: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    let rest = Buffer.concat([this.#carry, bytes]);
    this.#carry = Buffer.alloc(0);
    while (rest.length > 0) {
      if (this.#line === null) {
        const at = rest.indexOf(this.#token);
        if (at < 0) {
          const keep = this.#partialToken(rest);
          this.#add(rest.subarray(0, rest.length - keep));
          this.#carry = rest.subarray(rest.length - keep);
          return frames;
        }
        this.#add(rest.subarray(0, at));
        this.#line = Buffer.alloc(0);
        rest = rest.subarray(at + this.#token.length);
        continue;
      }
      const end = rest.indexOf(LF);
      const line: Buffer = Buffer.concat([this.#line, rest.subarray(0, end < 0 ? LINE_LIMIT + 1 : end)]);
      if (end < 0 && line.length <= LINE_LIMIT) {
        this.#line = line;
        return frames;
      }
      this.#line = null;
      frames.push(this.#finish(line));
      rest = end < 0 ? Buffer.alloc(0) : rest.subarray(end + 1);
    }
    return frames;
  }

  /** How many bytes at the end of `bytes` could be the beginning of a token. */
  #partialToken(bytes: Buffer): number {
    for (let size = Math.min(this.#token.length - 1, bytes.length); size > 0; size -= 1) {
      if (bytes.subarray(bytes.length - size).equals(this.#token.subarray(0, size))) return size;
    }
    return 0;
  }

  #add(bytes: Buffer): void {
    if (bytes.length === 0 || this.#overflow) return;
    this.#bodySize += bytes.length;
    if (this.#bodySize > this.#bodyLimit) {
      this.#overflow = true;
      this.#body = [];
    } else {
      this.#body.push(bytes);
    }
  }

  #finish(line: Buffer): Frame {
    const body = this.#overflow ? null : Buffer.concat(this.#body, this.#bodySize);
    this.#body = [];
    this.#bodySize = 0;
    this.#overflow = false;
    // A line that lost its end may hold the next token: what follows that one counts.
    const last = line.lastIndexOf(this.#token);
    const text = (last < 0 ? line : line.subarray(last + this.#token.length)).toString('latin1');
    const trimmed = text.charCodeAt(text.length - 1) === CR ? text.replace(/\r+$/, '') : text;
    return { fields: FIELDS.test(trimmed) ? trimmed.trim().split(/ +/) : [], body };
  }
}
