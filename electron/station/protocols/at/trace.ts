import { performance } from 'node:perf_hooks';

/** `>` sent, `<` answered, `*` unsolicited, `~` late, `?` noise, `!` a remark of the bench. */
export type TraceMark = '>' | '<' | '*' | '~' | '?' | '!';

/** Characters kept; the oldest lines are dropped beyond it. */
const MAX_CHARS = 512 * 1024;
const MAX_NOISE_CHARS = 200;

/** An IMSI has up to 15 digits, the first five name country and network (3GPP TS 23.003). */
export const maskImsi = (text: string): string =>
  text.replace(/\d{6,}/g, (digits) => digits.slice(0, 5) + '•'.repeat(digits.length - 5));

/** The phone's number in Samsung's record. */
const PHONE_NUMBER = /\bPN\([^)]*(?:\)|$)/gi;

/** What a unit said in answer to a command, without the subscriber's numbers. */
export function masked(text: string, command: string): string {
  const bare = text.replace(PHONE_NUMBER, 'PN(•••)');
  return /\+CIMI/i.test(`${command} ${text}`) ? maskImsi(bare) : bare;
}

/**
 * Everything said on a line, for evidence. Offsets are monotonic seconds since the conversation began: they
 * need no clock and tell how slow the unit was. What is the subscriber's is masked before it comes here.
 */
export class Trace {
  #lines: string[] = [];
  #chars = 0;
  #dropped = 0;
  readonly #monotonic: () => number;
  readonly #start: number;

  constructor(monotonic: () => number = () => performance.now()) {
    this.#monotonic = monotonic;
    this.#start = monotonic();
  }

  add(mark: TraceMark, text: string): void {
    const said = mark === '?' ? text.slice(0, MAX_NOISE_CHARS) : text;
    const line = `${((this.#monotonic() - this.#start) / 1000).toFixed(3).padStart(10)} ${mark} ${said}\n`;
    this.#lines.push(line);
    this.#chars += line.length;
    if (this.#chars > MAX_CHARS) this.#drop();
  }

  /** The whole trace; its first line says how many lines are missing before it, if any. */
  text(): string {
    const missing = this.#dropped === 0 ? '' : `… ${this.#dropped} earlier lines dropped\n`;
    return missing + this.#lines.join('');
  }

  #drop(): void {
    // A quarter at a time, so that a flood does not shift the list line by line.
    let count = 0;
    while (this.#chars > (MAX_CHARS * 3) / 4 && count < this.#lines.length) {
      this.#chars -= this.#lines[count]?.length ?? 0;
      count += 1;
    }
    this.#lines = this.#lines.slice(count);
    this.#dropped += count;
  }
}
