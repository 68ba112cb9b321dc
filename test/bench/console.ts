/**
 * A 64 MiB log pulled by the driver beside `cat FILE | base64` of the same file, read raw from the same PTY:
 * `node test/bench/console.ts [MIB]`. Ratios hold on any machine; the figures themselves are this machine's.
 * The pull includes what the other one leaves out: sums of each piece, the unit's own hash of the whole file
 * and ours, and the decoding.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createConsoleDriver } from '../../electron/station/drivers/console.ts';
import type { ActionContext } from '../../electron/station/drivers/driver.ts';
import { openSerial } from '../../electron/station/transports/serial.ts';
import { LineSettings } from '../../shared/model/ports.ts';

const LINE = LineSettings.parse({});
const SOON = { timeoutMs: 30_000 };
const MIB = 1024 * 1024;
const LOG = '/var/log/messages';
const RACK = fileURLToPath(new URL('../support/console-rack.ts', import.meta.url));

/** Seconds until a shell's command has printed everything. */
async function rawSeconds(address: string): Promise<number> {
  const port = await openSerial(address, LINE, SOON);
  try {
    await port.write(Buffer.from('\r'), SOON);
    await delay(300);
    port.discardInput();
    const start = performance.now();
    // Spelled so that the echo of the command does not look like its end.
    await port.write(Buffer.from(`cat ${LOG} | base64; echo the''end\r`), SOON);
    for (let tail = ''; !tail.includes('theend'); ) {
      const bytes = await port.read(SOON);
      tail = (tail + Buffer.from(bytes.subarray(-32)).toString('latin1')).slice(-64);
    }
    return (performance.now() - start) / 1000;
  } finally {
    await port.close();
  }
}

/** Seconds for the same through transport, protocol and driver, as a procedure asks for it. */
async function pullSeconds(address: string, bytes: number): Promise<number> {
  const { signal } = new AbortController();
  const port = await openSerial(address, LINE, SOON);
  const session = await createConsoleDriver().open(port, { signal });
  let received = 0;
  let byUnit: string | null | undefined;
  const context: ActionContext = {
    signal,
    progress: () => {},
    log: () => {},
    openArtifact: async () => ({
      async write(piece) {
        received += piece.length;
      },
      async finish(info) {
        byUnit = info?.sha256ByUnit;
        return { id: '', size: received, sha256: byUnit ?? '' };
      },
      async discard() {},
    }),
  };
  try {
    const start = performance.now();
    await session.run('pull', { path: LOG }, context);
    const seconds = (performance.now() - start) / 1000;
    if (received !== bytes || !byUnit) throw new Error('the pull was not whole');
    return seconds;
  } finally {
    await session.close();
  }
}

export interface ConsoleBenchResult {
  readonly mebibytes: number;
  /** Seconds of each round. */
  readonly raw: readonly number[];
  readonly pull: readonly number[];
}

/** Measures in turns, so that both see the same machine. */
export async function benchConsole(mebibytes = 64, rounds = 5): Promise<ConsoleBenchResult> {
  const rack = spawn(process.execPath, [RACK, String(mebibytes * MIB)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const raw: number[] = [];
  const pull: number[] = [];
  try {
    const address = await new Promise<string>((resolve, reject) => {
      rack.once('exit', () => reject(new Error('the virtual console did not start')));
      createInterface({ input: rack.stdout }).once('line', resolve);
    });
    for (let round = 0; round < rounds; round += 1) {
      raw.push(await rawSeconds(address));
      pull.push(await pullSeconds(address, mebibytes * MIB));
    }
  } finally {
    const ended = new Promise((resolve) => rack.once('exit', resolve));
    rack.stdin.end();
    await ended;
  }
  return { mebibytes, raw, pull };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

export function printConsoleBench({ mebibytes, raw, pull }: ConsoleBenchResult): void {
  const line = (name: string, pick: (values: readonly number[]) => number) => {
    const [ours, theirs] = [mebibytes / pick(pull), mebibytes / pick(raw)];
    console.log(
      `${name.padEnd(28)}${ours.toFixed(1).padStart(14)}${theirs.toFixed(1).padStart(18)}${(ours / theirs).toFixed(2).padStart(8)}`,
    );
  };
  console.log(`a log of ${mebibytes} MiB, ${raw.length} rounds in turn, MiB of the log a second`);
  console.log(
    `${''.padEnd(28)}${'this bench'.padStart(14)}${'cat | base64'.padStart(18)}${'ratio'.padStart(8)}`,
  );
  line('console log pull, median', median);
  line('console log pull, best', (values) => Math.min(...values));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  printConsoleBench(await benchConsole(Number(process.argv[2] ?? '64')));
}
