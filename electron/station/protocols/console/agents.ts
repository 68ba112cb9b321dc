import { BenchError } from '../../../../shared/errors/index.ts';
import {
  agentLine,
  bootstrap,
  commandFunctions,
  LEAVE,
  SAMPLE,
  SETTINGS,
  SUM_GUARD,
  summedLine,
  TRY,
} from './agent.ts';
import { answerReader } from './answer.ts';
import type { Exchange } from './exchange.ts';
import { makeToken } from './frames.ts';
import type { Line } from './line.ts';
import { quote } from './quote.ts';
import { FIRST_TRIALS, furtherTrials, GZIP_TRIAL, judge, NO_TOOLS, type Tools, type Trial } from './tools.ts';
import { look } from './words.ts';

/** An agent greets at once; a slow line takes longer. */
const HELLO_MS = 2_000;
const INTERRUPT = '\x03';

/** The agents on one console, one after the other: how each is started, taught, and ended. */
export class Agents {
  readonly #line: Line;
  readonly #exchange: Exchange;
  readonly #random: (bytes: number) => Uint8Array;
  #tools: Tools = NO_TOOLS;
  /** One reads what is sent, as far as is known. */
  isUp = false;
  /** Functions beyond those for commands, by their name; every new agent is told them. */
  readonly functions = new Map<string, string>();

  constructor(line: Line, exchange: Exchange, random: (bytes: number) => Uint8Array) {
    this.#line = line;
    this.#exchange = exchange;
    this.#random = random;
  }

  get tools(): Tools {
    return this.#tools;
  }

  /** Starts one, and tells it everything that an earlier one knew. Rejects with `unit.no-shell`. */
  async start(signal: AbortSignal): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      const token = makeToken(this.#random(12));
      this.#exchange.begin(token);
      await this.#line.send(bootstrap(token), signal);
      let isUp = await this.#exchange.sees('U', HELLO_MS, signal);
      if (!isUp) {
        // Perhaps its greeting was damaged; a shell that has no agent knows no such command.
        await this.#line.send(agentLine('echo "$T U"'), signal);
        isUp = await this.#exchange.sees('U', HELLO_MS * 3 * (attempt + 1), signal);
      }
      if (isUp) {
        this.isUp = true;
        await this.tell(SETTINGS, signal);
        if (this.#tools !== NO_TOOLS) await this.#defineAll(signal);
        return;
      }
      if (attempt >= 2) {
        throw new BenchError('unit.no-shell', { address: this.#line.address, shown: 'sh does not start' });
      }
      // The line may have been damaged on its way; whatever became of it is stopped first.
      await this.stop(signal);
    }
  }

  async #defineAll(signal: AbortSignal): Promise<void> {
    const [sums = '', ...functions] = commandFunctions(this.#tools);
    await this.tell(sums, signal);
    const { check } = this.#tools;
    if (check !== null) {
      const summed = summedLine(check);
      // The agent takes the one until it has heard, the other from then on, and either may get lost.
      this.#exchange.spell((command) => agentLine(command) + summed(command));
      await this.tell(SUM_GUARD, signal);
      this.#exchange.spell(summed);
    }
    for (const definition of functions) await this.tell(definition, signal);
    for (const definition of this.functions.values()) await this.tell(definition, signal);
  }

  /** Finds out by trying what the unit's shell has to offer; in words. */
  async findTools(signal: AbortSignal): Promise<string> {
    await this.tell(TRY, signal);
    const answers = new Map<string, string>();
    await this.#try(FIRST_TRIALS, answers, signal);
    await this.#try(furtherTrials(answers, SAMPLE), answers, signal);
    const found = judge(answers, SAMPLE);
    await this.tell(commandFunctions(found)[0] ?? '', signal);
    if (found.codec.id !== 'raw') await this.#try([GZIP_TRIAL], answers, signal);
    this.#tools = judge(answers, SAMPLE);
    await this.#defineAll(signal);
    const { codec, check, hash, gzip } = this.#tools;
    return `${codec.id}, ${check?.command ?? 'no checksum'}, ${hash?.command ?? 'no hash'}${gzip ? ', gzip' : ''}`;
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

  /** Has the agent run a short line that prints nothing, until it has confirmed it. */
  tell(command: string, signal: AbortSignal): Promise<true> {
    const number = this.#exchange.next();
    // Run at most once: a repeated line finds its number in D.
    return this.#exchange.run<true>(
      number,
      `[ "$D" = ${number} ]||{ D=${number};${command};};echo "$T D ${number}"`,
      (letter) => (letter === 'D' ? true : 'more'),
      { signal, timeoutMs: 15_000 },
    );
  }

  /** What the unit's kernel calls this start of it; null where it does not say. */
  async bootId(signal: AbortSignal): Promise<string | null> {
    const number = this.#exchange.next();
    const limit = 100;
    const { output } = await this.#exchange.run(
      number,
      `Q=${number};X ${limit} 'read -r i </proc/sys/kernel/random/boot_id&&echo "$i"'`,
      answerReader(this.#tools, limit),
      { signal, timeoutMs: 15_000 },
    );
    return /^[0-9a-f-]{36}$/m.exec(output.toString('latin1'))?.[0] ?? null;
  }

  /** Where the console is no shell's terminal no key stops anything: the agent leaves when its command ends. */
  async stop(signal: AbortSignal): Promise<void> {
    const options = { quietMs: 200, timeoutMs: 1_000, signal };
    await this.#line.send(INTERRUPT, signal);
    const { kind } = look(await this.#line.listen(options));
    if (kind !== 'nothing' && kind !== 'text' && kind !== 'leftover') return;
    await this.#line.send(LEAVE, signal);
    await this.#line.listen(options);
  }
}
