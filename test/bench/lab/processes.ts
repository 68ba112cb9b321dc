import { readdirSync, readFileSync } from 'node:fs';

/*
 * What processes use, read from Linux’s /proc.
 */

/** Ticks of a second in which the kernel counts processor time; fixed for programs. */
const TICKS = 100;

interface Usage {
  readonly cpuS: number;
  /** Memory now, shared pages divided among those who share them, in MiB. */
  readonly memoryMiB: number;
}

/** A process whose use is followed; `below`: with all that it started. */
export interface Followed {
  readonly pid: number;
  readonly below: boolean;
}

function usageOf({ pid, below }: Followed): Usage {
  const parts = (below ? [pid, ...childrenOf(pid)] : [pid]).map((one) => usageOfOne(one, below));
  return {
    cpuS: parts.reduce((sum, { cpuS }) => sum + cpuS, 0),
    memoryMiB: parts.reduce((sum, { memoryMiB }) => sum + memoryMiB, 0),
  };
}

function usageOfOne(pid: number, withEnded: boolean): Usage {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold blanks.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields.slice(11, 15);
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    const pss = Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0);
    const ticks = user + system + (withEnded ? childUser + childSystem : 0);
    return { cpuS: ticks / TICKS, memoryMiB: pss / 1024 };
  } catch {
    // It ended meanwhile; its parent counts it from now on.
    return { cpuS: 0, memoryMiB: 0 };
  }
}

function childrenOf(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It ended meanwhile.
    }
  }
  const below = (parent: number): number[] =>
    [...parents].filter(([, of]) => of === parent).flatMap(([child]) => [child, ...below(child)]);
  return below(pid);
}

/** Follows processes until it is told to stop: their processor seconds meanwhile, and the most memory they had. */
export function watch(processes: Readonly<Record<string, Followed>>, everyMs = 250) {
  const names = Object.keys(processes);
  const now = () => Object.values(processes).map(usageOf);
  const before = now();
  const most = before.map(({ memoryMiB }) => memoryMiB);
  const timer = setInterval(() => {
    for (const [index, { memoryMiB }] of now().entries()) most[index] = Math.max(most[index] ?? 0, memoryMiB);
  }, everyMs);
  return {
    stop(): Record<string, { cpuS: number; peakMiB: number }> {
      clearInterval(timer);
      const after = now();
      return Object.fromEntries(
        names.map((name, index) => {
          const cpuS = (after[index]?.cpuS ?? 0) - (before[index]?.cpuS ?? 0);
          return [name, { cpuS, peakMiB: Math.max(most[index] ?? 0, after[index]?.memoryMiB ?? 0) }];
        }),
      );
    },
  };
}
