import type { Bench } from '../bench/bench.ts';
import type { BenchDisk } from '../bench/disk.ts';
import type { HubDisk } from '../hub/disk.ts';
import { LONGEST_MS } from '../world/network.ts';
import type { Random } from '../world/random.ts';
import type { Universe } from './universe.ts';

const LOOK_MS = 120_000;
/** Nothing that a bench sent before is under way any more. */
const QUIET_MS = LONGEST_MS + 360_000;

interface Backup<T> {
  readonly disk: T;
  readonly at: number;
}

/** Looks after hub and benches as people do: backs up, restores, finds out which of two benches is the real one. */
export class Administrator {
  readonly #universe: Universe;
  readonly #random: Random;
  readonly #backups = new Map<string, Backup<BenchDisk>[]>();
  readonly #hubBackups: HubDisk[] = [];
  readonly #clonedAt = new Map<string, number>();
  readonly #revoked = new Set<string>();
  /** Identities that are being put right. */
  readonly #busy = new Set<string>();

  constructor(universe: Universe) {
    this.#universe = universe;
    this.#random = universe.world.random.fork('administrator');
  }

  stop(): void {
    this.#isStopped = true;
    this.#revoked.clear();
  }
  #isStopped = false;

  isBusyWith(bench: Bench): boolean {
    return this.#busy.has(bench.stationId);
  }

  /** Looks now and then whether a bench is kept out that should not be. */
  watch(): void {
    if (this.#universe.isOver || this.#isStopped) return;
    for (const id of [...this.#universe.hub.disk.stations.keys()]) this.putRight(id);
    this.#universe.world.after(LOOK_MS, () => this.watch());
  }

  /** Lets a bench in again, where nothing speaks against it. */
  putRight(stationId: string): void {
    const { hub } = this.#universe;
    const state = hub.disk.stations.get(stationId)?.state;
    if (state === 'revoked' && !this.#revoked.has(stationId)) hub.admit(stationId);
    if (state === 'quarantined') {
      if (!this.#universe.cloned.has(stationId)) {
        this.#universe.violate('only an identity that is used twice is quarantined', stationId);
      } else void this.#decide(stationId);
    }
  }

  backUp(bench: Bench): void {
    if (this.isBusyWith(bench) || this.#universe.isCopied(bench)) return;
    const list = this.#backups.get(bench.stationId) ?? [];
    list.push({ disk: bench.disk.copy(), at: this.#universe.world.now });
    this.#backups.set(bench.stationId, list);
  }

  backUpHub(): void {
    this.#hubBackups.push(this.#universe.hub.disk.copy());
  }

  cloned(bench: Bench): void {
    if (!this.#clonedAt.has(bench.stationId)) this.#clonedAt.set(bench.stationId, this.#universe.world.now);
  }

  async revoke(bench: Bench, ms: number): Promise<void> {
    const { hub, world } = this.#universe;
    const id = bench.stationId;
    if (this.#revoked.has(id)) return;
    this.#revoked.add(id);
    await hub.revoke(id);
    this.#universe.count('benches revoked');
    world.tell(`${bench.name} is revoked`);
    const before = { lastSeq: hub.disk.stations.get(id)?.lastSeq, restores: hub.restores };
    await world.sleep(ms);
    const { lastSeq } = hub.disk.stations.get(id) ?? {};
    if (hub.restores === before.restores && lastSeq !== before.lastSeq) {
      this.#universe.violate(
        'a revoked bench is not heard',
        `${bench.name}: ${before.lastSeq}, then ${lastSeq}`,
      );
    }
    this.#revoked.delete(id);
    this.putRight(id);
  }

  /** Nobody stays revoked. */
  admitAll(): void {
    this.#revoked.clear();
  }

  /** The hub does not know the bench: it was restored from before the bench joined. */
  async enrolAgain(bench: Bench): Promise<void> {
    if (this.isBusyWith(bench)) return;
    this.#busy.add(bench.stationId);
    await this.#universe.world.sleep(LOOK_MS);
    this.#universe.world.tell(`${bench.name} gets a new code`);
    await bench.join(this.#universe.hub.code()).catch(() => {});
    this.#busy.delete(bench.stationId);
  }

  /** A bench's disk is lost, and comes back from a backup. */
  async restoreBench(bench: Bench): Promise<void> {
    if (this.isBusyWith(bench)) return;
    this.#busy.add(bench.stationId);
    bench.crash();
    await this.#universe.world.sleep(QUIET_MS);
    this.#putBack(bench);
    this.#busy.delete(bench.stationId);
  }

  #putBack(bench: Bench): void {
    const { world } = this.#universe;
    const backup = this.#random.pick(this.#backups.get(bench.stationId) ?? []);
    if (!backup || !this.#universe.benches.includes(bench)) return;
    const from = backup.disk.incarnation;
    this.#universe.count('benches restored from a backup');
    world.tell(`${bench.name} is restored as of ${backup.disk.own.length} entries`);
    bench.disk = backup.disk.copy();
    bench.options.kind.restored(bench.disk, this.#random.id(world.now));
    this.#universe.forget(bench);
    bench.install(bench.rules);
    bench.start();
    // People go on right away, whether it can read back what it lost or not.
    if (!this.#isStopped && this.#random.happens(0.5)) {
      bench.isOffline = true;
      world.after(this.#random.between(LOOK_MS, 5 * LOOK_MS), () => {
        bench.isOffline = false;
      });
    }
    const body = { from, to: bench.disk.incarnation, backupAt: new Date(backup.at).toISOString() };
    this.#universe.commit(bench, {
      ...{
        kind: 'station.restored',
        entity: 'station',
        entityId: bench.stationId,
        caseId: null,
        synced: true,
      },
      body: JSON.stringify(body),
    });
  }

  /** One of two benches with one identity is kept; where the hub went along with the other, it is restored first. */
  async #decide(stationId: string): Promise<void> {
    const { world, hub } = this.#universe;
    const all = this.#universe.benches.filter((bench) => bench.stationId === stationId);
    const kept = this.#random.pick(all);
    if (this.#busy.has(stationId) || !kept) return;
    this.#busy.add(stationId);
    this.#universe.count('identities used twice, noticed');
    world.tell(`${kept.name} is kept, ${all.length - 1} others are not`);
    for (const bench of all) bench.crash();
    this.#universe.benches = this.#universe.benches.filter((bench) => bench === kept || !all.includes(bench));
    await world.sleep(QUIET_MS);
    const since = this.#clonedAt.get(stationId) ?? Number.POSITIVE_INFINITY;
    const before = (this.#backups.get(stationId) ?? []).filter(({ at }) => at < since);
    this.#backups.set(stationId, before);
    const row = hub.disk.stations.get(stationId);
    const { own, incarnation } = kept.disk;
    const isSame =
      row?.incarnation === incarnation &&
      (row.lastSeq === 0 || own[row.lastSeq - 1]?.hash.equals(row.lastHash) === true);
    if (isSame) kept.start();
    else this.#putBack(kept);
    hub.admit(stationId);
    this.#busy.delete(stationId);
  }

  /** The hub's database comes back from a backup, with the hub's own command or behind its back. */
  async restoreHub(isSaid: boolean, backup = this.#random.pick(this.#hubBackups.slice(-4))): Promise<void> {
    const universe = this.#universe;
    const how = isSaid ? 'restored' : 'rolled back behind its back';
    universe.count(`hub ${how}`);
    universe.world.tell(`the hub is ${how} to ${backup.feed.length} operations`);
    if (!universe.isRolledBack) {
      for (const { place } of universe.hub.disk.feed)
        universe.stoodBy.add(place?.hash.toString('base64') ?? '');
    }
    universe.isRolledBack = !isSaid;
    universe.restoredAt = universe.world.now;
    await universe.hub.restore(backup, isSaid);
    if (isSaid) return;
    await universe.world.sleep(this.#random.between(LOOK_MS, 8 * LOOK_MS));
    // With the backup they find; it may go further than what the disk was put back to.
    await this.restoreHub(true);
  }
}
