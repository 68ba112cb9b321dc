/**
 * A whole lab: `node test/bench/lab.ts [latency|returning|joining …]`, all of them when none is named. A change at one
 * bench until another shows it; 200 benches that come back after eight hours offline; a bench that joins a site with
 * 100,000 cases. Hub and PostgreSQL are processes of their own, with fsync on; everything runs on this one machine, so
 * that what simulates the benches is told beside what serves them.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Site, startSite } from '../soak/site.ts';
import { joinHistory } from './lab/joining.ts';
import { changeToOtherBench } from './lab/latency.ts';
import { backFromOffline } from './lab/returning.ts';

const CHANGES = 300;
const BENCHES = 200;
/** What a bench makes in eight hours. */
const ENTRIES = 400;
const CASES = 100_000;

const parts = {
  async latency(site: Site) {
    const sorted = (await changeToOtherBench(site, CHANGES)).sort((a, b) => a - b);
    const at = (part: number) => `${sorted[Math.ceil(part * sorted.length) - 1]?.toFixed(0)} ms`;
    console.table([
      { 'from one bench to the other': `${CHANGES} changes`, p50: at(0.5), p99: at(0.99), most: at(1) },
    ]);
  },
  async returning(site: Site) {
    const { use, ...figures } = await backFromOffline(site, BENCHES, ENTRIES);
    const { seconds } = figures;
    console.table([{ benches: BENCHES, 'entries of each': ENTRIES, ...rounded(figures) }]);
    printUse(use, seconds);
  },
  async joining(site: Site) {
    const { use, ...figures } = await joinHistory(site, CASES);
    console.table([rounded(figures)]);
    printUse(use, figures.seconds);
  },
};
type Part = keyof typeof parts;

const names = Object.keys(parts) as Part[];
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in parts));
if (unknown.length > 0) {
  console.error(`There is no part “${unknown.join('”, “')}”. There are: ${names.join(', ')}.`);
  process.exit(2);
}
for (const name of names.filter((one) => wanted.length === 0 || wanted.includes(one))) {
  const folder = mkdtempSync(join(tmpdir(), 'repairbench-bench-'));
  // As root, PostgreSQL runs as a user of its own and has to get there.
  chmodSync(folder, 0o711);
  const site = await startSite({ folder, benches: 0, seed: 1, enough: 0 });
  try {
    await parts[name](site);
    console.log(`load average ${loadavg()[0]?.toFixed(1)} on ${cpus().length} processors`);
  } finally {
    await site.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function printUse(use: Readonly<Record<string, { cpuS: number; peakMiB: number }>>, seconds: number): void {
  const whole = seconds * cpus().length;
  const rows = Object.entries(use).map(([process, { cpuS, peakMiB }]) => ({
    process,
    'processor seconds': cpuS.toFixed(1),
    'of the machine': `${((cpuS / whole) * 100).toFixed(0)} %`,
    'most memory, MiB': peakMiB.toFixed(0),
  }));
  console.table(rows);
}

/** Numbers to one decimal place. */
function rounded(row: object): Record<string, unknown> {
  const short = (value: unknown) => (typeof value === 'number' ? Number(value.toFixed(1)) : value);
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, short(value)]));
}
