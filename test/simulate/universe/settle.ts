import type { Bench } from '../bench/bench.ts';
import type { Universe } from './universe.ts';

/** With nothing going wrong any more, this many exchanges of every bench are enough for all to be the same. */
const ROUNDS = 4;

/**
 * Everything that went wrong is over: what is under way arrives, everybody has the newest version, people put right
 * what is theirs to put right, and benches and hub speak until there is nothing left to say.
 */
export async function settle(universe: Universe): Promise<void> {
  const { world, hub, administrator } = universe;
  universe.isCalm = true;
  administrator.stop();
  for (const bench of universe.benches) bench.crash();
  await world.run(() => universe.isOver);
  hub.install(universe.versions.current);
  for (const bench of universe.benches) {
    bench.crash();
    bench.isOffline = false;
    if (bench.rules !== universe.versions.current) bench.install(universe.versions.current);
    bench.start();
  }
  await world.run(() => universe.isOver);
  const troubles = new Map<Bench, string>();
  /** Identities that two benches with different work were heard under. */
  const parted = new Set<string>();
  for (let round = 1, put = 0; round <= ROUNDS + put && !universe.isOver; round++) {
    troubles.clear();
    for (const bench of [...universe.benches]) {
      const trouble = await exchange(universe, bench);
      if (trouble !== null) troubles.set(bench, trouble);
    }
    if (universe.isOver) return;
    put += await putRight(universe, troubles, parted);
    if (troubles.size === 0 && universe.benches.every((bench) => isDone(universe, bench))) return;
  }
  const state = universe.benches.map((bench) => {
    const { own, read, hub: joined } = bench.disk;
    return `${bench.name} sent ${joined?.acknowledged} of ${own.length}, read ${read.length} of ${hub.disk.site.n}`;
  });
  const told = [...troubles].map(([bench, trouble]) => `${bench.name}: ${trouble}`);
  universe.violate('without faults, all converge soon', [...state, ...told].join('; '));
}

function isDone({ hub }: Universe, { disk }: Bench): boolean {
  disk.look();
  return disk.hub?.acknowledged === disk.own.length && disk.read.length === hub.disk.site.n;
}

/** What kept bench and hub apart; null when nothing did. */
async function exchange(universe: Universe, bench: Bench): Promise<string | null> {
  if (!universe.benches.includes(bench)) return null;
  try {
    await universe.settle(bench.exchange());
    return null;
  } catch (error) {
    const trouble = (error as { code?: string }).code ?? String((error as Error)?.stack ?? error);
    universe.world.tell(`${bench.name}: ${trouble}`);
    return trouble;
  }
}

/** What people do meanwhile; gives how much that was. */
async function putRight(
  universe: Universe,
  troubles: ReadonlyMap<Bench, string>,
  parted: Set<string>,
): Promise<number> {
  const { hub, administrator, world } = universe;
  let put = 0;
  for (const bench of universe.benches) {
    if (hub.disk.stations.has(bench.stationId)) continue;
    put += 1;
    await universe.settle(administrator.enrolAgain(bench));
  }
  for (const [id, { state }] of hub.disk.stations) {
    const twins = universe.benches.filter(({ stationId }) => stationId === id);
    if (state === 'active' && twins.length > 1) {
      // As long as one of them was not heard, nobody can know of two; what was restored may take the other one's place
      // until that one speaks again.
      if (twins.some((bench) => troubles.has(bench))) continue;
      put += 1;
      if (haveParted(twins) && !parted.has(id)) {
        parted.add(id);
        continue;
      }
      // The one that did more goes on: it is all that the other one is.
      const [kept] = twins.toSorted((a, b) => b.disk.own.length - a.disk.own.length);
      universe.benches = universe.benches.filter((bench) => bench === kept || !twins.includes(bench));
      if (haveParted(twins)) universe.violate('an identity that is used twice is noticed', id);
    } else if (state !== 'active') {
      put += 1;
      administrator.admitAll();
      administrator.putRight(id);
      await world.run(() => universe.isOver);
    }
  }
  return put;
}

/** Whether benches with one identity did different things since. */
function haveParted(twins: readonly Bench[]): boolean {
  const [one, two] = twins.map(({ disk }) => disk.own);
  const last = Math.min(one?.length ?? 0, two?.length ?? 0) - 1;
  return last >= 0 && one?.[last]?.entry.id !== two?.[last]?.entry.id;
}
