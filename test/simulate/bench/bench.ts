import type { KeyObject } from 'node:crypto';
import type { LogStore } from '../../../electron/station/storage/log.ts';
import type { Clock } from '../../../electron/station/storage/store.ts';
import { createExchange } from '../../../electron/station/sync/exchange.ts';
import type { HubClient } from '../../../electron/station/sync/hub-client.ts';
import type { SyncState } from '../../../electron/station/sync/state.ts';
import { BenchError } from '../../../shared/errors/index.ts';
import type { Rules } from '../../../shared/sync/arrival.ts';
import type { Entry } from '../../../shared/sync/entry.ts';
import { EnrolAnswer } from '../../../shared/sync/protocol.ts';
import type { Network } from '../world/network.ts';
import type { Random } from '../world/random.ts';
import type { World } from '../world/world.ts';
import { simulatedClient } from './client.ts';
import type { BenchDisk } from './disk.ts';
import type { Deed, SentLog } from './lean-log.ts';
import { Screen } from './screen.ts';

/** A bench's log as a process of the station has opened it. */
export interface OpenBench {
  readonly log: SentLog & { append(deed: Deed): Entry | null };
  readonly state: SyncState;
  /** From now on it writes nothing, whatever it was in the middle of. */
  close(): void;
}

/** What kind of bench it is: how its disk is opened, copied, and brought to another version. */
export interface BenchKind {
  /** An empty disk. */
  make(stationId: string, incarnation: string, keys: BenchOptions['keys']): BenchDisk;
  open(disk: BenchDisk, clock: Clock, key: KeyObject, rules: Rules): OpenBench;
  /** Another version of the program opens the disk. */
  upgrade(open: OpenBench): void;
  /** The disk came back from a backup: from now on it is another incarnation. */
  restored(disk: BenchDisk, incarnation: string): void;
}

export interface BenchOptions {
  readonly name: string;
  readonly prefix: string;
  readonly kind: BenchKind;
  readonly world: World;
  readonly network: Network;
  readonly keys: { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
  readonly rules: Rules;
  readonly random: Random;
  /** Whether what it hears is checked against the protocol. */
  readonly isChecked: boolean;
  /** Told of every exchange that failed. */
  failed(bench: Bench, error: unknown): void;
  /** Whether it sends and reads without being asked. */
  isByItself(): boolean;
  /** Told of how far the hub says it has this bench's entries. */
  acknowledged(bench: Bench, seq: number): void;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
const READ_MS = 120_000;
const GATHER_MS = 100;
const QUIET_MS = 300_000;

/** A bench with its disk, its clock and the process that works on it. */
export class Bench {
  disk: BenchDisk;
  rules: Rules;
  /** By how much its clock is ahead, in milliseconds. */
  skewMs = 0;
  isOffline = false;
  readonly options: BenchOptions;
  #process: Process | null = null;
  #screen: Screen;

  constructor(options: BenchOptions, disk: BenchDisk) {
    this.options = options;
    this.disk = disk;
    this.rules = options.rules;
    this.#screen = new Screen(disk);
  }

  get name(): string {
    return this.options.name;
  }
  get stationId(): string {
    return this.disk.stationId;
  }
  get isRunning(): boolean {
    return this.#process !== null;
  }
  get log(): OpenBench['log'] | null {
    return this.#process?.open.log ?? null;
  }
  get state(): SyncState | null {
    return this.#process?.open.state ?? null;
  }

  /** What a person sees there now. */
  screen(): Screen {
    if (!this.#screen.isOf(this.disk)) this.#screen = new Screen(this.disk);
    return this.#screen.refresh();
  }

  start(isByItself = this.options.isByItself()): void {
    this.#process ??= new Process(this, isByItself);
  }

  /** The station ends where it stands. */
  crash(): void {
    this.#process?.end();
    this.#process = null;
  }

  append(deed: Deed): Entry | null {
    return this.#process?.append(deed) ?? null;
  }

  /** Another version of the program from now on. */
  install(rules: Rules): void {
    const wasRunning = this.isRunning;
    this.crash();
    this.rules = rules;
    const open = this.open();
    this.options.kind.upgrade(open);
    open.close();
    if (wasRunning) this.start();
  }

  open(): OpenBench {
    const { kind, world, keys, random } = this.options;
    const clock: Clock = {
      now: () => world.iso(this.skewMs),
      monotonic: () => world.now,
      id: () => random.id(world.now),
      random: (bytes) => new Uint8Array(random.bytes(bytes)),
    };
    return kind.open(this.disk, clock, keys.privateKey, this.rules);
  }

  /** Joins the hub, or joins it anew. Rejects with what kept it from it. */
  async join(code: string): Promise<void> {
    await this.#process?.join(code);
  }

  /** Sends and reads once; rejects with what keeps bench and hub apart. */
  async exchange(): Promise<void> {
    await this.#process?.once();
  }
}

class Process {
  readonly open: OpenBench;
  readonly #bench: Bench;
  readonly #client: HubClient;
  readonly #exchange: ReturnType<typeof createExchange>;
  readonly #signal = new AbortController().signal;
  #isAlive = true;
  #isSendingSoon = false;
  /** A failing hub is not asked more often because much is going on. */
  #isCalm = true;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(bench: Bench, isByItself: boolean) {
    this.#bench = bench;
    this.open = bench.open();
    const { log, state } = this.open;
    const { keys, name, network } = bench.options;
    this.#client = simulatedClient({
      stationId: bench.stationId,
      privateKey: keys.privateKey,
      now: log.clock.now,
      isChecked: bench.options.isChecked,
      wire: (request) =>
        new Promise((resolve, reject) => {
          if (bench.isOffline) return reject(new Error('ENETUNREACH'));
          // Who has ended hears nothing any more.
          network.ask(name, request).then(
            (answer) => this.#isAlive && resolve(answer),
            (error) => this.#isAlive && reject(error),
          );
        }),
    });
    this.#exchange = createExchange({
      log: log as unknown as LogStore,
      state,
      client: () => this.#client,
      changed: () => this.#acknowledged(),
      progressed: () => {},
      anew: () => {},
      joined: () => {
        const hub = state.get();
        if (!hub) throw new BenchError('sync.not-joined');
        return hub;
      },
    });
    if (isByItself) {
      void this.#repeat(QUIET_MS, () => this.#push());
      void this.#repeat(READ_MS, () => this.#exchange.pull(this.#signal));
    }
  }

  end(): void {
    this.#isAlive = false;
    this.open.close();
  }

  append(deed: Deed): Entry | null {
    const entry = this.open.log.append(deed);
    if (entry && !this.#isSendingSoon) {
      this.#isSendingSoon = true;
      this.#bench.options.world.after(GATHER_MS, () => {
        this.#isSendingSoon = false;
        if (this.#isAlive && this.#isCalm) void this.#try(() => this.#push());
      });
    }
    return entry;
  }

  /** One after the other, as the station does. */
  #push(): Promise<unknown> {
    const push = () => this.#exchange.push(this.#signal);
    const next = this.#turn.then(push, push);
    this.#turn = next.catch(() => {});
    return next;
  }

  async #repeat(everyMs: number, work: () => Promise<unknown>): Promise<void> {
    const { world, random } = this.#bench.options;
    let pause = FIRST_PAUSE_MS;
    await world.sleep(random.between(10, FIRST_PAUSE_MS));
    while (this.#isAlive) {
      this.#isCalm = await this.#try(work);
      const ms = this.#isCalm ? everyMs : pause;
      pause = this.#isCalm ? FIRST_PAUSE_MS : Math.min(pause * 2, LONGEST_PAUSE_MS);
      await world.sleep(ms * (0.8 + random.fraction() * 0.4));
    }
  }

  /** Whether it went well. */
  async #try(work: () => Promise<unknown>): Promise<boolean> {
    if (!this.open.state.get()) return true;
    try {
      await work();
      return true;
    } catch (error) {
      if (this.#isAlive) this.#bench.options.failed(this.#bench, error);
      return false;
    }
  }

  #acknowledged(): void {
    const hub = this.open.state.get();
    if (hub) this.#bench.options.acknowledged(this.#bench, hub.acknowledged);
  }

  async once(): Promise<void> {
    await this.#push();
    await this.#exchange.pull(this.#signal);
  }

  async join(code: string): Promise<void> {
    const { log, state } = this.open;
    const { keys, name, prefix } = this.#bench.options;
    if (state.get()) state.left();
    const request = {
      ...{ protocol: 1, code, stationId: log.stationId, incarnation: log.incarnation, name, prefix },
      publicKey: keys.publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
      at: log.clock.now(),
    };
    const answer = await this.#client.ask('POST', '/v1/enrol', request, EnrolAnswer, this.#signal);
    state.joined('https://hub.example', answer, log.clock.now());
    log.openSite(answer.siteId);
    this.#exchange.follow(state.get() as NonNullable<ReturnType<SyncState['get']>>, answer.epochs);
  }
}
