/**
 * A 64 MiB log pulled by the driver beside `cat FILE | base64` of the same file, read with bare `serialport`:
 * `node test/bench/console.ts [MIB]`. Ratios hold on any machine; the figures themselves are this machine's.
 * The pull includes what the other one leaves out: sums of each piece, the unit's own hash of the whole file
 * and ours, and the decoding.
 */
import { fileURLToPath } from 'node:url';
import { createConsoleDriver } from '../../electron/station/drivers/console.ts';
import type { ActionContext } from '../../electron/station/drivers/driver.ts';
import { openSerial } from '../../electron/station/transports/serial.ts';
import { DEFAULT_LINE } from '../../shared/model/ports.ts';
import { withBarePort } from '../support/bare-port.ts';
import { startHelper } from '../support/helper.ts';

const LINE = DEFAULT_LINE;
const SOON = { timeoutMs: 30_000 };
const MIB = 1024 * 1024;
const LOG = '/var/log/messages';
const UNIT = new URL('../support/unit-process.ts', import.meta.url);

/** Seconds until a shell's command has printed everything. */
function rawSeconds(address: string): Promise<number> {
  return withBarePort(address, async (port) => {
    let tail = '';
    let seen = () => {};
    port.on('data', (bytes: Buffer) => {
      tail = (tail + bytes.subarray(-64).toString('latin1')).slice(-64);
      seen();
    });
    const until = (text: string) =>
      new Promise<void>((resolve) => {
        seen = () => tail.includes(text) && resolve();
      });
    // Spelled so that the echo of a command does not look like what it prints.
    const ready = until('ready');
    port.write("\recho rea''dy\r");
    await ready;
    const start = performance.now();
    const end = until('theend');
    port.write(`cat ${LOG} | base64; echo the''end\r`);
    await end;
    return (performance.now() - start) / 1000;
  });
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
    tell: () => {},
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
  const unit = await startHelper(UNIT, ['console', String(mebibytes * MIB)]);
  const address = unit.line;
  const raw: number[] = [];
  const pull: number[] = [];
  try {
    for (let round = 0; round < rounds; round += 1) {
      raw.push(await rawSeconds(address));
      pull.push(await pullSeconds(address, mebibytes * MIB));
    }
  } finally {
    await unit.end();
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
