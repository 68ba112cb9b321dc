/**
 * Serial input and output beside a bare serialport, on the same PTY: `node test/bench/at.ts`.
 * Ratios hold on any machine; the figures themselves are this machine's.
 */
import { fileURLToPath } from 'node:url';
import { createAtDriver } from '../../electron/station/drivers/at.ts';
import type { ActionContext } from '../../electron/station/drivers/driver.ts';
import { openSerial } from '../../electron/station/transports/serial.ts';
import { DEFAULT_LINE } from '../../shared/model/ports.ts';
import { withBarePort } from '../support/bare-port.ts';
import { startHelper } from '../support/helper.ts';

const LINE = DEFAULT_LINE;
const SOON = { timeoutMs: 10_000 };
const COMMAND = 'AT+CSQ';
const MIB = 1024 * 1024;

export interface Measured {
  /** Round trips a second, best round. */
  readonly rate: number;
  /** Milliseconds, of the best round. */
  readonly p50: number;
  readonly p99: number;
  /** Microseconds of this side's processor time a round trip; steady under load. */
  readonly cpu: number;
}

export interface AtBench {
  readonly driver: Measured;
  readonly bare: Measured;
  /** MiB/s, best round. */
  readonly transportRead: number;
  readonly bareRead: number;
}

async function roundTrips(count: number, once: () => Promise<unknown>): Promise<Measured> {
  const times: number[] = [];
  const start = performance.now();
  const used = process.cpuUsage();
  for (let done = 0; done < count; done += 1) {
    const before = performance.now();
    await once();
    times.push(performance.now() - before);
  }
  const rate = count / ((performance.now() - start) / 1000);
  const { user, system } = process.cpuUsage(used);
  times.sort((a, b) => a - b);
  const at = (part: number) => times[Math.floor(count * part)] ?? 0;
  return { rate, p50: at(0.5), p99: at(0.99), cpu: (user + system) / count };
}

const better = (a: Measured | null, b: Measured): Measured => (a !== null && a.rate > b.rate ? a : b);

/** Write, then read until the result: what anybody would do with serialport itself. */
function bareRoundTrips(path: string, count: number): Promise<Measured> {
  return withBarePort(path, (port) => {
    let text = '';
    let answered = () => {};
    port.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1');
      if (!text.endsWith('\r\nOK\r\n')) return;
      text = '';
      answered();
    });
    return roundTrips(
      count,
      () =>
        new Promise<void>((resolve) => {
          answered = resolve;
          port.write(`${COMMAND}\r`);
        }),
    );
  });
}

/** The same question through transport, protocol and driver, as a procedure asks it. */
async function driverRoundTrips(path: string, count: number): Promise<Measured> {
  const { signal } = new AbortController();
  const session = await createAtDriver().open(await openSerial(path, LINE, SOON), { signal });
  const context: ActionContext = {
    signal,
    progress: () => {},
    tell: () => {},
    log: () => {},
    openArtifact: () => Promise.reject(new Error('not measured')),
  };
  try {
    return await roundTrips(count, () => session.run('signal', {}, context));
  } finally {
    await session.close();
  }
}

/** MiB/s of a reader of a PTY that a process of its own floods. */
async function reading(
  mebibytes: number,
  read: (path: string, go: () => void, bytes: number) => Promise<void>,
) {
  const writer = await startHelper(new URL('../support/pty-writer.ts', import.meta.url));
  try {
    let start = 0;
    const go = () => {
      start = performance.now();
      writer.write(`${mebibytes}\n`);
    };
    await read(writer.line, go, mebibytes * MIB);
    return mebibytes / ((performance.now() - start) / 1000);
  } finally {
    await writer.end();
  }
}

async function transportRead(path: string, go: () => void, bytes: number): Promise<void> {
  const transport = await openSerial(path, LINE, SOON);
  go();
  for (let got = 0; got < bytes; ) got += (await transport.read(SOON)).length;
  await transport.close();
}

const bareRead = (path: string, go: () => void, bytes: number): Promise<void> =>
  withBarePort(
    path,
    (port) =>
      new Promise<void>((resolve) => {
        let got = 0;
        port.on('data', (piece: Buffer) => {
          got += piece.length;
          if (got >= bytes) resolve();
        });
        go();
      }),
  );

/** Measures in turns, so that both sides see the same machine; each keeps its best round. */
export async function benchAt(
  options: { rounds?: number; count?: number; mebibytes?: number } = {},
): Promise<AtBench> {
  const { rounds = 4, count = 3000, mebibytes = 128 } = options;
  const phone = await startHelper(new URL('../support/unit-process.ts', import.meta.url), ['at']);
  const path = phone.line;
  let driver: Measured | null = null;
  let bare: Measured | null = null;
  let fast = 0;
  let bareFast = 0;
  try {
    for (let round = 0; round < rounds; round += 1) {
      bare = better(bare, await bareRoundTrips(path, count));
      driver = better(driver, await driverRoundTrips(path, count));
      bareFast = Math.max(bareFast, await reading(mebibytes, bareRead));
      fast = Math.max(fast, await reading(mebibytes, transportRead));
    }
  } finally {
    await phone.end();
  }
  if (driver === null || bare === null) throw new Error('nothing was measured');
  return { driver, bare, transportRead: fast, bareRead: bareFast };
}

export function printAtBench(bench: AtBench): void {
  const { driver, bare } = bench;
  const row = (name: string, ours: string, theirs: string, ratio: number) =>
    console.log(
      `${name.padEnd(28)}${ours.padStart(14)}${theirs.padStart(18)}${ratio.toFixed(2).padStart(8)}`,
    );
  console.log(
    `${''.padEnd(28)}${'this bench'.padStart(14)}${'bare serialport'.padStart(18)}${'ratio'.padStart(8)}`,
  );
  row('AT round trip, p50, ms', driver.p50.toFixed(3), bare.p50.toFixed(3), driver.p50 / bare.p50);
  row('AT round trip, p99, ms', driver.p99.toFixed(3), bare.p99.toFixed(3), driver.p99 / bare.p99);
  row('AT round trips a second', driver.rate.toFixed(0), bare.rate.toFixed(0), driver.rate / bare.rate);
  row('processor a round trip, µs', driver.cpu.toFixed(0), bare.cpu.toFixed(0), driver.cpu / bare.cpu);
  row(
    'reading a flood, MiB/s',
    bench.transportRead.toFixed(1),
    bench.bareRead.toFixed(1),
    bench.transportRead / bench.bareRead,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) printAtBench(await benchAt());
