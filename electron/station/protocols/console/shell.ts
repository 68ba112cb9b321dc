import { randomBytes } from 'node:crypto';
import { BenchError, isBenchError } from '../../../../shared/errors/index.ts';
import type { Transport } from '../../transports/transport.ts';
import { agentLine, bootstrap, commandFunctions, SAMPLE, SETTINGS, TRY } from './agent.ts';
import { answerReader, type ExecResult } from './answer.ts';
import { type ConverseOptions, Exchange, type OnFrame } from './exchange.ts';
import { makeToken } from './frames.ts';
import { Line } from './line.ts';
import { type Credentials, PATIENCE, type Patience, reachShell } from './login.ts';
import { quote } from './quote.ts';
import { FIRST_TRIALS, furtherTrials, GZIP_TRIAL, judge, NO_TOOLS, type Tools, type Trial } from './tools.ts';
import { look } from './words.ts';

/** A command longer than this is sent in pieces; terminals take 4095 characters a line, some only 1024. */
const PIECE = 700;
const OUTPUT_LIMIT = 64 * 1024;
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

/**
 * A conversation with a shell on a console. One command at a time. Output and exit status are exact whatever
 * lands on the console meanwhile; an aborted command is interrupted, and the next one finds the shell again.
 */
export class ConsoleShell {
  readonly #line: Line;
  readonly #exchange: Exchange;
  readonly #options: ShellOptions;
  readonly #random: (bytes: number) => Uint8Array;
  #up = false;
  #loggedIn = false;
  /** The unit restarted: it may be another one by now, and must be matched anew, by a new conversation. */
  #lost = false;
  #closed = false;
  #tools: Tools = NO_TOOLS;
  /** Functions beyond those for commands, defined again whenever the agent was. */
  readonly #functions = new Map<string, string>();

  private constructor(transport: Transport, options: ShellOptions) {
    this.#line = new Line(transport);
    this.#exchange = new Exchange(this.#line);
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
        const size = command.length * 4 + 64;
        const heard = await this.#run(`X ${size} 'printf %s "$W"'`, size, options);
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
    await this.#tell(definition, signal);
    this.#functions.set(name, definition);
  }

  /**
   * Sends one line to the agent, with a new number in Q, and hands over every frame that answers it.
   * `onFrame` returns the result, `more` to go on, or `again` to have the line sent once more. A line whose
   * answer went missing is sent again too; after 8 times it is `unit.noise`.
   * Interrupts the unit when it is given up.
   */
  async converse<T>(command: string, onFrame: OnFrame<T>, options: ConverseOptions<T>): Promise<T> {
    await this.#ready(options.signal);
    const number = this.#exchange.next();
    try {
      return await this.#exchange.run(number, `Q=${number};${command}`, onFrame, options);
    } catch (error) {
      if (isBenchError(error, 'unit.session-lost')) this.#abandon();
      else await this.#interrupt();
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
      this.#exchange.begin(token);
      await this.#line.send(bootstrap(token), signal);
      if (await this.#exchange.sees('U', 6_000 * (attempt + 1), signal)) {
        this.#up = true;
        await this.#tell(SETTINGS, signal);
        if (this.#tools !== NO_TOOLS) await this.#defineAll(signal);
        return;
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
      const number = this.#exchange.next();
      const answer = await this.#exchange.run<string>(
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
    const number = this.#exchange.next();
    // Run at most once: a repeated line finds its number in D.
    return this.#exchange.run<true>(
      number,
      `[ "$D" = ${number} ]||{ D=${number};${command};};echo "$T D ${number}"`,
      (letter) => (letter === 'D' ? true : 'more'),
      { signal, timeoutMs: 15_000 },
    );
  }

  #run(command: string, limit: number, options: ExecOptions): Promise<ExecResult> {
    return this.converse<ExecResult>(command, answerReader(this.#tools, limit), options);
  }

  // ---- trouble ---------------------------------------------------------------------------------------------

  async #ready(signal: AbortSignal): Promise<void> {
    if (this.#lost) throw new BenchError('unit.session-lost', { address: this.address });
    if (this.#up) return;
    const { loggedIn } = await this.#reach(signal);
    if (loggedIn) {
      // It asked for a login although one was in progress: it restarted.
      this.#lost = true;
      this.#loggedIn = true;
      throw new BenchError('unit.session-lost', { address: this.address });
    }
    await this.#start(signal);
  }

  /** A unit that restarted has forgotten us, and is left alone. */
  #abandon(): void {
    this.#lost = true;
    this.#up = false;
    this.#loggedIn = false;
  }

  /** Stops whatever the agent runs, and the agent with it. Never rejects. */
  async #interrupt(): Promise<void> {
    this.#up = false;
    this.#exchange.forget();
    const signal = AbortSignal.timeout(2_500);
    try {
      this.#line.transport.discardInput();
      await this.#line.send(INTERRUPT, signal);
      await this.#line.listen({ quietMs: 200, timeoutMs: 2_000, signal });
    } catch {
      // Gone or stuck; the next use tells.
    }
  }

  /** The error for answers that never arrive whole. */
  noise(detail: string): BenchError {
    return this.#exchange.noise(detail);
  }
}
