import { type ActiveRun, type ShellMessage, StationMessage } from '../../shared/shell/messages.ts';

/** What the supervisor needs of a station's process; Electron's UtilityProcess has it. */
export interface StationProcess<Port> {
  readonly pid: number | undefined;
  postMessage(message: ShellMessage, ports?: Port[]): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  once(event: 'exit', listener: (code: number) => void): unknown;
}

/** The keychain, when the system has one that keeps secrets. */
export interface Keychain {
  /** Null: the keychain refused. */
  wrap(keyBase64: string, stationId: string): string | null;
  /** Null: not this keychain's, or not this station's. */
  unwrap(wrapped: string, stationId: string): string | null;
}

/** Why there is no station and none will be started by itself. */
export interface Stopped {
  readonly message: string;
  readonly hint: string;
}

export interface SupervisorOptions<Port> {
  fork(): StationProcess<Port>;
  /** Ends a process that no longer listens. */
  kill(pid: number): void;
  readonly start: Omit<Extract<ShellMessage, { type: 'start' }>, 'type' | 'keychain'>;
  readonly keychain: Keychain | null;
  /** A station is there: hand out ports. */
  onReady(): void;
  /** There is none, and no further try will be made. */
  onStopped(reason: Stopped): void;
  log(line: string): void;
}

/** A station that lives this long was well; one that dies sooner counts as a quick death. */
const WELL_MS = 30_000;
/** Waiting before each new try after quick deaths in a row; after the last one the shell gives up. */
const BACK_OFF_MS = [0, 500, 1_000, 2_000, 4_000] as const;
/** Opening may migrate and back up a large database first. */
const OPENING_MS = 300_000;
const PING_MS = 2_000;
/** Unanswered pings in a row that mean a hang; counted, so that a computer's sleep is none. */
const MISSED_PINGS = 5;
const ANSWER_MS = 3_000;
const CLOSING_MS = 15_000;

const GAVE_UP: Stopped = {
  message: 'The station ended several times in a row and was not started again.',
  hint: 'What was committed is safe. Start it again; if it keeps ending, run “repairbench doctor --bundle FILE” and report it.',
};
const STUCK_OPENING: Stopped = {
  message: 'The station did not open its data folder within five minutes.',
  hint: 'Check that the disk answers and has room, then start it again.',
};

/**
 * Keeps one station running: starts it, restarts it when it dies or hangs, with longer and longer
 * pauses, and gives up when it never gets well. Knows nothing of what the station does.
 */
export class StationSupervisor<Port> {
  readonly #options: SupervisorOptions<Port>;
  #process: StationProcess<Port> | null = null;
  #ready = false;
  #stopping = false;
  #quickDeaths = 0;
  #startedAt = 0;
  #missedPings = 0;
  #nextId = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #questions = new Map<number, (runs: ActiveRun[]) => void>();

  constructor(options: SupervisorOptions<Port>) {
    this.#options = options;
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** Starts a station unless there is one or one is on its way. */
  start(): void {
    if (this.#process || this.#timer || this.#stopping) return;
    this.#quickDeaths = 0;
    this.#fork();
  }

  /** Gives the station a port to serve; false when there is no station to take it. */
  serve(port: Port): boolean {
    if (!this.#process || !this.#ready) return false;
    this.#process.postMessage({ type: 'serve' }, [port]);
    return true;
  }

  /** The runs under way; none when there is no station, and null when it does not answer in time. */
  async activeRuns(): Promise<readonly ActiveRun[] | null> {
    const station = this.#process;
    if (!station || !this.#ready) return [];
    const id = this.#nextId++;
    const answer = new Promise<ActiveRun[]>((resolve) => this.#questions.set(id, resolve));
    station.postMessage({ type: 'active-runs', id });
    const runs = await withDeadline(answer, ANSWER_MS);
    this.#questions.delete(id);
    return runs;
  }

  /** Lets the station close properly, and ends it when that takes too long. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const station = this.#process;
    if (!station) return;
    const ended = new Promise<true>((resolve) => station.once('exit', () => resolve(true)));
    station.postMessage({ type: 'stop' });
    if ((await withDeadline(ended, CLOSING_MS)) === null) this.#kill(station);
  }

  #fork(): void {
    const station = this.#options.fork();
    this.#process = station;
    this.#startedAt = performance.now();
    station.on('message', (message) => this.#receive(station, message));
    station.once('exit', (code) => this.#exited(station, code));
    station.postMessage({ type: 'start', ...this.#options.start, keychain: this.#options.keychain !== null });
    this.#timer = setTimeout(() => this.#giveUp(STUCK_OPENING), OPENING_MS);
  }

  #receive(station: StationProcess<Port>, raw: unknown): void {
    if (station !== this.#process) return;
    const parsed = StationMessage.safeParse(raw);
    if (!parsed.success) {
      this.#options.log('the station sent a message that is none');
      return;
    }
    const message = parsed.data;
    switch (message.type) {
      case 'ready':
        this.#becomeReady(station);
        break;
      case 'refused':
        this.#giveUp({ message: message.message, hint: message.hint });
        break;
      case 'pong':
        this.#missedPings = 0;
        break;
      case 'active-runs':
        this.#questions.get(message.id)?.(message.runs);
        break;
      case 'wrap':
        station.postMessage({
          type: 'key',
          id: message.id,
          value: this.#options.keychain?.wrap(message.key, message.stationId) ?? null,
        });
        break;
      case 'unwrap':
        station.postMessage({
          type: 'key',
          id: message.id,
          value: this.#options.keychain?.unwrap(message.wrapped, message.stationId) ?? null,
        });
        break;
    }
  }

  #becomeReady(station: StationProcess<Port>): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#ready = true;
    this.#missedPings = 0;
    this.#ping(station);
    this.#options.onReady();
  }

  #ping(station: StationProcess<Port>): void {
    this.#timer = setTimeout(() => {
      if (station !== this.#process || this.#stopping) return;
      if (this.#missedPings >= MISSED_PINGS) {
        this.#options.log('the station no longer answers and is ended');
        this.#kill(station);
        return;
      }
      this.#missedPings += 1;
      station.postMessage({ type: 'ping', id: this.#nextId++ });
      this.#ping(station);
    }, PING_MS);
  }

  #exited(station: StationProcess<Port>, code: number): void {
    if (station !== this.#process) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#process = null;
    this.#ready = false;
    for (const answer of this.#questions.values()) answer([]);
    this.#questions.clear();
    if (this.#stopping) return;
    this.#options.log(`the station ended (${code})`);
    this.#quickDeaths = performance.now() - this.#startedAt < WELL_MS ? this.#quickDeaths + 1 : 1;
    const pause = BACK_OFF_MS[this.#quickDeaths - 1];
    if (pause === undefined) {
      this.#options.onStopped(GAVE_UP);
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#fork();
    }, pause);
  }

  /** Ends the process, if there is one, and starts no other. */
  #giveUp(reason: Stopped): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const station = this.#process;
    this.#process = null;
    this.#ready = false;
    if (station) this.#kill(station);
    this.#options.onStopped(reason);
  }

  #kill(station: StationProcess<Port>): void {
    if (station.pid !== undefined) this.#options.kill(station.pid);
  }
}

/** What came in time, or null. */
async function withDeadline<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms);
  });
  const first = await Promise.race([promise, late]);
  clearTimeout(timer);
  return first;
}
