import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { BenchError, isBenchError } from '../../../../shared/errors/index.ts';
import type { Transport } from '../../transports/transport.ts';
import { type AskOptions, type AtAnswer, Dialogue } from './dialogue.ts';
import { Trace } from './trace.ts';

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

/**
 * The AT dialogue with one unit (3GPP TS 27.007, V.250): one command in flight, whatever else the unit says
 * kept apart, and never a late answer taken for the next command's. Echo may be on or off.
 */
export class AtEngine {
  readonly #transport: Transport;
  readonly #dialogue: Dialogue;
  readonly #patience: Patience;
  #markTries = 0;
  #marksOwed = 0;
  #knowsCmee = false;
  #restore: string[] = [];

  private constructor(transport: Transport, dialogue: Dialogue, patience: Patience) {
    this.#transport = transport;
    this.#dialogue = dialogue;
    this.#patience = patience;
  }

  /**
   * Comes into step with the unit and switches error codes on (AT+CMEE=1).
   * Rejects with `port.timeout` within 4 s when nothing answers, `port.gone`, the signal's reason.
   * The transport stays the caller's to close when this rejects.
   */
  static async open(transport: Transport, options: OpenAtOptions): Promise<AtEngine> {
    transport.discardInput();
    const dialogue = new Dialogue(transport, new Trace(options.monotonic));
    const engine = new AtEngine(transport, dialogue, options.patience ?? PATIENCE);
    try {
      await engine.#begin(options.signal);
      return engine;
    } catch (error) {
      dialogue.stop(error);
      throw error;
    }
  }

  get address(): string {
    return this.#transport.address;
  }

  get isOpen(): boolean {
    return this.#dialogue.isOpen;
  }

  /** Resolves when the line has ended, whoever ended it; never rejects. */
  get ended(): Promise<void> {
    return this.#dialogue.ended;
  }

  get trace(): Trace {
    return this.#dialogue.trace;
  }

  /**
   * Sends a command and waits for its result; an error result is an answer, not a rejection.
   * Rejects: `port.timeout`, `port.gone`, `unit.protocol` (the answer is endless), the signal's reason.
   * After any of them but `port.gone`, the next call first comes into step with the unit again.
   */
  async ask(command: string, options: AskOptions): Promise<AtAnswer> {
    if (this.#dialogue.isBusy) throw new Error(`AT command “${command}” while another is in flight`);
    if (this.#dialogue.owed !== null) await this.#comeIntoStep(options.signal);
    return this.#dialogue.exchange(command, options);
  }

  /** Puts the unit's settings back as they were found, then closes the transport. */
  async close(): Promise<void> {
    if (this.isOpen && this.#dialogue.owed === null && !this.#dialogue.isBusy) {
      for (const command of this.#restore) {
        await this.#dialogue.exchange(command, { timeoutMs: FAREWELL_MS }).catch(() => {});
      }
    }
    this.#dialogue.stop(new BenchError('port.gone', { address: this.#transport.address }));
    await this.#transport.close();
  }

  async #begin(signal: AbortSignal): Promise<void> {
    const hello = await this.#knock(signal);
    if (hello.lines.includes('0')) {
      await this.#dialogue.exchange('ATV1', { timeoutMs: this.#patience.syncMs, signal });
      this.#restore.push('ATV0');
    }
    // The result of the knock may be an older one's: only a line of our own tells that we are in step.
    const [mark] = MARKS;
    let was: string | undefined;
    try {
      const read = await this.#dialogue.exchange(mark.command, {
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
    this.#dialogue.owed = null;
    if (was === '1') return;
    const set = await this.#dialogue.exchange('AT+CMEE=1', { timeoutMs: this.#patience.syncMs, signal });
    if (set.ok && was !== undefined) this.#restore.unshift(`AT+CMEE=${was}`);
  }

  /**
   * An AT until something answers: the first may only wake the unit, end what somebody had half typed, or
   * set its speed.
   */
  async #knock(signal: AbortSignal | undefined): Promise<AtAnswer> {
    const answer = await this.#tryRepeatedly(() =>
      this.#dialogue.exchange('AT', { timeoutMs: this.#patience.syncMs, signal }),
    );
    if (this.#dialogue.owed !== null) await this.#quiet(signal);
    this.#dialogue.owed = null;
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
      return this.#dialogue.exchange(mark.command, {
        timeoutMs: this.#patience.syncMs,
        signal,
        mark: { line: mark.line, orError: false },
      });
    });
    // Answers to earlier tries may look like this one's: let them pass.
    if (this.#marksOwed > 1) await this.#quiet(signal);
    this.#marksOwed = 0;
    this.#dialogue.owed = null;
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
      this.#dialogue.expectOpen();
      if (this.#dialogue.lastByteAt < since) return;
    }
  }
}
