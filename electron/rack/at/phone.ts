import type { Identity } from '../../../shared/model/units.ts';
import type { FaultName, UnitCore, Wiring } from '../unit.ts';
import { answer, type PhoneState, type Reply } from './commands.ts';
import { type PhoneIdentity, phoneIdentity } from './identity.ts';

/** How a virtual phone behaves; everything has a default. */
export interface AtPhoneOptions {
  /** Which phone: the same number is the same phone. */
  readonly number?: number;
  readonly identity?: Partial<PhoneIdentity>;
  /** Whether it echoes what it is sent, until ATE says otherwise. */
  readonly echo?: boolean;
  /** Milliseconds before a command is answered; commands wait for each other. */
  readonly delayMs?: (command: string) => number;
  /** Says something unasked that often; 0: only when told to. */
  readonly chatterEveryMs?: number;
  /** Says something unasked inside every answer, before its result. */
  readonly chatterInAnswers?: boolean;
  /** How long a reboot takes. */
  readonly rebootMs?: number;
  /** After a factory reset it reports that its set-up has not been done, which proves the reset. */
  readonly provesReset?: boolean;
}

const CHATTER = [
  '+CREG: 1,"00C3","0A1B2C3D",7',
  'RING',
  '+CMTI: "SM",3',
  '+CREG: 2',
  '+CREG: 1,"00C3","0A1B2C3E",7',
  '^MODE: 5,7',
];
/** A longer command line is refused, as V.250 wants. */
const MAX_COMMAND = 1024;
const REBOOT_AFTER_MS = 20;
const CR = 0x0d;
const LF = 0x0a;

/**
 * A phone's modem port: 27.007 commands, Samsung's DEVCONINFO and factory reset, echo, error modes,
 * unsolicited lines. It works through commands one after the other, as modems do.
 */
export class AtPhone implements UnitCore {
  readonly family = 'at';
  readonly faults: readonly FaultName[] = ['wrong-imei'];
  readonly #options: AtPhoneOptions;
  readonly #state: PhoneState;
  #wiring: Wiring | null = null;
  #input = '';
  #tail: Promise<void> = Promise.resolve();
  #chatterAt = 0;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #chatterTimer: NodeJS.Timeout | null;

  constructor(options: AtPhoneOptions = {}) {
    this.#options = options;
    this.#state = {
      identity: { ...phoneIdentity(options.number ?? 1), ...options.identity },
      wrongImei: false,
      echo: options.echo ?? true,
      verbose: true,
      errors: 0,
      registrationReports: 0,
      battery: 76,
      charging: true,
      millivolts: 4012,
      signal: 21,
      resets: 0,
      setUpPending: false,
    };
    const every = options.chatterEveryMs ?? 0;
    this.#chatterTimer = every > 0 ? setInterval(() => this.say(), every) : null;
  }

  get identity(): Identity {
    const { maker, model, serial, imei1, imei2, firmware } = this.#state.identity;
    return { maker, model, serial, imei1, imei2, meid: null, firmware, macs: [], extra: {} };
  }

  /** How often it was factory reset; for tests. */
  get resets(): number {
    return this.#state.resets;
  }

  attach(wiring: Wiring): () => void {
    this.#wiring = wiring;
    this.#input = '';
    wiring.channel.onData((bytes) => this.#hear(bytes));
    return () => {
      if (this.#wiring === wiring) this.#wiring = null;
    };
  }

  setFault(name: FaultName, on: boolean): void {
    if (name === 'wrong-imei') this.#state.wrongImei = on;
  }

  /** Says something unasked, unless nobody has taken what was said before. */
  say(line?: string): void {
    const channel = this.#wiring?.channel;
    if (channel === undefined || channel.queued > 0) return;
    const said = line ?? CHATTER[this.#chatterAt++ % CHATTER.length] ?? 'RING';
    void channel.write(Buffer.from(`\r\n${said}\r\n`, 'latin1'));
  }

  async close(): Promise<void> {
    if (this.#chatterTimer !== null) clearInterval(this.#chatterTimer);
    for (const timer of this.#timers) clearTimeout(timer);
    this.#wiring = null;
  }

  #hear(bytes: Uint8Array): void {
    const channel = this.#wiring?.channel;
    if (channel === undefined) return;
    if (this.#state.echo) void channel.write(bytes);
    for (const byte of bytes) {
      if (byte === CR) {
        const command = this.#input.trim();
        this.#input = '';
        if (command !== '') this.#tail = this.#tail.then(() => this.#obey(command));
      } else if (byte !== LF && this.#input.length <= MAX_COMMAND) {
        this.#input += String.fromCharCode(byte);
      }
    }
  }

  async #obey(command: string): Promise<void> {
    const wiring = this.#wiring;
    const delay = this.#options.delayMs?.(command) ?? 0;
    if (delay > 0) await this.#wait(delay);
    // Unplugged, rebooted or plugged in again in the meantime: nobody waits for this answer.
    if (wiring === null || this.#wiring !== wiring) return;
    const reply: Reply =
      command.length > MAX_COMMAND ? { lines: [], result: { kind: 'error' } } : answer(this.#state, command);
    await wiring.channel.write(Buffer.from(this.#format(reply), 'latin1'));
    if (reply.reset) this.#factoryReset(wiring);
  }

  #format(reply: Reply): string {
    const chatter = this.#options.chatterInAnswers ? [CHATTER[this.#chatterAt++ % CHATTER.length]] : [];
    const { errors, verbose } = this.#state;
    let result = verbose ? 'OK' : '0';
    if (reply.result.kind === 'error') result = verbose ? 'ERROR' : '4';
    if (reply.result.kind === 'cme') {
      if (errors === 0) result = verbose ? 'ERROR' : '4';
      else result = `+CME ERROR: ${errors === 1 ? reply.result.code : reply.result.text}`;
    }
    const lines = [...reply.lines, ...chatter].map((line) => `\r\n${line}\r\n`).join('');
    return verbose ? `${lines}\r\n${result}\r\n` : `${lines}${result}\r`;
  }

  /** The phone says OK, goes down, and comes back as it left the factory. */
  #factoryReset(wiring: Wiring): void {
    const state = this.#state;
    state.resets += 1;
    state.echo = this.#options.echo ?? true;
    state.verbose = true;
    state.errors = 0;
    state.setUpPending = this.#options.provesReset ?? false;
    void this.#wait(REBOOT_AFTER_MS).then(() => wiring.reconnect(this.#options.rebootMs ?? 1500));
  }

  #wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        resolve();
      }, milliseconds);
      this.#timers.add(timer);
    });
  }
}
