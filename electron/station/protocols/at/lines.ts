/** The longest line kept, in bytes; the rest of a longer one is counted and dropped. */
export const MAX_LINE_BYTES = 8 * 1024;

const CR = 0x0d;
const LF = 0x0a;
const NUL = 0x00;

/** One line that arrived. */
export interface Line {
  /** Without its end, trimmed. Bytes that are no UTF-8, and control characters, are U+FFFD. */
  readonly text: string;
  /** It holds bytes that no AT answer has, or was cut: noise, a wrong speed, another protocol. */
  readonly garbage: boolean;
}

const utf8 = new TextDecoder('utf-8');
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

/**
 * Cuts a stream of bytes into lines at CR or LF, however the bytes are split. Empty lines and NULs
 * (padding of some units) are left out. Holds at most `MAX_LINE_BYTES`.
 */
export class LineReader {
  readonly #buffer = new Uint8Array(MAX_LINE_BYTES);
  #length = 0;
  #cut = false;
  readonly #onLine: (line: Line) => void;

  constructor(onLine: (line: Line) => void) {
    this.#onLine = onLine;
  }

  push(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (byte === CR || byte === LF) this.#end();
      else if (byte === NUL) continue;
      else if (this.#length < MAX_LINE_BYTES) this.#buffer[this.#length++] = byte;
      else this.#cut = true;
    }
  }

  /** Forgets a line that has not ended. */
  reset(): void {
    this.#length = 0;
    this.#cut = false;
  }

  #end(): void {
    if (this.#length === 0) return;
    const text = utf8.decode(this.#buffer.subarray(0, this.#length)).replace(CONTROLS, '\ufffd').trim();
    const garbage = this.#cut || text.includes('\ufffd');
    this.reset();
    if (text !== '') this.#onLine({ text, garbage });
  }
}
