import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { BenchError, isBenchError } from '../../../../shared/errors/index.ts';
import { bounded, type Settle, seconds } from '../../transports/bounded.ts';
import type { CallOptions, Transport } from '../../transports/transport.ts';
import { isChatter, namesIn, prefixOf } from './chatter.ts';
import { type Line, LineReader } from './lines.ts';
import { describeResult, type FinalResult, finalResult } from './results.ts';
import { asksImsi, maskImsi, Trace } from './trace.ts';

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

/** Lines kept of one answer, and of the unsolicited ones: a unit that never ends fills no memory. */
const MAX_ANSWER_LINES = 2_000;
const MAX_ANSWER_CHARS = 256 * 1024;
const MAX_UNSOLICITED = 500;

const SYNC_TRIES = 3;
const QUIET_TURNS = 10;
const FAREWELL_MS = 500;

/** How long the engine waits where it comes into step with a unit. */
export interface Patience {
  /** For the answer to each of three tries. */
  readonly syncMs: number;
  /** For silence, where answers to several tries may still be on their way. */
  readonly quietMs: number;
}

/** Three tries end before a dead port must be shown as dead (5 s). */
const PATIENCE: Patience = { syncMs: 1_200, quietMs: 250 };

export interface OpenAtOptions {
  readonly signal: AbortSignal;
  /** Milliseconds that never go back, for the trace. */
  readonly monotonic?: (() => number) | undefined;
  readonly patience?: Patience;
}

/** Marks that a unit gives in answer to one command only, in turn, so that two tries differ. */
const MARKS = [
  { command: 'AT+CMEE?', line: /^\+CMEE:\s*[012]$/i },
  { command: 'AT+CMEE=?', line: /^\+CMEE:\s*\(/i },
] as const;

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

interface ExchangeOptions extends AskOptions {
  /**
   * Only lines that match count, and a result only after one: everything before belongs to earlier commands.
   * `orError`: an error result ends it as well.
   */
  readonly mark?: { readonly line: RegExp; readonly orError: boolean };
}

/**
 * The AT dialogue with one unit (3GPP TS 27.007, V.250): one command in flight, whatever else the unit says
 * kept apart, and never a late answer taken for the next command's. Echo may be on or off.
 */
export class AtEngine {
  readonly trace: Trace;
  /** The last unsolicited lines, oldest first. */
  readonly unsolicited: string[] = [];
  /** Resolves when the line has ended, whoever ended it; never rejects. */
  readonly ended: Promise<void>;
  /** Lines that were noise. */
  garbageLines = 0;

  readonly #transport: Transport;
  readonly #patience: Patience;
  readonly #reader = new LineReader((line) => this.#take(line));
  readonly #stop = new AbortController();
  readonly #listeners = new Set<(line: string) => void>();
  #pending: Pending | null = null;
  /** A command that was given up and whose answer may still come. */
  #owed: string | null = null;
  #markTries = 0;
  #marksOwed = 0;
  #lastByteAt = 0;
  #ended: unknown = null;
  #knowsCmee = false;
  #restore: string[] = [];

  private constructor(transport: Transport, trace: Trace, patience: Patience) {
    this.#transport = transport;
    this.#patience = patience;
    this.trace = trace;
    this.ended = this.#listen();
  }

  /**
   * Comes into step with the unit and switches error codes on (AT+CMEE=1).
   * Rejects with `port.timeout` within 4 s when nothing answers, `port.gone`, the signal's reason.
   * The transport stays the caller's to close when this rejects.
   */
  static async open(transport: Transport, options: OpenAtOptions): Promise<AtEngine> {
    transport.discardInput();
    const engine = new AtEngine(transport, new Trace(options.monotonic), options.patience ?? PATIENCE);
    try {
      await engine.#begin(options.signal);
      return engine;
    } catch (error) {
      engine.#stop.abort(error);
      throw error;
    }
  }

  get address(): string {
    return this.#transport.address;
  }

  get isOpen(): boolean {
    return this.#ended === null;
  }

  /** Hears of each unsolicited line; returns how to stop. */
  onUnsolicited(listener: (line: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Sends a command and waits for its result; an error result is an answer, not a rejection.
   * Rejects: `port.timeout`, `port.gone`, `unit.protocol` (the answer is endless), the signal's reason.
   * After any of them but `port.gone`, the next call first comes into step with the unit again.
   */
  async ask(command: string, options: AskOptions): Promise<AtAnswer> {
    if (this.#pending !== null) throw new Error(`AT command “${command}” while another is in flight`);
    if (this.#owed !== null) await this.#comeIntoStep(options.signal);
    return this.#exchange(command, options);
  }

  /** Puts the unit's settings back as they were found, then closes the transport. */
  async close(): Promise<void> {
    if (this.isOpen && this.#owed === null && this.#pending === null) {
      for (const command of this.#restore) {
        await this.#exchange(command, { timeoutMs: FAREWELL_MS }).catch(() => {});
      }
    }
    this.#stop.abort(new BenchError('port.gone', { address: this.#transport.address }));
    await this.#transport.close();
  }

  async #begin(signal: AbortSignal): Promise<void> {
    const hello = await this.#knock(signal);
    if (hello.lines.includes('0')) {
      await this.#exchange('ATV1', { timeoutMs: this.#patience.syncMs, signal });
      this.#restore.push('ATV0');
    }
    // The result of the knock may be an older one's: only a line of our own tells that we are in step.
    const [mark] = MARKS;
    let was: string | undefined;
    try {
      const read = await this.#exchange(mark.command, {
        timeoutMs: this.#patience.syncMs,
        signal,
        mark: { line: mark.line, orError: true },
      });
      was = read.lines[0]?.at(-1);
    } catch (error) {
      if (!isBenchError(error, 'port.timeout')) throw error;
    }
    this.#knowsCmee = was !== undefined;
    if (!this.#knowsCmee) await this.#quiet(signal);
    this.#owed = null;
    if (was === '1') return;
    const set = await this.#exchange('AT+CMEE=1', { timeoutMs: this.#patience.syncMs, signal });
    if (set.ok && was !== undefined) this.#restore.unshift(`AT+CMEE=${was}`);
  }

  /**
   * An AT until something answers: the first may only wake the unit, end what somebody had half typed, or
   * set its speed.
   */
  async #knock(signal: AbortSignal | undefined): Promise<AtAnswer> {
    const answer = await this.#tryRepeatedly(() =>
      this.#exchange('AT', { timeoutMs: this.#patience.syncMs, signal }),
    );
    if (this.#owed !== null) await this.#quiet(signal);
    this.#owed = null;
    return answer;
  }

  /**
   * Units work through commands in order, so once a command that answers recognisably is answered, every
   * earlier answer has passed.
   */
  async #comeIntoStep(signal: AbortSignal | undefined): Promise<void> {
    this.trace.add('!', 'coming into step again');
    if (!this.#knowsCmee) {
      await this.#quiet(signal);
      await this.#knock(signal);
      return;
    }
    await this.#tryRepeatedly(async () => {
      const mark = MARKS[this.#markTries % MARKS.length] ?? MARKS[0];
      this.#markTries += 1;
      this.#marksOwed += 1;
      return this.#exchange(mark.command, {
        timeoutMs: this.#patience.syncMs,
        signal,
        mark: { line: mark.line, orError: false },
      });
    });
    // Answers to earlier tries may look like this one's: let them pass.
    if (this.#marksOwed > 1) await this.#quiet(signal);
    this.#marksOwed = 0;
    this.#owed = null;
  }

  async #tryRepeatedly(attempt: () => Promise<AtAnswer>): Promise<AtAnswer> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await attempt();
      } catch (error) {
        if (!isBenchError(error, 'port.timeout') || tries === SYNC_TRIES) throw error;
      }
    }
  }

  /** Waits until nothing has arrived for a while; a unit that is never quiet is waited for only so long. */
  async #quiet(signal: AbortSignal | undefined): Promise<void> {
    for (let turn = 0; turn < QUIET_TURNS; turn += 1) {
      const since = performance.now();
      await delay(this.#patience.quietMs, undefined, signal ? { signal } : {}).catch(() => {});
      signal?.throwIfAborted();
      if (this.#ended !== null) throw this.#ended;
      if (this.#lastByteAt < since) return;
    }
  }

  async #exchange(command: string, options: ExchangeOptions): Promise<AtAnswer> {
    if (this.#ended !== null) throw this.#ended;
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
      this.#owed ??= command;
      if (isBenchError(error, 'port.timeout')) this.trace.add('!', 'no answer in time');
      throw error;
    }
  }

  async #listen(): Promise<void> {
    const { signal } = this.#stop;
    while (this.#ended === null) {
      try {
        const bytes = await this.#transport.read({ timeoutMs: Number.POSITIVE_INFINITY, signal });
        this.#lastByteAt = performance.now();
        this.#reader.push(bytes);
      } catch (error) {
        if (!signal.aborted && isBenchError(error, 'port.timeout')) continue;
        this.#ended = error;
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
      this.garbageLines += 1;
      this.trace.add('?', this.#masked(text));
    } else if (pending === null) {
      // Nobody asks: chatter, or the rest of an answer that was given up.
      if (this.#owed === null || isChatter(text, namesIn(this.#owed))) this.#chatter(text);
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
    else if (isChatter(text, namesIn(this.#owed ?? pending.command))) this.#chatter(text);
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
    else if (isAnswer === undefined ? isChatter(text, pending.names) : !isAnswer(text)) this.#chatter(text);
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

  /** Without the subscriber's number where the command that was asked, or is owed, reads it. */
  #masked(text: string): string {
    return asksImsi(`${this.#pending?.command ?? ''} ${this.#owed ?? ''} ${text}`) ? maskImsi(text) : text;
  }

  #chatter(text: string): void {
    const said = this.#masked(text);
    this.trace.add('*', said);
    this.unsolicited.push(said);
    if (this.unsolicited.length > MAX_UNSOLICITED) this.unsolicited.shift();
    for (const listener of this.#listeners) listener(said);
  }

  #timeout(command: string, options: CallOptions): BenchError {
    return new BenchError('port.timeout', {
      address: this.#transport.address,
      seconds: seconds(options.timeoutMs),
      what: command,
    });
  }
}
