import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { logText } from '../../electron/station/evidence/testing.ts';
import type { TestBench } from '../support/bench.ts';

/*
 * One big artifact in, verified, searched and out, beside gzip and sha256sum over the same bytes in the same
 * run. `node test/bench/artifacts.ts [MiB]`, 1024 unless given. Ours uses several threads (so does a pipe of
 * two commands); searches go on until the end of the content. “Out” is what a person does: the command
 * `repairbench artifact get`, its own start included, attached to a running station.
 */

interface Measured {
  /** Seconds of each step. */
  readonly seconds: Record<string, number>;
  readonly storedBytes: number;
  /** Peak resident memory above what the process had before the first byte, in MiB: of the first step, of all. */
  readonly memory: { in: number; all: number };
  /** Longest and 99th percentile of what the station's own thread was held up, in milliseconds. */
  readonly stall: { max: number; p99: number };
}

const NEEDLE = 'this text is nowhere in it';
const self = fileURLToPath(import.meta.url);
const CLI = fileURLToPath(new URL('../../electron/cli/index.ts', import.meta.url));

if (process.argv[2] === '--measure') {
  console.log(JSON.stringify(await measure(process.argv[3] ?? '')));
} else {
  const mebibytes = Number(process.argv[2] ?? 1024);
  if (!Number.isInteger(mebibytes) || mebibytes < 1) throw new Error('give the size in MiB');
  const folder = mkdtempSync(join(tmpdir(), 'repairbench-bench-'));
  try {
    report('a log', mebibytes, folder, logText(32 * 2 ** 20));
    report('noise (nothing to gain by gzip)', mebibytes, folder, randomBytes(32 * 2 ** 20));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Ours, in a process of its own that holds nothing else. */
async function measure(source: string): Promise<Measured> {
  const { ADA, CASE } = await import('../support/evidence.ts');
  const { makeBench, openTestStation } = await import('../support/bench.ts');
  const { openEvidenceFolder } = await import('../support/evidence-folder.ts');
  const bench = await makeBench();
  await bench.station.close();
  const { artifacts, db } = await openEvidenceFolder(dirname(bench.dataDir));
  const seconds: Record<string, number> = {};
  const timed = async <T>(step: string, work: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    const result = await work();
    seconds[step] = (performance.now() - start) / 1000;
    return result;
  };
  const before = process.memoryUsage().rss;
  const loop = monitorEventLoopDelay({ resolution: 2 });
  loop.enable();
  const { id } = await timed('in', async () => {
    const described = {
      caseId: CASE,
      runId: null,
      kind: 'log',
      name: 'big.log',
      mime: 'text/plain',
    } as const;
    const sink = await artifacts.open({ ...described, actor: ADA });
    const file = await open(source, 'r');
    const piece = Buffer.alloc(256 * 1024);
    for (;;) {
      const { bytesRead } = await file.read(piece);
      if (bytesRead === 0) break;
      await sink.write(piece.subarray(0, bytesRead));
    }
    await file.close();
    return sink.finish();
  });
  const above = () => process.resourceUsage().maxRSS / 1024 - before / 2 ** 20;
  const memoryIn = above();
  const { ok } = await timed('verify', () => artifacts.verify(id));
  if (!ok) throw new Error('it does not verify');
  const search = async (query: string, { regex = false, caseSensitive = true } = {}) => {
    for (let fromLine: number | null = 1; fromLine !== null; ) {
      const { hits, nextLine } = await artifacts.search(id, {
        ...{ query, regex, caseSensitive, fromLine, limit: 1 },
      });
      if (hits.length > 0) throw new Error('it was found');
      fromLine = nextLine;
    }
  };
  await timed('search', () => search(NEEDLE));
  await timed('search-folded', () => search(NEEDLE, { caseSensitive: false }));
  await timed('search-pattern', () => search('nowhere \\d+ in (it|them)', { regex: true }));
  loop.disable();
  await artifacts.close();
  db.close();
  const station = await openTestStation(bench.dataDir, bench.keysDir);
  loop.enable();
  await timed('out', () => artifactGet(id, join(dirname(bench.dataDir), 'out'), bench));
  loop.disable();
  const memory = { in: memoryIn, all: above() };
  const storedBytes = statSync(join(bench.dataDir, 'artifacts', CASE, `${id}.rba`)).size;
  await station.close();
  await bench.close();
  return { seconds, storedBytes, memory, stall: { max: loop.max / 1e6, p99: loop.percentile(99) / 1e6 } };
}

async function artifactGet(id: string, out: string, bench: TestBench): Promise<void> {
  const child = spawn(process.execPath, [CLI, 'artifact', 'get', id, '--out', out, '--json'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      REPAIRBENCH_DATA: bench.dataDir,
      REPAIRBENCH_KEYS: bench.keysDir,
      REPAIRBENCH_PIN: '2468',
    },
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error('it did not come out as it was');
}

function report(title: string, mebibytes: number, folder: string, block: Buffer): void {
  const source = join(folder, 'source');
  const file = openSync(source, 'w');
  for (let left = mebibytes * 2 ** 20; left > 0; left -= block.length) {
    writeSync(file, block, 0, Math.min(left, block.length));
  }
  closeSync(file);
  const shell = (command: string): number => {
    const start = performance.now();
    spawnSync('sh', ['-c', command], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
    return (performance.now() - start) / 1000;
  };
  shell('cat source > /dev/null');
  const gzip = shell('gzip -c source > six.gz');
  const gzip1 = shell('gzip -1 -c source > one.gz');
  const sum = shell('sha256sum source');
  const ours: Measured = JSON.parse(
    execFileSync(process.execPath, [self, '--measure', source], { encoding: 'utf8', maxBuffer: 2 ** 20 }),
  );
  const checked = shell('gunzip -c one.gz | sha256sum');
  const found = shell(`gunzip -c one.gz | grep -cF '${NEEDLE}'`);
  const foundFolded = shell(`gunzip -c one.gz | grep -ciF '${NEEDLE}'`);
  const foundPattern = shell("gunzip -c one.gz | grep -cE 'nowhere [0-9]+ in (it|them)'");
  const out = shell('gunzip -c one.gz > out && sync out');

  const rate = (seconds: number) => `${((mebibytes * 2 ** 20) / 1e6 / seconds).toFixed(0)} MB/s`;
  const row = (step: string, name: string, other: string, seconds: number) => {
    const own = ours.seconds[name] ?? Number.NaN;
    return {
      step,
      ours: rate(own),
      beside: other,
      'its rate': rate(seconds),
      times: +(seconds / own).toFixed(2),
    };
  };
  console.log(`\n${title}, ${mebibytes} MiB`);
  console.table([
    row('in: hash, gzip, encrypt, on disk', 'in', 'gzip', gzip),
    row('', 'in', 'gzip -1', gzip1),
    row('', 'in', 'gzip -1, then sha256sum', gzip1 + sum),
    row('', 'in', 'sha256sum alone', sum),
    row('verify', 'verify', 'gunzip | sha256sum', checked),
    row('search', 'search', 'gunzip | grep -F', found),
    row('search, any case', 'search-folded', 'gunzip | grep -iF', foundFolded),
    row('search, pattern', 'search-pattern', 'gunzip | grep -E', foundPattern),
    row('out, checked, on disk', 'out', 'gunzip, sync', out),
  ]);
  const stored = (size: number) => `${((100 * size) / (mebibytes * 2 ** 20)).toFixed(1)} %`;
  console.log(
    `stored: ${stored(ours.storedBytes)} (gzip -1 ${stored(statSync(join(folder, 'one.gz')).size)}); ` +
      `memory above the start: at most ${ours.memory.in.toFixed(0)} MiB while it came in, ` +
      `${ours.memory.all.toFixed(0)} MiB in all, the thread for search included; ` +
      `station’s thread held up: at most ${ours.stall.max.toFixed(0)} ms, 99 % below ${ours.stall.p99.toFixed(0)} ms`,
  );
}
