/**
 * Content put to the hub beside `curl -T` to a plain HTTP server of Node that writes the same bytes to the same disk,
 * each file with fsync: `node test/bench/blobs.ts [ROUNDS]`. Ours is signed, looked up in the feed, hashed on arrival
 * and compared with what was announced before it has its name. Rounds take turns; both servers are processes of their
 * own. For one file, curl's own clock is taken, which leaves out how long its process takes to start.
 */
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BlobStation } from '../support/blobs.ts';

const run = promisify(execFile);
const self = fileURLToPath(import.meta.url);
const HUB = fileURLToPath(new URL('../../hub/index.ts', import.meta.url));
const KiB = 1024;

if (process.argv[2] === '--plain') await servePlain(process.argv[3] ?? '');
else await compare(Number(process.argv[2] ?? 20));

/** What somebody writes who needs a place for files: the body goes to a file, which is synced. */
async function servePlain(folder: string): Promise<void> {
  const server = createServer(async (request, response) => {
    const file = await open(join(folder, request.url?.split('/').at(-1) ?? ''), 'w');
    for await (const bytes of request) await file.write(bytes as Buffer);
    await file.sync();
    await file.close();
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  console.log(JSON.stringify({ address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
}

async function compare(rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'repairbench-bench-'));
  // As root, PostgreSQL runs as a user of its own and has to get there.
  chmodSync(folder, 0o711);
  const data = join(folder, 'hub');
  const files = join(folder, 'plain');
  mkdirSync(files);
  const servers = [start(HUB, '--data', data, '--port', '0'), start(self, '--plain', files)];
  try {
    const [hub = '', plain = ''] = await Promise.all(servers.map(({ address }) => address));
    const { stdout } = await run(process.execPath, [HUB, 'code', '--data', data]);
    const station = new BlobStation(hub, 'B1');
    await station.enrol(JSON.parse(stdout).code);
    const put = await alternate(rounds, (round) => onePut(station, plain, folder, 4096 * KiB, round));
    const many = await alternate(rounds, (round) => manyPuts(station, plain, folder, 100, 64 * KiB, round));
    console.table([row('4 MiB', put), row('100 × 64 KiB', many)]);
  } finally {
    for (const { child } of servers) {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Pair {
  readonly ours: number;
  readonly curl: number;
}

async function alternate(rounds: number, once: (round: number) => Promise<Pair>): Promise<Pair[]> {
  const pairs: Pair[] = [];
  // The first is not counted: connections are made and folders, and code is compiled.
  for (let round = 0; round <= rounds; round++) {
    const pair = await once(round);
    if (round > 0) pairs.push(pair);
  }
  return pairs;
}

async function onePut(station: BlobStation, plain: string, folder: string, size: number, round: number) {
  const content = randomBytes(size);
  const source = join(folder, 'source');
  writeFileSync(source, content);
  await station.announce(content);
  const ours = async () => timed(() => station.upload(content));
  const curl = async () => {
    const url = `${plain}/put-${round}`;
    const { stdout } = await run('curl', [
      '-sS',
      '-o',
      '/dev/null',
      '-w',
      '%{time_total}',
      '-T',
      source,
      url,
    ]);
    return Number(stdout) * 1000;
  };
  return inTurn(round, ours, curl);
}

async function manyPuts(
  station: BlobStation,
  plain: string,
  folder: string,
  count: number,
  size: number,
  round: number,
) {
  const contents = Array.from({ length: count }, () => randomBytes(size));
  const names = contents.map((content, n) => {
    const name = `many-${round}-${n}`;
    writeFileSync(join(folder, name), content);
    return name;
  });
  for (const content of contents) await station.announce(content);
  const ours = () =>
    timed(async () => {
      for (const content of contents) await station.upload(content);
    });
  const paths = names.map((name) => join(folder, name));
  const curl = () => timed(() => run('curl', ['-sS', '-T', `{${paths.join(',')}}`, `${plain}/`]));
  const pair = await inTurn(round, ours, curl);
  for (const path of paths) rmSync(path);
  return pair;
}

/** Whoever is first finds the disk as the other left it: they take turns at that. */
async function inTurn(
  round: number,
  ours: () => Promise<number>,
  curl: () => Promise<number>,
): Promise<Pair> {
  if (round % 2 === 0) return { ours: await ours(), curl: await curl() };
  const first = await curl();
  return { ours: await ours(), curl: first };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function row(what: string, pairs: readonly Pair[]) {
  const at = (which: keyof Pair, part: number) => {
    const sorted = pairs.map((pair) => pair[which]).sort((x, y) => x - y);
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
  };
  const ms = (value: number) => +value.toFixed(1);
  return {
    what,
    'ours, median ms': ms(at('ours', 0.5)),
    'ours, p90': ms(at('ours', 0.9)),
    'curl, median ms': ms(at('curl', 0.5)),
    'curl, p90': ms(at('curl', 0.9)),
    'times as long': +(at('ours', 0.5) / at('curl', 0.5)).toFixed(2),
  };
}

function start(file: string, ...args: string[]) {
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  const lines = createInterface({ input: child.stdout });
  const address = once(lines, 'line').then(([line]) => JSON.parse(line as string).address as string);
  return { child, address };
}
