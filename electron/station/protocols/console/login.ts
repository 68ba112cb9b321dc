import { BenchError } from '../../../../shared/errors/index.ts';
import { LEAVE } from './agent.ts';
import { decided, LISTEN_MS, type Line } from './line.ts';
import { asksForCursor, CURSOR_ANSWER, look, plain, refusesLogin, type Sight } from './words.ts';

export interface Credentials {
  readonly login: string | null;
  readonly password: string | null;
}

/** Milliseconds; tests of refused logins need not wait as long as people do. */
export interface Patience {
  /** Silence before anything is sent. */
  readonly listenMs: number;
  /** A pause of this length ends what a console has to say. */
  readonly quietMs: number;
  /** A login may take this long to answer (name services, deliberate delays after a wrong password). */
  readonly answerMs: number;
  /** A boot that is under way is waited for this long. */
  readonly bootMs: number;
  /** A boot that has been silent for this long is over, or stuck. */
  readonly bootQuietMs: number;
  /** Reaching a shell takes no longer than this, a boot aside. */
  readonly totalMs: number;
}

export const PATIENCE: Patience = {
  listenMs: LISTEN_MS,
  quietMs: 400,
  answerMs: 12_000,
  bootMs: 120_000,
  bootQuietMs: 10_000,
  totalMs: 60_000,
};

/** A name is given again when the prompt comes back without a question for the password. */
const MAX_LOGINS = 2;
const INTERRUPT = '\x03';
/** Clears a half-typed line before Enter, so that nobody's command is run. */
const FRESH_LINE = '\x15\r';

/** What was heard after the echo of what was sent. */
const beyondEcho = (heard: string): string => {
  const text = plain(heard);
  const end = text.indexOf('\n');
  return end < 0 ? '' : text.slice(end + 1);
};

/** How far the way into a shell has got. */
class Entry {
  readonly #line: Line;
  readonly #credentials: Credentials;
  readonly #patience: Patience;
  readonly #signal: AbortSignal;
  readonly #random: () => string;
  readonly #log: (line: string) => void;
  readonly #booting: (() => void) | undefined;
  readonly #heard: string | undefined;
  readonly #busy: boolean;
  readonly #began = performance.now();
  #sentLogin = false;
  #logins = 0;
  #sentPassword = false;
  #nudges = 0;
  #interrupts = 0;
  /** Whether anything was heard at all. */
  #spoke = false;

  constructor(line: Line, options: EntryOptions) {
    this.#line = line;
    this.#credentials = options.credentials;
    this.#patience = options.patience;
    this.#signal = options.signal;
    this.#random = options.random;
    this.#log = options.log;
    this.#booting = options.booting;
    this.#heard = options.heard;
    this.#busy = options.busy ?? false;
  }

  async reach(): Promise<{ loggedIn: boolean }> {
    const { listenMs, totalMs, quietMs } = this.#patience;
    let end = performance.now() + totalMs;
    let heard = this.#heard ?? (await this.#line.listenFirst(this.#signal, listenMs));
    for (;;) {
      this.#spoke ||= heard !== '';
      const sight = look(heard);
      if (sight.kind === 'boot-loader') {
        throw new BenchError('unit.boot-loader', { address: this.#line.address });
      }
      if (sight.kind === 'autoboot') {
        this.#log('the unit is booting; waiting without sending anything');
        this.#booting?.();
        const before = performance.now();
        heard = await this.#waitForBoot();
        end += performance.now() - before;
        // It never gets past its countdown.
        if (look(heard).kind === 'autoboot') throw this.#noShell(heard);
        continue;
      }
      if (performance.now() > end) throw this.#noShell(heard);
      if (sight.kind === 'login') heard = await this.#giveLogin();
      else if (sight.kind === 'password') heard = await this.#givePassword();
      else if (sight.kind === 'leftover') heard = await this.#ask(LEAVE);
      else if (sight.kind === 'activate') heard = await this.#ask('\r');
      else if (this.#sentPassword && sight.kind === 'text' && refusesLogin(heard)) throw this.#refused();
      else if (this.#mayNudge(sight.kind)) {
        this.#nudges += 1;
        heard = await this.#ask(this.#sentLogin ? '\r' : FRESH_LINE, quietMs * 5);
      } else if (!this.#spoke && this.#interrupts > 0) {
        if (!this.#busy) throw this.#noShell('');
        // Nothing stops the command that was given up: the console speaks when it ends.
        heard = await this.#line.listen({
          quietMs,
          timeoutMs: Math.max(1, end - performance.now()),
          signal: this.#signal,
          expectSome: true,
          until: decided,
        });
      } else {
        const proof = this.#spoke ? await this.#prove() : '';
        if (proof === true) return { loggedIn: this.#sentLogin };
        heard = proof;
        if (decidedOtherwise(look(heard).kind)) continue;
        if (this.#interrupts >= 2) throw this.#noShell(heard);
        this.#interrupts += 1;
        // A command in the foreground, or a half-typed quote, swallowed the question.
        heard = await this.#ask(INTERRUPT, quietMs * 3);
      }
    }
  }

  /** Enter makes a silent console speak, and a prompt come after text (a boot, a greeting) that ends without one. */
  #mayNudge(kind: Sight['kind']): boolean {
    return kind === 'nothing' ? this.#nudges < 2 : kind === 'text' && this.#nudges < 1;
  }

  /** Sends and listens. A terminal query that is met with silence is answered, so that nobody waits for it. */
  async #ask(text: string, timeoutMs = this.#patience.answerMs): Promise<string> {
    await this.#line.send(text, this.#signal);
    const options = { quietMs: this.#patience.quietMs, signal: this.#signal, until: decided };
    const heard = await this.#line.listen({ ...options, timeoutMs, expectSome: true });
    if (!asksForCursor(heard) || decided(heard)) return heard;
    await this.#line.send(CURSOR_ANSWER, this.#signal);
    return heard + (await this.#line.listen({ ...options, timeoutMs }));
  }

  async #giveLogin(): Promise<string> {
    const { login } = this.#credentials;
    if (login === null) throw new BenchError('unit.login-needed', { address: this.#line.address });
    if (this.#sentPassword || this.#logins > MAX_LOGINS) throw this.#refused();
    if (this.#sentLogin) {
      // Perhaps the prompt of an Enter before; the question for the password is still to come then.
      const { quietMs: pause } = this.#patience;
      const options = { quietMs: pause * 3, timeoutMs: pause * 10, signal: this.#signal, until: decided };
      const more = await this.#line.listen(options);
      if (more !== '') return more;
    }
    this.#sentLogin = true;
    this.#logins += 1;
    return this.#answer(login);
  }

  async #givePassword(): Promise<string> {
    const { password } = this.#credentials;
    if (!this.#sentLogin) {
      // Somebody's half-finished login: an empty password ends it, the console asks for a name again.
      if (this.#nudges > 2) throw new BenchError('unit.login-needed', { address: this.#line.address });
      this.#nudges += 1;
      return this.#answer('');
    }
    if (this.#sentPassword) throw this.#refused();
    if (password === null) throw new BenchError('unit.login-needed', { address: this.#line.address });
    this.#sentPassword = true;
    return this.#answer(password);
  }

  /** Answers a prompt and waits for more than the echo of it. */
  async #answer(text: string): Promise<string> {
    await this.#line.send(`${text}\r`, this.#signal);
    const end = performance.now() + this.#patience.answerMs;
    let heard = '';
    for (;;) {
      const left = end - performance.now();
      if (left <= 0) return heard;
      heard += await this.#line.listen({
        quietMs: this.#patience.quietMs,
        timeoutMs: left,
        signal: this.#signal,
        expectSome: true,
        until: (more) => decided(beyondEcho(heard + more)),
      });
      const rest = beyondEcho(heard);
      const kind = look(rest).kind;
      if (kind === 'nothing' || (kind === 'text' && refusesLogin(rest))) continue;
      return rest;
    }
  }

  async #waitForBoot(): Promise<string> {
    const end = performance.now() + this.#patience.bootMs;
    let heard = '';
    for (;;) {
      const left = end - performance.now();
      const more = await this.#line.listen({
        quietMs: this.#patience.bootQuietMs,
        timeoutMs: Math.max(1, left),
        signal: this.#signal,
        until: (text) => ['login', 'password', 'boot-loader', 'activate'].includes(look(text).kind),
      });
      heard = (heard + more).slice(-16_000);
      // A countdown speaks every second: this long a silence means that it is over.
      if (more === '') return '';
      const kind = look(heard).kind;
      if (left <= 0 || (kind !== 'autoboot' && kind !== 'text')) return heard;
    }
  }

  /** True when a shell runs a marked command; otherwise what was heard instead. */
  async #prove(): Promise<true | string> {
    const mark = this.#random();
    await this.#line.send(` echo rb''${mark}''ok\r`, this.#signal);
    const heard = await this.#line.listen({
      quietMs: this.#patience.quietMs * 4,
      timeoutMs: this.#patience.answerMs,
      signal: this.#signal,
      expectSome: true,
      until: (text) => plain(text).includes(`rb${mark}ok`) || ['login', 'password'].includes(look(text).kind),
    });
    return plain(heard).includes(`rb${mark}ok`) ? true : heard;
  }

  #refused(): BenchError {
    const { login } = this.#credentials;
    return new BenchError('unit.login-failed', { address: this.#line.address, login: login ?? '' });
  }

  #noShell(heard: string): BenchError {
    const shown = plain(heard).trim().slice(-120).replace(/\s+/g, ' ');
    if (shown === '') {
      const seconds = Math.round((performance.now() - this.#began) / 1000);
      return new BenchError('port.timeout', {
        address: this.#line.address,
        seconds,
        what: 'waiting for a shell',
      });
    }
    return new BenchError('unit.no-shell', { address: this.#line.address, shown });
  }
}

const decidedOtherwise = (kind: Sight['kind']): boolean =>
  ['login', 'password', 'boot-loader', 'autoboot', 'activate', 'leftover'].includes(kind);

export interface EntryOptions {
  readonly credentials: Credentials;
  readonly patience: Patience;
  readonly signal: AbortSignal;
  /** A few random letters and digits. */
  readonly random: () => string;
  readonly log: (line: string) => void;
  /** Told when a boot under way is waited for. */
  readonly booting?: (() => void) | undefined;
  /** What the console said by itself, where it was listened to already. */
  readonly heard?: string | undefined;
  /** A command of ours may still have the console: silence is waited for, up to `totalMs`. */
  readonly busy?: boolean;
}

/**
 * Gets from whatever a console shows to a shell, logging in where asked; listens before it sends.
 * Says whether it had to log in. Rejects with `unit.login-needed`, `unit.login-failed`, `unit.boot-loader`,
 * `unit.no-shell`, `port.timeout`, `port.gone`, or the signal's reason.
 */
export function reachShell(line: Line, options: EntryOptions): Promise<{ loggedIn: boolean }> {
  return new Entry(line, options).reach();
}
