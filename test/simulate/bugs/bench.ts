import type { LogStore } from '../../../electron/station/storage/log.ts';
import type { PlacedEntry } from '../../../electron/station/storage/placing.ts';
import type { BenchKind } from '../bench/bench.ts';
import type { BenchDisk } from '../bench/disk.ts';
import { leanBench, openedLean } from '../bench/lean-bench.ts';
import { type Deed, LeanLog } from '../bench/lean-log.ts';
import type { Plant } from './plant.ts';

const benchWith = (change: Partial<BenchKind>): BenchKind => ({ ...leanBench, ...change });
/** A bench whose log is this one. */
const logging = (Log: typeof LeanLog): BenchKind =>
  benchWith({
    open: (disk, clock, key, rules) => openedLean(new Log(disk, clock, key, rules)),
  });

/** Among many, now and then; the same ones each time. */
const isRare = ({ n }: { readonly n: number }) => n % 97 === 0;

/** What can be wrong with a bench. */
export const BENCH_BUGS: readonly Plant[] = [
  {
    name: 'the cursor is ahead of what was taken in',
    bench: logging(
      class extends LeanLog {
        protected override takeIn(placed: PlacedEntry): void {
          if (isRare(placed.entry))
            this.disk.read.push({ ...placed, outcome: { is: 'applied', unseen: [] } });
          else super.takeIn(placed);
        }
      },
    ),
  },
  {
    name: 'own operations are left out when they are read',
    bench: logging(
      class extends LeanLog {
        protected override takeIn(placed: PlacedEntry): void {
          const isOwn = placed.entry.stationId === this.disk.stationId;
          if (isOwn) this.disk.read.push({ ...placed, outcome: { is: 'applied', unseen: [] } });
          else super.takeIn(placed);
        }
      },
    ),
  },
  {
    name: 'a page of the feed is taken in without its first operation',
    bench: logging(
      class extends LeanLog {
        override place(placed: readonly PlacedEntry[]): void {
          super.place(placed.length > 30 ? placed.slice(1) : placed);
        }
      },
    ),
  },
  {
    name: 'an entry is not sent',
    bench: logging(
      class extends LeanLog {
        override rows(seq: number, limit: number): ReturnType<LogStore['rows']> {
          return super.rows(seq, limit).filter((row) => row.seq % 50 !== 0 || limit === 1);
        }
      },
    ),
  },
  {
    name: 'what was committed is lost with the power',
    needs: ['bench-crashes'],
    bench: benchWith({
      open(disk, ...rest) {
        if (disk.own.length > 20) disk.own.pop();
        return leanBench.open(disk, ...rest);
      },
    }),
  },
  {
    name: 'what could not be sent is thrown away',
    needs: ['benches-offline'],
    onFailure: ({ disk }) => {
      if (disk.own.length > (disk.hub?.acknowledged ?? 0) + 5) disk.own.pop();
    },
  },
  {
    name: 'a restored bench goes on as the one it was',
    needs: ['bench-restored'],
    bench: benchWith({ restored: () => {} }),
  },
  {
    name: 'a restored bench does not say where it comes from',
    needs: ['bench-restored'],
    bench: logging(
      class extends LeanLog {
        override byKind(): ReturnType<LogStore['byKind']> {
          return [];
        }
      },
    ),
  },
  {
    name: 'a bench does not go back with its hub',
    needs: ['hub-restored'],
    bench: logging(
      class extends LeanLog {
        override rewind(_n: number, { epochs, left }: ReturnType<LogStore['epochs']>): void {
          this.disk.epochs = epochs;
          this.disk.left = left;
        }
      },
    ),
  },
  {
    name: 'a bench says that it has read more than it has',
    bench: logging(
      class extends LeanLog {
        protected override readTo(disk: BenchDisk): number {
          return disk.read.length + 200;
        }
      },
    ),
  },
  {
    name: 'a bench says that it has read nothing',
    bench: logging(
      class extends LeanLog {
        protected override readTo(): number {
          return 0;
        }
      },
    ),
  },
  {
    name: 'a newer version does not read anew what the older one could not',
    needs: ['versions-mixed'],
    bench: benchWith({ upgrade: () => {} }),
  },
  {
    name: 'a number of the log is used twice after a restart',
    needs: ['bench-crashes'],
    bench: logging(
      class extends LeanLog {
        #count = this.disk.own.length > 40 ? this.disk.own.length - 1 : this.disk.own.length;
        override append(deed: Deed): ReturnType<LeanLog['append']> {
          if (this.#count < this.disk.own.length) this.disk.own.length = this.#count;
          this.#count += 1;
          return super.append(deed);
        }
      },
    ),
  },
];
