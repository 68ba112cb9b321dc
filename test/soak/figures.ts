import { loadavg } from 'node:os';
import type { Conductor } from './conductor.ts';
import type { Site } from './site.ts';

/** How things stand at a moment, as one line of a table. */
export function figures(site: Site, { kills }: Conductor, startedAt: number) {
  const { benches, proxy } = site;
  const progress = benches.map((bench) => bench.progress);
  const sum = (read: (one: (typeof progress)[number]) => number) =>
    progress.reduce((all, one) => all + read(one), 0);
  const furthest = Math.max(...progress.map(({ readN }) => readN));
  const { cut, delayed, swallowed, refused, replayed } = proxy.mishaps;
  return {
    minute: ((performance.now() - startedAt) / 60_000).toFixed(1),
    operations: sum(({ entries }) => entries),
    'on their way': sum(({ entries, acknowledged }) => entries - acknowledged),
    'furthest reader': furthest,
    'last reader behind it': furthest - Math.min(...progress.map(({ readN }) => readN)),
    'kills bench/hub/database': `${kills.benches}/${kills.hub}/${kills.database}`,
    outages: kills.outages,
    'cut/late/swallowed/refused/replayed': [cut, delayed, swallowed, refused, replayed].join('/'),
    load: loadavg()[0]?.toFixed(1),
  };
}

/** A line of names and values: it can be read while it grows, which a table cannot. */
export const asLine = (row: object): string =>
  Object.entries(row)
    .map(([name, value]) => `${name} ${value}`)
    .join('  ');
