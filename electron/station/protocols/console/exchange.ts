import { setTimeout as delay } from 'node:timers/promises';
import { BenchError } from '../../../../shared/errors/index.ts';
import { agentLine, type Spelling } from './agent.ts';
import { type Frame, FrameParser, makeToken } from './frames.ts';
import type { Line } from './line.ts';
import { look, restarts } from './words.ts';

/** The largest body that is kept: a chunk of 1 MiB in the most wasteful encoding stays below it. */
const BODY_LIMIT = 8 * 1024 * 1024;
/**
 * Silent for this long, the unit is asked whether it is done; the question waits in its terminal until then.
 * Each further question waits twice as long, so that they do not fill the terminal's 4 KiB.
 */
const ASK_AFTER_MS = 600;
const ASK_AT_MOST_MS = 80_000;
/** The same while nothing at all arrives: a long command, or a restart, which must not be typed into. */
const ASK_IN_SILENCE_MS = 5_000;
/** The same where something does arrive, but nothing of ours: noise, or a slow line. */
const ASK_IN_NOISE_MS = 30_000;
/** The same line is sent this often at most. */
const TRIES = 8;
const FIRST_PAUSE_MS = 10;
/** How much of the console's text is remembered, to see a restart. */
const RECENT = 2048;

export interface ExchangeOptions {
  readonly signal: AbortSignal;
  /** Milliseconds without a frame that helped, after which it is given up. */
  readonly timeoutMs: number;
}

export interface ConverseOptions<T> extends ExchangeOptions {
  /** What it comes to when the last frame went missing; without it the line is sent again. */
  readonly onLost?: () => T;
}

/**
 * Told of each frame that answers: its letter, its fields (the number first), and what stood before it.
 * Gives the result, `more` to go on, or `again` to have the line sent once more.
 */
export type OnFrame<T> = (
  letter: string,
  fields: readonly string[],
  body: Buffer | null,
) => T | 'more' | 'again' | Promise<T | 'more' | 'again'>;

/** Lines to the agent and frames back, over a console that may damage both. */
export class Exchange {
  readonly #line: Line;
  #parser = new FrameParser(makeToken(new Uint8Array(12)), 0);
  #frames: Frame[] = [];
  #recent = '';
  /** Whether anything arrived since the last line was sent. */
  #heard = false;
  #number = 0;
  #spell: Spelling = agentLine;

  constructor(line: Line) {
    this.#line = line;
  }

  /** A number that no line had before. */
  next(): number {
    this.#number += 1;
    return this.#number;
  }

  /** From now on frames carry this token. */
  begin(token: string): void {
    this.#parser = new FrameParser(token, BODY_LIMIT);
    this.#spell = agentLine;
    this.forget();
  }

  /** From now on lines are spelled like this. */
  spell(spelling: Spelling): void {
    this.#spell = spelling;
  }

  /** Drops frames that arrived and were not looked at. */
  forget(): void {
    this.#frames = [];
    this.#recent = '';
  }

  /** Resolves with true when a frame with that letter came, false when the time was over. */
  async sees(letter: string, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      const left = end - performance.now();
      const frame = await this.#nextFrame({ silenceMs: left, firstMs: left, timeoutMs: left }, signal);
      if (frame === null || frame.fields[0] === letter) return frame !== null;
    }
  }

  /**
   * Sends a line and hands over every frame with its number. Where an answer went missing the line is sent again,
   * so it must not matter how often it is run. Rejects with `unit.noise` after eight times, `port.timeout`,
   * `unit.session-lost` where the unit restarted, or the signal's reason.
   */
  async run<T>(
    number: number,
    command: string,
    onFrame: OnFrame<T>,
    options: ConverseOptions<T>,
  ): Promise<T> {
    const { signal, timeoutMs } = options;
    const text = this.#spell(command);
    let left = TRIES;
    let helpedAt = performance.now();
    let askAfterMs = ASK_AFTER_MS;
    let asked: string | null = null;
    /** At most one question for a broken frame, until one was whole again. */
    let mayAsk = true;
    this.#heard = false;
    await this.#line.send(text, signal);
    for (;;) {
      const frame = await this.#nextFrame(
        {
          silenceMs: askAfterMs,
          firstMs: Math.max(askAfterMs, ASK_IN_SILENCE_MS),
          timeoutMs: Math.min(ASK_IN_NOISE_MS, helpedAt + timeoutMs - performance.now()),
        },
        signal,
      );
      const broken = frame !== null && frame.fields.length === 0;
      if (broken && !mayAsk) continue;
      if (frame === null || broken) {
        if (performance.now() >= helpedAt + timeoutMs) throw this.#timeout(timeoutMs);
        // Something of ours was hit: no need to wait for silence.
        if (!broken) {
          this.#expectNoBoot();
          askAfterMs = Math.min(askAfterMs * 2, ASK_AT_MOST_MS);
        }
        mayAsk = false;
        asked = String(this.next());
        await this.#line.send(this.#spell(`echo "$T G ${asked}"`), signal);
        continue;
      }
      const [letter = '', ...fields] = frame.fields;
      let result: T | 'more' | 'again' = 'more';
      // `B`: the line was damaged on its way. `G`: the unit is done, and what it answered got lost.
      if (letter === 'B') result = 'again';
      else if (letter === 'G' && fields[0] === asked) result = options.onLost?.() ?? 'again';
      else if (letter === 'c' || fields[0] === String(number)) {
        result = await onFrame(letter, fields, frame.body);
        if (result === 'more') {
          helpedAt = performance.now();
          askAfterMs = ASK_AFTER_MS;
          mayAsk = true;
        }
      }
      if (result === 'more') continue;
      if (result !== 'again') return result;
      left -= 1;
      if (left === 0) throw this.noise('the same answer was damaged again and again');
      // Noise comes in bursts: the first repetition is at once, the next ones wait longer and longer.
      if (left < TRIES - 1) {
        await delay(FIRST_PAUSE_MS * 2 ** (TRIES - left), undefined, { signal }).catch(() => {});
        signal.throwIfAborted();
      }
      asked = null;
      mayAsk = true;
      askAfterMs = ASK_AFTER_MS;
      helpedAt = performance.now();
      await this.#line.send(text, signal);
    }
  }

  /**
   * The next frame; null after that much silence (`firstMs` while nothing at all arrived), or when none was
   * complete in that time.
   */
  async #nextFrame(
    { silenceMs, firstMs, timeoutMs }: { silenceMs: number; firstMs: number; timeoutMs: number },
    signal: AbortSignal,
  ): Promise<Frame | null> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      const frame = this.#frames.shift();
      if (frame !== undefined) {
        // The agent is alive; what was said before, the content of files included, is no restart.
        if (frame.fields.length > 0) this.#recent = '';
        return frame;
      }
      const left = end - performance.now();
      if (left <= 0) return null;
      const bytes = await this.#line.read(Math.min(left, this.#heard ? silenceMs : firstMs), signal);
      if (bytes === null) return null;
      this.#heard = true;
      if (bytes.length < RECENT) {
        this.#recent = (this.#recent + Buffer.from(bytes).toString('latin1')).slice(-RECENT);
      }
      this.#frames.push(...this.#parser.push(bytes));
    }
  }

  /** A unit that restarted must not be sent anything: a boot loader would stop at it. */
  #expectNoBoot(): void {
    const { kind } = look(this.#recent);
    if (kind === 'autoboot' || kind === 'boot-loader' || kind === 'login' || restarts(this.#recent)) {
      throw new BenchError('unit.session-lost', { address: this.#line.address });
    }
  }

  #timeout(timeoutMs: number): BenchError {
    const seconds = Math.round(timeoutMs / 1000);
    return new BenchError('port.timeout', {
      address: this.#line.address,
      seconds,
      what: 'waiting for a command',
    });
  }

  /** The error for answers that never arrive whole. */
  noise(detail: string): BenchError {
    return new BenchError('unit.noise', { address: this.#line.address, detail });
  }
}
