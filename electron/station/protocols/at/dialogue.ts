import { performance } from 'node:perf_hooks';
import { BenchError, isBenchError } from '../../../../shared/errors/index.ts';
import { bounded, type Settle, seconds } from '../../transports/bounded.ts';
import type { CallOptions, Transport } from '../../transports/transport.ts';
import { isChatter, namesIn, prefixOf } from './chatter.ts';
import { type Line, LineReader } from './lines.ts';
import { describeResult, type FinalResult, finalResult } from './results.ts';
import { masked, type Trace } from './trace.ts';

/** What a unit answered to one command. */
export interface AtAnswer {
  readonly command: string;
  /** The answer's lines, without echo, result and unsolicited lines. */
  readonly lines: readonly string[];
  readonly result: FinalResult;
  readonly ok: boolean;
}

export interface AskOptions extends CallOptions {
  /** Which lines with this command's own prefix are its answer, where unsolicited ones look alike. */
  readonly isAnswer?: ((line: string) => boolean) | undefined;
}

/** Lines kept of one answer: a unit that never ends fills no memory. */
const MAX_ANSWER_LINES = 2_000;
const MAX_ANSWER_CHARS = 256 * 1024;

/** A command under way. */
interface Pending {
  readonly command: string;
  readonly names: ReadonlySet<string>;
  readonly options: ExchangeOptions;
  readonly settle: Settle<AtAnswer>;
  readonly lines: string[];
  chars: number;
  echoed: boolean;
}

export interface ExchangeOptions extends AskOptions {
  /**
   * Only lines that match count, and a result only after one: everything before belongs to earlier commands.
   * `orError`: an error result ends it as well.
   */
  readonly mark?: { readonly line: RegExp; readonly orError: boolean };
}

/**
 * Commands and lines on one line (3GPP TS 27.007, V.250): one command in flight, and whatever else the unit says
 * kept apart from its answer. Echo may be on or off. Whether an answer is the command's is for the engine to see to.
 */
export class Dialogue {
  readonly trace: Trace;
  /** Resolves when the line has ended, whoever ended it; never rejects. */
  readonly ended: Promise<void>;
  /** A command that was given up and whose answer may still come. */
  owed: string | null = null;
  /** When the last bytes came, in milliseconds of `performance.now`. */
  lastByteAt = 0;

  readonly #transport: Transport;
  readonly #reader = new LineReader((line) => this.#take(line));
  readonly #stop = new AbortController();
  #pending: Pending | null = null;
  #end: unknown = null;

  constructor(transport: Transport, trace: Trace) {
    this.#transport = transport;
    this.trace = trace;
    this.ended = this.#listen();
  }

  get isOpen(): boolean {
    return this.#end === null;
  }

  get isBusy(): boolean {
    return this.#pending !== null;
  }

  /** Throws why the line has ended, if it has. */
  expectOpen(): void {
    if (this.#end !== null) throw this.#end;
  }

  /** Listens no longer; the transport stays the caller's. */
  stop(reason: unknown): void {
    this.#stop.abort(reason);
  }

  /**
   * Sends a command and waits for its result. Rejects: `port.timeout`, `port.gone`, `unit.protocol` (the answer is
   * endless), the signal's reason; the answer is owed then.
   */
  async exchange(command: string, options: ExchangeOptions): Promise<AtAnswer> {
    this.expectOpen();
    try {
      return await bounded<AtAnswer>(
        options,
        () => this.#timeout(command, options),
        (settle) => {
          const names = namesIn(command);
          this.#pending = { command, names, options, settle, lines: [], chars: 0, echoed: false };
          this.trace.add('>', command);
          this.#transport.write(Buffer.from(`${command}\r`, 'utf8'), options).catch((error: unknown) => {
            // The command has the same deadline, and says better what was waited for.
            if (!isBenchError(error, 'port.timeout')) settle.reject(error);
          });
        },
        () => {
          this.#pending = null;
        },
      );
    } catch (error) {
      this.owed ??= command;
      if (isBenchError(error, 'port.timeout')) this.trace.add('!', 'no answer in time');
      throw error;
    }
  }

  async #listen(): Promise<void> {
    const { signal } = this.#stop;
    while (this.#end === null) {
      try {
        const bytes = await this.#transport.read({ timeoutMs: Number.POSITIVE_INFINITY, signal });
        this.lastByteAt = performance.now();
        this.#reader.push(bytes);
      } catch (error) {
        if (!signal.aborted && isBenchError(error, 'port.timeout')) continue;
        this.#end = error;
        if (!signal.aborted) this.trace.add('!', error instanceof Error ? error.message : String(error));
        this.#pending?.settle.reject(error);
      }
    }
  }

  #take(line: Line): void {
    const pending = this.#pending;
    const { text } = line;
    if (line.garbage) {
      // Noise before an echo is one line with it.
      if (pending !== null && text.endsWith(pending.command)) pending.echoed = true;
      this.trace.add('?', this.#masked(text));
    } else if (pending === null) {
      // Nobody asks: chatter, or the rest of an answer that was given up.
      if (this.owed === null || isChatter(text, namesIn(this.owed))) this.trace.add('*', this.#masked(text));
      else this.trace.add('~', this.#masked(text));
    } else if (this.#isEcho(pending, text)) {
      pending.echoed = true;
    } else if (pending.options.mark !== undefined) {
      this.#takeMarked(pending, pending.options.mark, text);
    } else {
      this.#takeAnswer(pending, text);
    }
  }

  #isEcho(pending: Pending, text: string): boolean {
    if (pending.echoed || pending.lines.length > 0) return false;
    return text === pending.command || (text.endsWith(pending.command) && prefixOf(text) === null);
  }

  #takeMarked(pending: Pending, mark: { line: RegExp; orError: boolean }, text: string): void {
    const result = finalResult(text);
    const ends = result !== null && (pending.lines.length > 0 || (mark.orError && result.kind !== 'ok'));
    if (ends) this.#finish(pending, result);
    else if (mark.line.test(text)) this.#keep(pending, text);
    else if (isChatter(text, namesIn(this.owed ?? pending.command))) this.trace.add('*', this.#masked(text));
    else this.trace.add('~', this.#masked(text));
  }

  #takeAnswer(pending: Pending, text: string): void {
    if (text === '#OK#') return; // Samsung's own mark before the result
    // A unit set to short results (ATV0) answers the very first AT, and the last command, with a digit.
    if (text === '0' && /^AT(V0)?$/.test(pending.command)) {
      this.#keep(pending, text);
      this.#finish(pending, { kind: 'ok' });
      return;
    }
    const result = finalResult(text);
    const { isAnswer } = pending.options;
    if (result !== null) this.#finish(pending, result);
    else if (isAnswer === undefined ? isChatter(text, pending.names) : !isAnswer(text))
      this.trace.add('*', this.#masked(text));
    else this.#keep(pending, text);
  }

  #finish(pending: Pending, result: FinalResult): void {
    this.trace.add('<', describeResult(result));
    const { command, lines } = pending;
    pending.settle.resolve({ command, lines, result, ok: result.kind === 'ok' });
  }

  #keep(pending: Pending, text: string): void {
    this.trace.add('<', this.#masked(text));
    pending.lines.push(text);
    pending.chars += text.length;
    if (pending.lines.length <= MAX_ANSWER_LINES && pending.chars <= MAX_ANSWER_CHARS) return;
    pending.settle.reject(
      new BenchError('unit.protocol', {
        address: this.#transport.address,
        what: pending.command,
        detail: 'the answer does not end',
      }),
    );
  }

  /** Without the subscriber's numbers, whether the command was asked or is owed. */
  #masked(text: string): string {
    return masked(text, `${this.#pending?.command ?? ''} ${this.owed ?? ''}`);
  }

  #timeout(command: string, options: CallOptions): BenchError {
    return new BenchError('port.timeout', {
      address: this.#transport.address,
      seconds: seconds(options.timeoutMs),
      what: command,
    });
  }
}
