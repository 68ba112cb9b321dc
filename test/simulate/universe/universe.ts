import type { Rules } from '../../../shared/sync/arrival.ts';
import type { Entry } from '../../../shared/sync/entry.ts';
import { Bench, type BenchKind } from '../bench/bench.ts';
import type { BenchDisk, OwnEntry, ReadEntry } from '../bench/disk.ts';
import { leanBench } from '../bench/lean-bench.ts';
import type { Deed } from '../bench/lean-log.ts';
import { realBench } from '../bench/real-bench.ts';
import type { Plant } from '../bugs/plant.ts';
import { isExpected, LATE_MS, Violation } from '../check/violations.ts';
import { HubHost } from '../hub/host.ts';
import { keyFrom } from '../hub/process.ts';
import { Network } from '../world/network.ts';
import type { Random } from '../world/random.ts';
import { World } from '../world/world.ts';
import { Administrator } from './administrator.ts';
import { createFaults } from './faults.ts';
import { nextDeed } from './people.ts';
import { chosenFaults, type Fault, type UniverseOptions } from './plan.ts';
import { type Versions, versionsOf } from './versions.ts';

/** What an author knew when they did something. */
export interface Knowledge {
  readonly own: readonly OwnEntry[];
  readonly read: readonly ReadEntry[];
  readonly readTo: number;
}

/** A bench works this often, in milliseconds, and does so much at once. */
const WORK_MS = 120_000;
const MOST_AT_ONCE = 80;

const CHECKED = 0.1;

/** A hub, its benches, their people, and what goes wrong. */
export class Universe {
  readonly options: UniverseOptions;
  readonly plant: Plant;
  readonly world: World;
  readonly network: Network;
  readonly hub: HubHost;
  readonly faults: ReadonlySet<Fault>;
  readonly administrator: Administrator;
  readonly versions: Versions;
  /** Nothing happens by itself any more. */
  isCalm = false;
  benches: Bench[] = [];
  /** Every entry that was ever committed on any bench, with its hash. */
  readonly committed = new Map<string, Buffer>();
  readonly knowledge = new Map<string, Knowledge>();
  /** What each bench committed since it was last restored: nothing of it may be lost. */
  readonly expected = new Map<Bench, string[]>();
  /** Identities that were ever at work twice. */
  readonly cloned = new Set<string>();
  /** When the hub's database was last put back; and whether without telling the benches so. */
  restoredAt = Number.NEGATIVE_INFINITY;
  isRolledBack = false;
  /** Hashes of the feed in every history that the hub stood by: what it showed while it was rolled back is none. */
  readonly stoodBy = new Set<string>();
  violation: Violation | null = null;
  work = 0;
  /** In some universes everything that is said is checked against the protocol; in the others there is time for more. */
  readonly isChecked: boolean;
  /** How often what happened. */
  readonly counts = new Map<string, number>();
  readonly #acknowledged = new Map<Bench, { readonly seq: number; readonly restores: number | null }>();

  constructor(options: UniverseOptions, plant: Plant, isTold = false) {
    this.options = options;
    this.plant = plant;
    this.world = new World(options.seed, isTold);
    this.faults = chosenFaults(options, this.world.random.fork('faults'));
    this.isChecked = this.world.random.fork('protocol').happens(CHECKED);
    this.versions = versionsOf(plant.rules);
    const rules = this.faults.has('versions-mixed') ? this.versions.older : this.versions.current;
    this.hub = new HubHost(this.world, rules, this.isChecked, plant.hub ?? {}, (error) =>
      this.violate(
        'the hub fails of nothing but what it is meant to',
        String((error as Error)?.stack ?? error),
      ),
    );
    this.network = new Network(this.world, (request) => this.hub.receive(request));
    this.administrator = new Administrator(this);
  }

  violate(invariant: string, detail: string): void {
    this.violation ??= new Violation(invariant, detail);
  }

  /** Something of which there should be some in every run. */
  count(what: string, times = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + times);
  }

  get isOver(): boolean {
    return this.violation !== null;
  }

  /** Benches join, people work and things go wrong until so much was done. */
  async live(): Promise<void> {
    const { benches, ops } = this.options;
    this.hub.start(this.faults.has('two-hub-processes') ? 2 : 1);
    for (let index = 1; index <= benches; index++) this.#addBench(index);
    for (const bench of this.benches) {
      bench.start(false);
      await this.world.run(() => this.hub.isServing || this.isOver);
      await this.settle(bench.join(this.hub.code()));
      bench.crash();
      bench.start();
      this.administrator.backUp(bench);
    }
    this.administrator.backUpHub();
    const spanMs = (ops / benches / (MOST_AT_ONCE / 2)) * WORK_MS;
    const stop = createFaults(this, spanMs);
    for (const bench of this.benches) this.employ(bench);
    await this.world.run(() => this.isOver || this.work >= ops);
    stop();
  }

  #addBench(index: number): void {
    const random = this.world.random.fork(`bench ${index}`);
    const stationId = random.id(this.world.now);
    const kind = index <= this.options.real ? realBench : (this.plant.bench ?? leanBench);
    const keys = keyFrom(random.bytes(32));
    const disk = kind.make(stationId, random.id(this.world.now), keys);
    const { older, current } = this.versions;
    const isOlder = this.faults.has('versions-mixed') && random.happens(0.6) && kind !== realBench;
    const bench = this.#bench(`B${index}`, `B${index}`, kind, disk, random, isOlder ? older : current, keys);
    this.benches.push(bench);
    bench.start(false);
    this.commit(bench, {
      ...{ kind: 'station.made', entity: 'station', entityId: stationId, caseId: null, synced: true },
      body: JSON.stringify({ mode: 'live', version: '1', publicKey: '' }),
    });
    bench.crash();
  }

  #bench(
    name: string,
    prefix: string,
    kind: BenchKind,
    disk: BenchDisk,
    random: Random,
    rules: Rules,
    keys: ReturnType<typeof keyFrom>,
  ): Bench {
    const { world, network } = this;
    return new Bench(
      {
        ...{ name, prefix, kind, world, network, keys, rules, random, isChecked: this.isChecked },
        failed: (bench, error) => this.#failed(bench, error),
        acknowledged: (bench, seq) => this.#checkAcknowledged(bench, seq),
        isByItself: () => !this.isCalm,
      },
      disk,
    );
  }

  /** The same bench a second time, as when its folder was copied. */
  clone(bench: Bench): Bench {
    const { prefix, kind, keys, random } = bench.options;
    const copy = this.#bench(
      `${bench.name}’s copy`,
      prefix,
      kind,
      bench.disk.copy(),
      random.fork(`copy ${this.world.steps}`),
      bench.rules,
      keys,
    );
    copy.skewMs = bench.skewMs;
    this.cloned.add(bench.stationId);
    this.administrator.cloned(bench);
    this.benches.push(copy);
    return copy;
  }

  /** Whether there is another bench with this one's identity now. */
  isCopied(bench: Bench): boolean {
    return this.benches.some((other) => other !== bench && other.stationId === bench.stationId);
  }

  /** People begin to work at a bench, for as long as it is one. */
  employ(bench: Bench): void {
    const random = bench.options.random.fork(`people ${bench.name}`);
    const work = () => {
      if (!this.benches.includes(bench) || this.isOver || this.isCalm) return;
      if (bench.isRunning) this.#work(bench, random);
      this.world.after(WORK_MS * (0.2 + 1.6 * random.fraction()), work);
    };
    this.world.after(WORK_MS * random.fraction(), work);
  }

  #work(bench: Bench, random: Random): void {
    const { prefix } = bench.options;
    for (let left = random.between(1, MOST_AT_ONCE); left > 0; left--) {
      const deed = nextDeed(bench.screen(), random, this.world.now, prefix, bench.disk.own.length);
      const { older } = this.versions;
      if (!deed || (bench.rules === older && !older.isJudged(deed.kind))) continue;
      this.commit(bench, deed);
      this.work += 1;
    }
    // Some backups are made before anything of it is sent.
    if (random.happens(0.05)) this.administrator.backUp(bench);
  }

  commit(bench: Bench, deed: Deed): Entry | null {
    const { own, read } = bench.disk;
    const entry = bench.append(deed);
    if (!entry) return null;
    this.committed.set(entry.id, own.at(-1)?.hash ?? Buffer.alloc(0));
    const mine = this.expected.get(bench) ?? [];
    mine.push(entry.id);
    this.expected.set(bench, mine);
    if (deed.synced) this.knowledge.set(entry.id, { own, read, readTo: read.length });
    if (this.world.isTold)
      this.world.tell(`${bench.name} commits ${entry.seq}: ${deed.kind} ${deed.entityId}`);
    return entry;
  }

  /** Lets the world go on until this is done. */
  async settle<T>(promise: Promise<T>): Promise<T> {
    let isDone = false;
    const done = () => {
      isDone = true;
    };
    promise.then(done, done);
    await this.world.run(() => isDone || this.isOver);
    if (isDone) return promise;
    throw this.violation ?? new Error('nothing happens any more, and this is not done');
  }

  #failed(bench: Bench, error: unknown): void {
    const code = (error as { code?: string }).code ?? '';
    if (this.world.isTold) this.world.tell(`${bench.name}: ${code} ${(error as Error)?.message}`);
    this.plant.onFailure?.(bench);
    if (code === 'sync.unknown-station') void this.administrator.enrolAgain(bench);
    if (!isExpected(this, bench, code)) {
      this.violate(
        'a bench is told of no trouble that there is not',
        `${bench.name}: ${code || (error as Error)?.stack}`,
      );
    }
  }

  #checkAcknowledged(bench: Bench, seq: number): void {
    const before = this.#acknowledged.get(bench);
    // A bench that cannot reach the hub says again what it was told before, however often that was restored meanwhile.
    if (before?.seq === seq) return;
    const { restores } = this.hub;
    if (before && before.restores === restores && seq < before.seq) {
      this.violate('what was acknowledged stays acknowledged', `${bench.name}: ${before.seq}, then ${seq}`);
    }
    // An answer from before the restore may still have been under way.
    const isLate = this.world.now - this.restoredAt < LATE_MS;
    this.#acknowledged.set(bench, { seq, restores: isLate ? null : restores });
  }

  /** A bench is another one after a restore: what it was told before says nothing. */
  forget(bench: Bench): void {
    this.#acknowledged.delete(bench);
    this.expected.delete(bench);
  }
}
