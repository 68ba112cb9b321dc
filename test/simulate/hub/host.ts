import type { KeyObject } from 'node:crypto';
import { feedGenesis } from '../../../hub/feed/chain.ts';
import { beginEpochs } from '../../../hub/feed/epochs.ts';
import type { FeedStore } from '../../../hub/feed/store.ts';
import type { Rules } from '../../../shared/sync/arrival.ts';
import type { WireAnswer, WireRequest } from '../world/network.ts';
import type { Random } from '../world/random.ts';
import type { World } from '../world/world.ts';
import { HubDisk } from './disk.ts';
import { Locks } from './locks.ts';
import { memoryStore, type Process } from './memory-store.ts';
import { type HubProcess, handle, keyFrom, startUp } from './process.ts';

/** How hubs fail; the first two are probabilities of each step they take. */
export interface HubTroubles {
  /** Ends in the middle of what it does. */
  crash: number;
  /** The database asks for a transaction to be run again. */
  repeat: number;
  /** A step takes at most so many milliseconds. */
  stepMs: number;
}

/** What a planted bug changes of a hub. */
export interface HubPlant {
  store?(store: FeedStore, host: HubHost): FeedStore;
  rules?(rules: Rules): Rules;
  /** In the place of what the server does with a request. */
  handle?(hub: HubProcess, request: WireRequest): Promise<WireAnswer>;
  beginEpochs?: typeof beginEpochs;
  startUp?: typeof startUp;
}

const RESTART_MS = 2_000;
export const QUICK_MS = 3;

/** One or several processes of a hub on one database, and the administrator's hands on them. */
export class HubHost {
  disk: HubDisk;
  readonly troubles: HubTroubles = { crash: 0, repeat: 0, stepMs: QUICK_MS };
  rules: Rules;
  /** Times a process ended in the middle of what it did. */
  crashes = 0;
  /** Times the database was put back to an earlier state. */
  restores = 0;
  readonly key: KeyObject;
  readonly locks = new Locks();
  readonly world: World;
  readonly #random: Random;
  readonly #isChecked: boolean;
  readonly #plant: HubPlant;
  readonly #failed: (error: unknown) => void;
  #running: Running[] = [];

  constructor(
    world: World,
    rules: Rules,
    isChecked: boolean,
    plant: HubPlant,
    failed: (error: unknown) => void,
  ) {
    this.#isChecked = isChecked;
    this.world = world;
    this.rules = rules;
    this.#plant = plant;
    this.#failed = failed;
    this.#random = world.random.fork('hub');
    this.key = keyFrom(this.#random.bytes(32)).privateKey;
    const id = this.#random.id(world.now);
    this.disk = new HubDisk({ id, n: 0, hash: feedGenesis(id), epochs: [] });
  }

  start(processes: number): void {
    while (this.#running.length < processes) this.#startOne();
  }

  get isServing(): boolean {
    return this.#running.some(({ serve }) => serve !== null);
  }

  #startOne(): void {
    const running = new Running(this, this.#random);
    const store = memoryStore(() => this.disk, this.locks, running);
    const hub: HubProcess = {
      store: this.#plant.store?.(store, this) ?? store,
      rules: this.#plant.rules?.(this.rules) ?? this.rules,
      key: this.key,
      isChecked: this.#isChecked,
      disk: () => this.disk,
      failed: this.#failed,
    };
    this.#running.push(running);
    void (this.#plant.startUp ?? startUp)(hub).then(() => {
      running.serve = (request) => (this.#plant.handle ?? handle)(hub, request);
    }, this.#failed);
  }

  /** A request arrives; null where nobody listens. */
  receive(request: WireRequest): Promise<WireAnswer> | null {
    const serving = this.#running.filter(({ serve }) => serve !== null);
    return serving.length === 0 ? null : (this.#random.pick(serving).serve?.(request) ?? null);
  }

  /** A process ends where it stands; its transactions are rolled back, and after a while there is another one. */
  crash(running = this.#random.pick(this.#running)): void {
    if (!running?.isAlive) return;
    this.crashes += 1;
    this.world.tell('a hub’s process ends');
    const count = this.#running.length;
    this.#end(running);
    this.world.after(RESTART_MS, () => this.start(count));
  }

  /** All of them end, and others start at once. */
  restart(): void {
    const count = this.#running.length;
    for (const running of [...this.#running]) this.#end(running);
    this.start(count);
  }

  #end(running: Running): void {
    running.isAlive = false;
    this.locks.releaseAll(running);
    this.#running = this.#running.filter((each) => each !== running);
  }

  /** Another version of the program from now on. */
  install(rules: Rules): void {
    this.rules = rules;
    this.restart();
  }

  /**
   * Puts the database back to what a backup has.
   * @param isSaid by an administrator with the hub's own command; otherwise behind its back, as with a disk's snapshot
   */
  async restore(backup: HubDisk, isSaid: boolean): Promise<void> {
    const count = this.#running.length;
    for (const running of [...this.#running]) this.#end(running);
    this.disk = backup.copy();
    this.restores += 1;
    if (isSaid) {
      const calm: Process = { step: () => Promise.resolve(), isToRepeat: () => false };
      const store = memoryStore(() => this.disk, new Locks(), calm);
      await (this.#plant.beginEpochs ?? beginEpochs)(store, this.key, () => this.#random.id(this.world.now));
    }
    this.start(count);
  }

  code(): string {
    const code = this.#random.bytes(8).toString('hex');
    this.disk.codes.set(code, null);
    return code;
  }

  admit(stationId: string): void {
    this.#setState(stationId, 'active');
  }

  /** After whatever is being written of the station. */
  async revoke(stationId: string): Promise<void> {
    const holder = { process: {} };
    await this.locks.take(`station ${stationId}`, holder);
    this.#setState(stationId, 'revoked');
    this.locks.release(holder);
  }

  #setState(stationId: string, state: 'active' | 'revoked'): void {
    const row = this.disk.stations.get(stationId);
    if (row) this.disk.stations.set(stationId, { ...row, state });
  }
}

/** A process of the hub as the database sees it. */
class Running implements Process {
  isAlive = true;
  serve: ((request: WireRequest) => Promise<WireAnswer>) | null = null;
  readonly #host: HubHost;
  readonly #random: Random;

  constructor(host: HubHost, random: Random) {
    this.#host = host;
    this.#random = random;
  }

  async step(): Promise<void> {
    await this.#host.world.sleep(this.#random.between(0, this.#host.troubles.stepMs));
    if (this.isAlive && this.#random.happens(this.#host.troubles.crash)) this.#host.crash(this);
    if (!this.isAlive) await new Promise(() => {});
  }

  isToRepeat(): boolean {
    return this.#random.happens(this.#host.troubles.repeat);
  }
}
