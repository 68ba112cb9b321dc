import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { BenchError, isBenchError } from '../../../../shared/errors/index.ts';
import type { Transport } from '../../transports/transport.ts';
import { agentLine, bootstrap, commandFunctions, SAMPLE, SETTINGS, TRY } from './agent.ts';
import { readSum, sumOf } from './checks.ts';
import { type Frame, FrameParser, makeToken } from './frames.ts';
import { Line } from './line.ts';
import { type Credentials, PATIENCE, type Patience, reachShell } from './login.ts';
import { quote } from './quote.ts';
import { FIRST_TRIALS, furtherTrials, GZIP_TRIAL, judge, NO_TOOLS, type Tools, type Trial } from './tools.ts';
import { look, restarts, withoutKernel } from './words.ts';

/** The largest body that is kept: a chunk of 1 MiB in the most wasteful encoding stays below it. */
const BODY_LIMIT = 8 * 1024 * 1024;
/**
 * Silent for this long, the unit is asked whether it is done; the question waits in its terminal until then.
 * Each further question waits twice as long, so that they do not fill the terminal's 4 KiB.
 */
const ASK_AFTER_MS = 600;
/** The same while nothing at all arrives: a long command, or a restart, which must not be typed into. */
const ASK_IN_SILENCE_MS = 5_000;
const ASK_AT_MOST_MS = 80_000;
/** The same where something does arrive, but nothing of ours: noise, or a slow line. */
const ASK_IN_NOISE_MS = 30_000;
/** The same question, answered or damaged or repeated, this often at most. */
const TRIES = 8;
const FIRST_PAUSE_MS = 10;
/** A command longer than this is sent in pieces; terminals take 4095 characters a line, some only 1024. */
const PIECE = 700;
const OUTPUT_LIMIT = 64 * 1024;
/** How much of the console's text is remembered, to see a restart. */
const RECENT = 2048;
const INTERRUPT = '\x03';

export interface ShellOptions extends Credentials {
  readonly signal: AbortSignal;
  readonly log?: (line: string) => void;
  readonly patience?: Patience;
  readonly random?: (bytes: number) => Uint8Array;
}

export interface ExecOptions {
  readonly signal: AbortSignal;
  /** Milliseconds that the command may take before it has answered. */
  readonly timeoutMs: number;
  /** Bytes of output that are kept; what goes beyond is thrown away on the unit. */
  readonly limit?: number;
  /** Has the unit say the command back before it runs: for commands that must not be misheard. */
  readonly confirm?: boolean;
}

export interface ExecResult {
  readonly status: number;
  /** Both streams in the order they were written. */
  readonly output: Buffer;
}

export interface ConverseOptions<T> {
  readonly signal: AbortSignal;
  /** Milliseconds without a frame that helped, after which it is given up. */
  readonly timeoutMs: number;
  /** What it comes to when the last frame went missing; without it the line is sent again. */
  readonly onLost?: () => T;
}

/** Told of each frame that answers: its letter, its fields (the number first), and what stood before it. */
type OnFrame<T> = (
  letter: string,
  fields: readonly string[],
  body: Buffer | null,
) => T | 'more' | 'again' | Promise<T | 'more' | 'again'>;

/**
 * A conversation with a shell on a console. One command at a time. Output and exit status are exact whatever
 * lands on the console meanwhile; an aborted command is interrupted, and the next one finds the shell again.
 */
export class ConsoleShell {
  readonly #line: Line;
  readonly #options: ShellOptions;
  readonly #random: (bytes: number) => Uint8Array;
  #parser = new FrameParser(makeToken(new Uint8Array(12)), 0);
  #frames: Frame[] = [];
  #recent = '';
  /** Whether anything arrived since the last command was sent. */
  #heard = false;
  #number = 0;
  #up = false;
  #loggedIn = false;
  #closed = false;
  #tools: Tools = NO_TOOLS;
  /** Functions beyond those for commands, defined again whenever the agent was. */
  readonly #functions = new Map<string, string>();

  private constructor(transport: Transport, options: ShellOptions) {
    this.#line = new Line(transport);
    this.#options = options;
    this.#random = options.random ?? ((bytes) => randomBytes(bytes));
  }

  /**
   * Takes the transport over and gets to a shell, logging in where asked.
   * Rejects (having closed the transport) as `reachShell` does, or with `unit.no-shell`, `unit.noise`.
   */
  static async open(transport: Transport, options: ShellOptions): Promise<ConsoleShell> {
    const shell = new ConsoleShell(transport, options);
    try {
      shell.#loggedIn = (await shell.#reach(options.signal)).loggedIn;
      await shell.#start(options.signal);
      await shell.#findTools(options.signal);
    } catch (error) {
      await shell.close();
      throw error;
    }
    return shell;
  }

  get address(): string {
    return this.#line.address;
  }

  get tools(): Tools {
    return this.#tools;
  }

  /** Runs a command and waits for its end. Rejects with `port.timeout`, `unit.noise`, or the signal's reason. */
  async exec(command: string, options: ExecOptions): Promise<ExecResult> {
    const limit = options.limit ?? OUTPUT_LIMIT;
    let word = quote(command);
    if (word.length > PIECE || options.confirm) {
      await this.#stage(word, options.signal);
      word = `'eval "$W"'`;
      if (options.confirm) {
        const heard = await this.#run(`X ${command.length * 4 + 64} 'printf %s "$W"'`, limit, options);
        if (heard.output.toString('utf8') !== command) throw this.noise('a command came out differently');
      }
    }
    return this.#run(`X ${limit} ${word}`, limit, options);
  }

  /** As `exec`, with the output as text. */
  async text(command: string, options: ExecOptions): Promise<{ status: number; text: string }> {
    const { status, output } = await this.exec(command, options);
    return { status, text: output.toString('utf8') };
  }

  /** Makes a shell function known to the agent, now and after every interruption. */
  async define(name: string, definition: string, signal: AbortSignal): Promise<void> {
    await this.#ready(signal);
    if (this.#functions.get(name) === definition) return;
    this.#functions.set(name, definition);
    await this.#tell(definition, signal);
  }

  /**
   * Sends one line to the agent, with a new number in Q, and hands over every frame that answers it.
   * `onFrame` returns the result, `more` to go on, or `again` to have the line sent once more. A line whose
   * answer went missing is sent again too; after 8 times it is `unit.noise`.
   * Interrupts the unit when it is given up.
   */
  async converse<T>(command: string, onFrame: OnFrame<T>, options: ConverseOptions<T>): Promise<T> {
    await this.#ready(options.signal);
    const number = this.#nextNumber();
    try {
      return await this.#exchange(number, `Q=${number};${command}`, onFrame, options);
    } catch (error) {
      if (!isBenchError(error, 'unit.session-lost')) await this.#interrupt();
      throw error;
    }
  }

  /** Undoes a definition, in the agent by `command`. Never rejects: an agent that is gone has forgotten. */
  async forget(name: string, command: string, signal: AbortSignal): Promise<void> {
    this.#functions.delete(name);
    if (!this.#up || signal.aborted) return;
    await this.#tell(command, signal).catch(() => this.#interrupt());
  }

  /** Sends bytes to a command that reads the terminal while `converse` waits for its frames. */
  async send(text: string, signal: AbortSignal): Promise<void> {
    await this.#line.send(text, signal);
  }

  /** Leaves the shell as it was found, logs out where it logged in, closes the transport. Never rejects. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const signal = AbortSignal.timeout(4_000);
    try {
      if (this.#up) {
        await this.#line.send(agentLine('exit'), signal);
        await this.#line.listen({ quietMs: 150, timeoutMs: 1_500, signal, until: (text) => text !== '' });
      }
      if (this.#loggedIn) {
        await this.#line.send('exit\r', signal);
        const until = (text: string) => look(text).kind === 'login';
        await this.#line.listen({ quietMs: 500, timeoutMs: 1_500, signal, until });
      }
    } catch {
      // The unit is gone or silent: there is nothing left to restore.
    } finally {
      await this.#line.transport.close();
    }
  }

  // ---- starting --------------------------------------------------------------------------------------------

  #reach(signal: AbortSignal): Promise<{ loggedIn: boolean }> {
    return reachShell(this.#line, {
      credentials: { login: this.#options.login, password: this.#options.password },
      patience: this.#options.patience ?? PATIENCE,
      signal,
      random: () => makeToken(this.#random(12)).slice(3, -1),
      log: this.#options.log ?? (() => {}),
    });
  }

  async #start(signal: AbortSignal): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      const token = makeToken(this.#random(12));
      this.#parser = new FrameParser(token, BODY_LIMIT);
      this.#frames = [];
      await this.#line.send(bootstrap(token), signal);
      const end = performance.now() + 6_000 + attempt * 6_000;
      for (;;) {
        const left = end - performance.now();
        const frame = await this.#nextFrame({ silenceMs: left, timeoutMs: left }, signal);
        if (frame === null) break;
        if (frame.fields[0] === 'U') {
          this.#up = true;
          await this.#tell(SETTINGS, signal);
          if (this.#tools !== NO_TOOLS) await this.#defineAll(signal);
          return;
        }
      }
      if (attempt >= 2) {
        throw new BenchError('unit.no-shell', { address: this.address, shown: 'sh does not start' });
      }
      // The line may have been damaged on its way; whatever became of it is stopped first.
      await this.#line.send(INTERRUPT, signal);
      await this.#line.listen({ quietMs: 300, timeoutMs: 2_000, signal });
    }
  }

  async #defineAll(signal: AbortSignal): Promise<void> {
    for (const definition of commandFunctions(this.#tools)) await this.#tell(definition, signal);
    for (const definition of this.#functions.values()) await this.#tell(definition, signal);
  }

  async #findTools(signal: AbortSignal): Promise<void> {
    await this.#tell(TRY, signal);
    const answers = new Map<string, string>();
    await this.#try(FIRST_TRIALS, answers, signal);
    await this.#try(furtherTrials(answers, SAMPLE), answers, signal);
    const found = judge(answers, SAMPLE);
    await this.#tell(commandFunctions(found)[0] ?? '', signal);
    if (found.codec.id !== 'raw') await this.#try([GZIP_TRIAL], answers, signal);
    this.#tools = judge(answers, SAMPLE);
    await this.#defineAll(signal);
    const { codec, check, hash, gzip } = this.#tools;
    this.#options.log?.(
      `the shell offers: ${codec.id}, ${check?.command ?? 'no checksum'}, ${hash?.command ?? 'no hash'}${gzip ? ', gzip' : ''}`,
    );
  }

  async #try(trials: readonly Trial[], answers: Map<string, string>, signal: AbortSignal): Promise<void> {
    for (const trial of trials) {
      // One at a time: short lines, and an answer that was damaged is asked for again.
      const number = this.#nextNumber();
      const answer = await this.#exchange<string>(
        number,
        `t ${trial.id} ${quote(trial.command)};echo "$T Z ${number}"`,
        (() => {
          let seen: string | null = null;
          return (letter: string, fields: readonly string[]) => {
            if (letter === 'c' && fields[0] === trial.id) seen = fields.slice(1).join(' ');
            if (letter !== 'Z') return 'more';
            return seen ?? 'again';
          };
        })(),
        { signal, timeoutMs: 15_000 },
      );
      answers.set(trial.id, answer);
    }
  }

  // ---- commands --------------------------------------------------------------------------------------------

  async #stage(word: string, signal: AbortSignal): Promise<void> {
    await this.#ready(signal);
    // Any cut will do: the pieces are joined as text and read as a shell word only then.
    await this.#tell('w=', signal);
    for (let at = 0; at < word.length; at += PIECE) {
      const piece = word.slice(at, at + PIECE).replaceAll("'", `'\\''`);
      await this.#tell(`w="$w"'${piece}'`, signal);
    }
    await this.#tell('eval "W=$w"', signal);
  }

  /** Has the agent run a short line that prints nothing, until it has confirmed it. */
  #tell(command: string, signal: AbortSignal): Promise<true> {
    const number = this.#nextNumber();
    // Run at most once: a repeated line finds its number in D.
    return this.#exchange<true>(
      number,
      `[ "$D" = ${number} ]||{ D=${number};${command};};echo "$T D ${number}"`,
      (letter) => (letter === 'D' ? true : 'more'),
      { signal, timeoutMs: 15_000 },
    );
  }

  async #run(command: string, limit: number, options: ExecOptions): Promise<ExecResult> {
    const { codec, check } = this.#tools;
    let announced = '';
    let unproven: Buffer | null = null;
    return this.converse<ExecResult>(
      command,
      (letter, fields, body) => {
        if (letter === 'R') {
          announced = fields.join(' ');
          return 'more';
        }
        if (letter !== 'E') return 'more';
        const said = fields.join(' ');
        const sum = check === null ? null : readSum(check.name, fields.slice(2).join(' '));
        const length = Number(fields[1]);
        if (body === null || said !== announced || (check !== null && sum === null)) return 'again';
        const text = answerText(body, (candidate) => {
          if (check === null) return candidate.length === length + 1;
          return sumOf(check.name, Buffer.from(candidate, 'latin1')) === sum;
        });
        const content = text === null ? null : codec.decode(text.slice(0, -1), true);
        if (content === null) return 'again';
        // Without a checksum an answer counts when it came twice the same.
        if (check === null && unproven?.equals(content) !== true) {
          unproven = content;
          return 'again';
        }
        const status = /\/(\d{1,3})\n?$/.exec(content.subarray(-8).toString('latin1'));
        if (status === null) return 'again';
        const output = content.subarray(0, content.length - status[0].length);
        return { status: Number(status[1]), output: output.subarray(0, limit) };
      },
      options,
    );
  }

  #nextNumber(): number {
    this.#number += 1;
    return this.#number;
  }

  // ---- frames ----------------------------------------------------------------------------------------------

  async #exchange<T>(
    number: number,
    command: string,
    onFrame: OnFrame<T>,
    options: ConverseOptions<T>,
  ): Promise<T> {
    const { signal, timeoutMs } = options;
    const text = agentLine(command);
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
          silenceMs: this.#heard ? askAfterMs : Math.max(askAfterMs, ASK_IN_SILENCE_MS),
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
        asked = String(this.#nextNumber());
        await this.#line.send(agentLine(`echo "$T G ${asked}"`), signal);
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

  /** The next frame; null after that much silence, or when none was complete in that time. */
  async #nextFrame(
    { silenceMs, timeoutMs }: { silenceMs: number; timeoutMs: number },
    signal: AbortSignal,
  ): Promise<Frame | null> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      const frame = this.#frames.shift();
      if (frame !== undefined) return frame;
      const left = end - performance.now();
      if (left <= 0) return null;
      const bytes = await this.#line.read(Math.min(left, silenceMs), signal);
      if (bytes === null) return null;
      this.#heard = true;
      if (bytes.length < RECENT) {
        this.#recent = (this.#recent + Buffer.from(bytes).toString('latin1')).slice(-RECENT);
      }
      this.#frames.push(...this.#parser.push(bytes));
    }
  }

  // ---- trouble ---------------------------------------------------------------------------------------------

  /** A unit that restarted must not be sent anything: a boot loader would stop at it. */
  #expectNoBoot(): void {
    const { kind } = look(this.#recent);
    if (kind === 'autoboot' || kind === 'boot-loader' || kind === 'login' || restarts(this.#recent)) {
      this.#up = false;
      this.#loggedIn = false;
      throw new BenchError('unit.session-lost', { address: this.address });
    }
  }

  async #ready(signal: AbortSignal): Promise<void> {
    if (this.#up) return;
    const { loggedIn } = await this.#reach(signal);
    if (loggedIn) {
      // It asked for a login although one was in progress: it restarted, and may be another unit by now.
      this.#loggedIn = true;
      throw new BenchError('unit.session-lost', { address: this.address });
    }
    await this.#start(signal);
  }

  /** Stops whatever the agent runs, and the agent with it. Never rejects. */
  async #interrupt(): Promise<void> {
    this.#up = false;
    this.#frames = [];
    const signal = AbortSignal.timeout(2_500);
    try {
      this.#line.transport.discardInput();
      await this.#line.send(INTERRUPT, signal);
      await this.#line.listen({ quietMs: 200, timeoutMs: 2_000, signal });
    } catch {
      // Gone or stuck; the next use tells.
    }
  }

  #timeout(timeoutMs: number): BenchError {
    const seconds = Math.round(timeoutMs / 1000);
    return new BenchError('port.timeout', { address: this.address, seconds, what: 'waiting for a command' });
  }

  /** The error for answers that never arrive whole. */
  noise(detail: string): BenchError {
    return new BenchError('unit.noise', { address: this.address, detail });
  }
}

/** The text of an answer, kernel messages and translated line ends undone, when a reading of it proves right. */
function answerText(body: Buffer, proves: (text: string) => boolean): string | null {
  const text = body.toString('latin1');
  const lf = text.replaceAll('\r\n', '\n');
  return [text, lf, withoutKernel(lf)].find(proves) ?? null;
}
