import { randomBytes } from 'node:crypto';
import { BenchError, isBenchError } from '../../../../shared/errors/index.ts';
import type { Transport } from '../../transports/transport.ts';
import { agentLine } from './agent.ts';
import { Agents } from './agents.ts';
import { answerReader, type ExecResult } from './answer.ts';
import { type ConverseOptions, Exchange, type OnFrame } from './exchange.ts';
import { makeToken } from './frames.ts';
import { Line } from './line.ts';
import { type Credentials, type EntryOptions, PATIENCE, type Patience, reachShell } from './login.ts';
import { quote } from './quote.ts';
import type { Tools } from './tools.ts';
import { look } from './words.ts';

/** A command longer than this is sent in pieces; terminals take 4095 characters a line, some only 1024. */
const PIECE = 700;
const OUTPUT_LIMIT = 64 * 1024;

export interface ShellOptions extends Credentials {
  readonly signal: AbortSignal;
  readonly log?: (line: string) => void;
  /** Told when a boot under way is waited for. */
  readonly booting?: (() => void) | undefined;
  readonly patience?: Patience;
  /** What the console said by itself, where it was listened to already. */
  readonly heard?: string | undefined;
  readonly random?: (bytes: number) => Uint8Array;
}

export interface ExecOptions {
  readonly signal: AbortSignal;
  /** Milliseconds that the command may take before it has answered. */
  readonly timeoutMs: number;
  /** Bytes of output that are kept; what goes beyond is thrown away on the unit. */
  readonly limit?: number;
}

/**
 * A conversation with a shell on a console. One command at a time. Output and exit status are exact whatever
 * lands on the console meanwhile; an aborted command is interrupted, and the next one finds the shell again.
 */
export class ConsoleShell {
  readonly #line: Line;
  readonly #exchange: Exchange;
  readonly #agents: Agents;
  readonly #options: ShellOptions;
  readonly #random: (bytes: number) => Uint8Array;
  #loggedIn = false;
  /** The unit restarted: it may be another one by now, and must be matched anew, by a new conversation. */
  #lost = false;
  #closed = false;
  /** What the unit's kernel calls this start of it; null where it does not say. */
  #bootId: string | null = null;

  private constructor(transport: Transport, options: ShellOptions) {
    this.#line = new Line(transport);
    this.#exchange = new Exchange(this.#line);
    this.#options = options;
    this.#random = options.random ?? ((bytes) => randomBytes(bytes));
    this.#agents = new Agents(this.#line, this.#exchange, this.#random);
  }

  /**
   * Takes the transport over and gets to a shell, logging in where asked.
   * Rejects (having closed the transport) as `reachShell` does, or with `unit.no-shell`, `unit.noise`.
   */
  static async open(transport: Transport, options: ShellOptions): Promise<ConsoleShell> {
    const shell = new ConsoleShell(transport, options);
    try {
      const { heard, signal } = options;
      shell.#loggedIn = (await shell.#reach(signal, { heard })).loggedIn;
      await shell.#agents.start(signal);
      const offers = await shell.#agents.findTools(signal);
      options.log?.(`the shell offers: ${offers}`);
      shell.#bootId = await shell.#agents.bootId(signal);
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
    return this.#agents.tools;
  }

  /** Runs a command and waits for its end. Rejects with `port.timeout`, `unit.noise`, or the signal's reason. */
  async exec(command: string, options: ExecOptions): Promise<ExecResult> {
    const limit = options.limit ?? OUTPUT_LIMIT;
    let word = quote(command);
    // Without sums a line is only as long as it should be: the unit says the command back before it runs.
    const isProven = this.tools.check !== null;
    if (word.length > PIECE || !isProven) {
      await this.#stage(word, options.signal);
      word = `'eval "$W"'`;
      if (!isProven) {
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
    if (this.#agents.functions.get(name) === definition) return;
    await this.#agents.tell(definition, signal);
    this.#agents.functions.set(name, definition);
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
    this.#agents.functions.delete(name);
    if (!this.#agents.isUp || signal.aborted) return;
    await this.#agents.tell(command, signal).catch(() => this.#interrupt());
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
      if (this.#agents.isUp) {
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

  #reach(signal: AbortSignal, found: Pick<EntryOptions, 'heard' | 'busy'>): Promise<{ loggedIn: boolean }> {
    return reachShell(this.#line, {
      ...found,
      booting: this.#options.booting,
      credentials: { login: this.#options.login, password: this.#options.password },
      patience: this.#options.patience ?? PATIENCE,
      signal,
      random: () => makeToken(this.#random(12)).slice(3, -1),
      log: this.#options.log ?? (() => {}),
    });
  }

  // ---- commands --------------------------------------------------------------------------------------------

  async #stage(word: string, signal: AbortSignal): Promise<void> {
    await this.#ready(signal);
    // Any cut will do: the pieces are joined as text and read as a shell word only then.
    await this.#agents.tell('w=', signal);
    for (let at = 0; at < word.length; at += PIECE) {
      const piece = word.slice(at, at + PIECE).replaceAll("'", `'\\''`);
      await this.#agents.tell(`w="$w"'${piece}'`, signal);
    }
    await this.#agents.tell('eval "W=$w"', signal);
  }

  #run(command: string, limit: number, options: ExecOptions): Promise<ExecResult> {
    return this.converse<ExecResult>(command, answerReader(this.tools, limit), options);
  }

  // ---- trouble ---------------------------------------------------------------------------------------------

  async #ready(signal: AbortSignal): Promise<void> {
    if (this.#lost) throw new BenchError('unit.session-lost', { address: this.address });
    if (this.#agents.isUp) return;
    const { loggedIn } = await this.#reach(signal, { busy: true });
    if (loggedIn) this.#loggedIn = true;
    else await this.#agents.start(signal);
    // It asked for a login although one was in progress, or runs since another start: it restarted, or is
    // another unit.
    if (!loggedIn && (await this.#agents.bootId(signal)) === this.#bootId) return;
    this.#lost = true;
    throw new BenchError('unit.session-lost', { address: this.address });
  }

  /** A unit that restarted has forgotten us, and is left alone. */
  #abandon(): void {
    this.#lost = true;
    this.#agents.isUp = false;
    this.#loggedIn = false;
  }

  /** Stops whatever the agent runs, and the agent with it. Never rejects. */
  async #interrupt(): Promise<void> {
    this.#agents.isUp = false;
    this.#exchange.forget();
    const signal = AbortSignal.timeout(2_500);
    try {
      this.#line.transport.discardInput();
      await this.#agents.stop(signal);
    } catch {
      // Gone or stuck; the next use tells.
    }
  }

  /** The error for answers that never arrive whole. */
  noise(detail: string): BenchError {
    return this.#exchange.noise(detail);
  }
}
