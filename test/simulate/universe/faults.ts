import type { Bench } from '../bench/bench.ts';
import { QUICK_MS } from '../hub/host.ts';
import { createImpostor } from './impostor.ts';
import type { Fault } from './plan.ts';
import type { Universe } from './universe.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Begins what goes wrong in a universe; gives how to end it. */
export function createFaults(universe: Universe, spanMs: number): () => void {
  const { world, network, hub, administrator, faults } = universe;
  const random = world.random.fork('what goes wrong');
  let isOver = false;

  /** Does it with each bench again and again. */
  const each = (fault: Fault, everyMs: number, work: (bench: Bench) => void) => {
    if (!faults.has(fault)) return;
    const next = () => {
      if (isOver) return;
      const bench = random.pick(universe.benches);
      if (bench && !administrator.isBusyWith(bench)) work(bench);
      world.after(everyMs * (0.5 + random.fraction()), next);
    };
    world.after(everyMs * random.fraction(), next);
  };
  /** Does it a few times. */
  const sometimes = (fault: Fault, most: number, work: () => void) => {
    if (!faults.has(fault)) return;
    for (let left = random.between(1, most); left > 0; left--) {
      world.after(spanMs * (0.1 + 0.8 * random.fraction()), () => {
        if (!isOver) work();
      });
    }
  };
  const one = (work: (bench: Bench) => void) => () => {
    const bench = random.pick(universe.benches);
    if (bench && !administrator.isBusyWith(bench)) work(bench);
  };

  if (faults.has('messages-lost')) network.weather.lost = random.pick([0.02, 0.1, 0.3]);
  if (faults.has('messages-doubled')) network.weather.doubled = random.pick([0.05, 0.3]);
  if (faults.has('messages-late')) network.weather.late = random.pick([0.01, 0.1]);
  if (faults.has('hub-crashes')) hub.troubles.crash = random.pick([0.001, 0.01]);
  if (faults.has('hub-slow')) hub.troubles.stepMs = random.pick([100, 1_000]);
  if (faults.has('transactions-repeated')) hub.troubles.repeat = random.pick([0.05, 0.3]);

  each('bench-crashes', 2 * MINUTE_MS, (bench) => {
    universe.count('benches crashed');
    world.tell(`${bench.name} ends`);
    bench.crash();
    world.after(random.between(1_000, MINUTE_MS), () => {
      if (universe.benches.includes(bench) && !administrator.isBusyWith(bench)) bench.start();
    });
  });
  each('benches-offline', 10 * MINUTE_MS, (bench) => {
    bench.isOffline = true;
    world.after(random.between(MINUTE_MS, 20 * MINUTE_MS), () => {
      bench.isOffline = false;
    });
  });
  each('clocks-wrong', 8 * MINUTE_MS, (bench) => {
    const most = random.pick([MINUTE_MS, 20 * MINUTE_MS, 2 * DAY_MS]);
    bench.skewMs = random.between(-most, most);
  });
  // A backup is made now and then; whether it is ever needed is another matter.
  const backUp = () => {
    if (isOver) return;
    for (const bench of universe.benches) if (random.happens(0.5)) administrator.backUp(bench);
    if (!universe.isRolledBack) administrator.backUpHub();
    world.after((spanMs / 6) * (0.5 + random.fraction()), backUp);
  };
  world.after((spanMs / 6) * random.fraction(), backUp);

  sometimes(
    'bench-restored',
    3,
    one((bench) => void administrator.restoreBench(bench)),
  );
  sometimes(
    'bench-cloned',
    1,
    one((bench) => {
      if (!bench.isRunning) return;
      world.tell(`${bench.name} is copied`);
      const copy = universe.clone(bench);
      copy.start();
      universe.employ(copy);
    }),
  );
  sometimes(
    'bench-revoked',
    2,
    one((bench) => void administrator.revoke(bench, random.between(MINUTE_MS, 15 * MINUTE_MS))),
  );
  sometimes('hub-restored', 2, () => {
    if (!universe.isRolledBack) void administrator.restoreHub(true);
  });
  sometimes('hub-rolled-back', 1, () => {
    if (!universe.isRolledBack) void administrator.restoreHub(false);
  });
  if (faults.has('versions-mixed')) {
    world.after(spanMs * random.fraction(), () => hub.install(universe.versions.current));
    for (const bench of universe.benches) {
      world.after(spanMs * random.fraction(), () => bench.install(universe.versions.current));
    }
  }
  each('impostor', 3 * MINUTE_MS, createImpostor(universe, random));
  administrator.watch();

  return () => {
    isOver = true;
    network.weather.lost = 0;
    network.weather.doubled = 0;
    network.weather.late = 0;
    hub.troubles.crash = 0;
    hub.troubles.repeat = 0;
    hub.troubles.stepMs = QUICK_MS;
    for (const bench of universe.benches) bench.isOffline = false;
  };
}
