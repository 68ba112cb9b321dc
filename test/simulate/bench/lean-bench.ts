import type { BenchKind, OpenBench } from './bench.ts';
import { BenchDisk } from './disk.ts';
import { LeanLog, leanState } from './lean-log.ts';

/** A log in memory, as a process of a bench has it. */
export const openedLean = (log: LeanLog): OpenBench => ({
  log,
  state: leanState(log.disk),
  close() {
    log.isClosed = true;
  },
});

/** A bench in memory: quick, and with the station's own exchange. */
export const leanBench: BenchKind = {
  make: (stationId, incarnation) => new BenchDisk(stationId, incarnation),
  open: (disk, clock, key, rules) => openedLean(new LeanLog(disk, clock, key, rules)),
  restored(disk, incarnation) {
    disk.incarnation = incarnation;
  },
  upgrade: ({ log }) => (log as LeanLog).refold(),
};
