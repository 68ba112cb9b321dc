import { setTimeout as delay } from 'node:timers/promises';
import type { WipeTarget } from '../../../shared/contract/work.ts';
import { BenchError, isBenchError } from '../../../shared/errors/index.ts';
import type { Identity } from '../../../shared/model/units.ts';
import type { AtAnswer } from '../protocols/at/dialogue.ts';
import { AtEngine } from '../protocols/at/engine.ts';
import {
  battery,
  firstOf,
  isRegistrationAnswer,
  operator,
  pinState,
  registration,
  signal as signalOf,
} from '../protocols/at/parse.ts';
import { isReadOnly } from '../protocols/at/readonly.ts';
import { CME_SIM_NOT_INSERTED, describeResult } from '../protocols/at/results.ts';
import { FACTORY_RESET } from '../protocols/at/samsung.ts';
import { masked } from '../protocols/at/trace.ts';
import { type AtIdentification, identifyAt, READ_MS, readDeviceInfo } from './at-identity.ts';
import { type DirectedResets, type ResetProof, sameNumbers, unproven } from './at-resets.ts';
import type { ActionContext, ActionResult, OpenUnitOptions, UnitSession, Value } from './driver.ts';

/** +COPS? may ask the network first. */
const OPERATOR_MS = 15_000;
/** The phone answers the reset before it goes down, or goes down without a word. */
const RESET_MS = 20_000;
/** How long a phone may take from its answer to leaving the port. */
const LEAVE_MS = 60_000;
/** How long a phone may take to come back from its reset, and how often it is looked for. */
const RETURN_MS = 180_000;
const LOOK_EVERY_MS = 250;
/** The questions asked for the record, besides identity. All only read. */
const LOG_QUESTIONS = [
  'ATI',
  'AT+CBC',
  'AT+CSQ',
  'AT+CPIN?',
  'AT+CREG?',
  'AT+COPS?',
  'AT+CIMI',
  'AT+CEER',
] as const;

/** A conversation with one phone or modem. */
export class AtSession implements UnitSession {
  readonly family = 'at';
  #engine: AtEngine;
  readonly #options: OpenUnitOptions;
  readonly #resets: DirectedResets;
  readonly #monotonic: (() => number) | undefined;
  /** Who it was when it was last asked; after a reboot it must be the same. */
  #known: AtIdentification | null = null;
  /** A reset was directed and the phone has not left the port since. */
  #rebootDue = false;
  #trace = '';

  constructor(
    engine: AtEngine,
    options: OpenUnitOptions,
    resets: DirectedResets,
    monotonic: (() => number) | undefined,
  ) {
    this.#engine = engine;
    this.#options = options;
    this.#resets = resets;
    this.#monotonic = monotonic;
  }

  async identify(signal: AbortSignal): Promise<Identity> {
    this.#known = await identifyAt(this.#engine, signal);
    return this.#known.identity;
  }

  async run(action: string, args: unknown, context: ActionContext): Promise<ActionResult> {
    switch (action) {
      case 'identify': {
        const { maker, model, serial, imei1, imei2, firmware } = await this.identify(context.signal);
        return { values: { maker, model, serial, imei1, imei2, firmware } };
      }
      case 'battery':
        return { values: await this.#battery(context.signal) };
      case 'signal':
        return { values: await this.#signal(context.signal) };
      case 'lock':
        return { values: await this.#lock(context.signal) };
      case 'network':
        return { values: await this.#network(context.signal) };
      case 'logs':
        return { values: await this.#logs(context) };
      case 'at':
        return { values: await this.#question(args, context.signal) };
      case 'factory-reset':
        return { values: await this.#factoryReset(context) };
      case 'reset-proof':
        return { values: { ...(await this.#resetProof(context)) } };
      default:
        throw new BenchError('unit.unsupported', { family: this.family, action });
    }
  }

  async wipeTargets(): Promise<WipeTarget[]> {
    const identity = this.#known?.identity ?? null;
    const target: WipeTarget = {
      id: 'phone',
      title: 'The phone’s own factory reset',
      kind: 'phone',
      bytes: null,
      model: identity?.model ?? null,
      serial: identity?.serial ?? null,
      allowed: true,
      reasons: [],
    };
    return [target];
  }

  async close(): Promise<void> {
    await this.#engine.close();
  }

  #ask(command: string, signal: AbortSignal, timeoutMs = READ_MS): Promise<AtAnswer> {
    const isAnswer = command === 'AT+CREG?' ? isRegistrationAnswer : undefined;
    return this.#engine.ask(command, { timeoutMs, signal, isAnswer });
  }

  async #battery(signal: AbortSignal): Promise<Record<string, Value>> {
    const read = await this.#understood('AT+CBC', signal, battery);
    return { level: read.level, charging: read.charging, voltage: read.voltage };
  }

  async #signal(signal: AbortSignal): Promise<Record<string, Value>> {
    const read = await this.#understood('AT+CSQ', signal, signalOf);
    return { rssi: read.rssi, ber: read.ber };
  }

  async #lock(signal: AbortSignal): Promise<Record<string, Value>> {
    const answer = await this.#ask('AT+CPIN?', signal);
    const { result } = answer;
    let state: string | null = null;
    if (answer.ok) {
      const said = firstOf(answer, pinState);
      state = said === 'NOT INSERTED' ? 'not inserted' : said;
    } else if (result.kind === 'cme') {
      state =
        result.code === CME_SIM_NOT_INSERTED || /not inserted/i.test(result.text)
          ? 'not inserted'
          : result.text;
    }
    // A bare ERROR says that there is no telling, as from modems without a slot: that is no fault of the unit.
    if (state === null && result.kind !== 'error') throw this.#refused('AT+CPIN?', answer);
    const known = this.#known?.identity ?? (await this.identify(signal));
    const device = await readDeviceInfo(this.#engine, known, signal);
    return { state, deviceLock: device?.lock ?? null };
  }

  async #network(signal: AbortSignal): Promise<Record<string, Value>> {
    const registered = await this.#understood('AT+CREG?', signal, registration);
    const answer = await this.#ask('AT+COPS?', signal, OPERATOR_MS);
    return { registration: registered, operator: answer.ok ? firstOf(answer, operator) : null };
  }

  /** Asks everything once more and keeps the whole conversation as evidence. */
  async #logs(context: ActionContext): Promise<Record<string, Value>> {
    const total = LOG_QUESTIONS.length + 1;
    await this.identify(context.signal);
    for (const [index, command] of LOG_QUESTIONS.entries()) {
      context.progress({ done: index + 1, total, unit: 'steps' });
      try {
        await this.#ask(command, context.signal, command === 'AT+COPS?' ? OPERATOR_MS : READ_MS);
      } catch (error) {
        // A question without an answer is evidence too; a line that is gone is not.
        if (!isBenchError(error, 'port.timeout', 'unit.protocol')) throw error;
      }
    }
    const bytes = Buffer.from(this.#trace + this.#engine.trace.text(), 'utf8');
    const sink = await context.openArtifact({
      kind: 'log',
      name: 'at-trace.log',
      mime: 'text/plain; charset=utf-8',
    });
    try {
      await sink.write(bytes);
      await sink.finish({ sha256ByUnit: null });
    } catch (error) {
      await sink.discard();
      throw error;
    }
    context.progress({ done: total, total, unit: 'steps' });
    return { bytes: bytes.length, lines: bytes.toString('utf8').split('\n').length - 1 };
  }

  async #question(args: unknown, signal: AbortSignal): Promise<Record<string, Value>> {
    const command = typeof args === 'object' && args !== null && 'command' in args ? args.command : null;
    // Checked when the procedure was loaded; checked again where the bytes leave.
    if (typeof command !== 'string' || !isReadOnly(command)) {
      throw new BenchError('input.invalid', { detail: '“command” must be an AT command that only reads' });
    }
    const answer = await this.#ask(command, signal, OPERATOR_MS);
    const said = [...answer.lines, ...(answer.ok ? [] : [describeResult(answer.result)])].join('\n');
    return { ok: answer.ok, text: masked(said, command) };
  }

  async #factoryReset(context: ActionContext): Promise<Record<string, Value>> {
    const before = this.#known ?? (await identifyAt(this.#engine, context.signal));
    this.#known = before;
    this.#resets.remember(before);
    let answer: string;
    let directed = true;
    try {
      const reply = await this.#ask(FACTORY_RESET, context.signal, RESET_MS);
      directed = reply.ok;
      answer = [...reply.lines, describeResult(reply.result)].join(' ');
    } catch (error) {
      if (!isBenchError(error, 'port.gone')) throw error;
      answer = 'no answer: the phone left the port';
    }
    this.#rebootDue = directed;
    context.log(`${FACTORY_RESET}: ${answer}`);
    return { directed, answer };
  }

  /** Looks for something that only a reset phone reports. Without it the reset stays unproven, honestly. */
  async #resetProof(context: ActionContext): Promise<ResetProof> {
    const before = this.#known;
    if (this.#rebootDue && !(await this.#leaves(context.signal))) {
      return unproven('The phone took the command and did not restart.');
    }
    const now = await this.#afterReboot(context.signal);
    if (now === null) return unproven('The phone did not come back, so nothing could be read.');
    if (before !== null && !sameNumbers(before.identity, now.identity)) {
      return unproven('The phone that came back says other numbers than before.');
    }
    return this.#resets.proofOf(now);
  }

  /** Waits for the phone to go down; false when it stays. */
  async #leaves(signal: AbortSignal): Promise<boolean> {
    const waited = new AbortController();
    try {
      const stays = delay(LEAVE_MS, undefined, { signal: AbortSignal.any([signal, waited.signal]) });
      await Promise.race([this.#engine.ended, stays.catch(() => {})]);
    } finally {
      waited.abort();
    }
    signal.throwIfAborted();
    this.#rebootDue = this.#engine.isOpen;
    return !this.#rebootDue;
  }

  /** Identifies the phone once it is back; null when it does not return or the port cannot be opened anew. */
  async #afterReboot(signal: AbortSignal): Promise<AtIdentification | null> {
    const until = performance.now() + RETURN_MS;
    for (;;) {
      try {
        if (!this.#engine.isOpen) await this.#reopen(signal);
        return await identifyAt(this.#engine, signal);
      } catch (error) {
        // Gone, going, or still starting: every error of the port means “not yet”.
        signal.throwIfAborted();
        if (!(error instanceof BenchError) || this.#options.reopen === undefined) return null;
        if (performance.now() > until) return null;
        await delay(LOOK_EVERY_MS, undefined, { signal });
      }
    }
  }

  async #reopen(signal: AbortSignal): Promise<void> {
    if (this.#options.reopen === undefined) {
      throw new BenchError('port.gone', { address: 'the port' });
    }
    const transport = await this.#options.reopen(signal);
    try {
      const engine = await AtEngine.open(transport, { signal, monotonic: this.#monotonic });
      this.#trace += this.#engine.trace.text();
      this.#engine = engine;
    } catch (error) {
      await transport.close();
      throw error;
    }
  }

  async #understood<T>(command: string, signal: AbortSignal, parse: (line: string) => T | null): Promise<T> {
    const answer = await this.#ask(command, signal);
    const read = answer.ok ? firstOf(answer, parse) : null;
    if (read === null) throw this.#refused(command, answer);
    return read;
  }

  #refused(command: string, answer: AtAnswer): BenchError {
    if (!answer.ok) return new BenchError('unit.refused', { command, detail: describeResult(answer.result) });
    return new BenchError('unit.protocol', {
      address: this.#engine.address,
      what: command,
      detail: answer.lines.length === 0 ? 'the answer is empty' : `“${answer.lines[0]?.slice(0, 100)}”`,
    });
  }
}
