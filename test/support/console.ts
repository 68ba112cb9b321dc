import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ConsoleUnit, type ConsoleUnitOptions, RACK_PASSWORD } from '../../electron/rack/console/index.ts';
import { mountOnPty } from '../../electron/rack/mount.ts';
import { type ConsoleDriverOptions, createConsoleDriver } from '../../electron/station/drivers/console.ts';
import type {
  ActionContext,
  ProgressReport,
  UnitSession,
  Value,
} from '../../electron/station/drivers/driver.ts';
import { openSerial } from '../../electron/station/transports/serial.ts';
import type { Transport } from '../../electron/station/transports/transport.ts';
import { DEFAULT_LINE } from '../../shared/model/ports.ts';

const LINE = DEFAULT_LINE;

/** Media small enough to be wiped in a moment: a system medium in use, and one that nothing uses. */
export const SMALL_MEDIA = [
  { name: 'mmcblk0', bytes: 3 << 20, device: '179:0', serial: '0x01' },
  { name: 'mmcblk0p2', bytes: 1 << 20, device: '179:2', partOf: 'mmcblk0', mountedOn: '/' },
  { name: 'mmcblk0p3', bytes: 1 << 20, device: '179:3', partOf: 'mmcblk0', mountedOn: '/data' },
  // Not a whole number of MiB: the end is written and read in smaller blocks.
  { name: 'mmcblk1', bytes: (5 << 20) + 12_288, device: '179:8', serial: '0x02' },
] as const;

/** An artifact that a run made, in memory. */
export interface Kept {
  readonly name: string;
  content: Buffer;
  sha256ByUnit: string | null | undefined;
}

export interface ConsoleBench {
  readonly unit: ConsoleUnit;
  readonly mount: ReturnType<typeof mountOnPty>;
  readonly address: string;
  /** A serial port opened on the unit's PTY. */
  connect(): Promise<Transport>;
  /** A session of the driver over such a port. */
  open(credentials?: { login: string | null; password: string | null }): Promise<UnitSession>;
  /** What an action is given; keeps artifacts, progress and remarks. */
  context(signal?: AbortSignal): ActionContext & {
    kept: Kept[];
    reports: ProgressReport[];
    lines: string[];
  } & {
    told: Record<string, Value>;
  };
}

/** A virtual console on a PTY, and the driver that speaks to it; everything ends with the test. */
export function consoleBench(
  options: ConsoleUnitOptions = {},
  driving: ConsoleDriverOptions = {},
): ConsoleBench {
  const folder = mkdtempSync(join(tmpdir(), 'console-test-'));
  const address = join(folder, 'console');
  const unit = new ConsoleUnit({ loginDelayMs: 50, logBytes: 100_000, media: SMALL_MEDIA, ...options });
  const mount = mountOnPty(unit, address, () => {});
  onTestFinished(async () => {
    await mount.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const driver = createConsoleDriver(driving);
  const connect = () => openSerial(address, LINE, { timeoutMs: 5_000 });
  const signal = AbortSignal.timeout(55_000);
  return {
    unit,
    mount,
    address,
    connect,
    async open(credentials = { login: 'root', password: RACK_PASSWORD }) {
      const session = await driver.open(await connect(), { signal, ...credentials });
      onTestFinished(() => session.close());
      return session;
    },
    context(stop = signal) {
      const kept: Kept[] = [];
      const reports: ProgressReport[] = [];
      const lines: string[] = [];
      const told: Record<string, Value> = {};
      return {
        kept,
        reports,
        lines,
        signal: stop,
        progress: (report) => void reports.push(report),
        told,
        tell: (values) => void Object.assign(told, values),
        log: (line) => void lines.push(line),
        openArtifact: async ({ name }) => {
          const pieces: Buffer[] = [];
          return {
            async write(bytes) {
              pieces.push(Buffer.from(bytes));
            },
            async finish(info) {
              const content = Buffer.concat(pieces);
              kept.push({ name, content, sha256ByUnit: info?.sha256ByUnit });
              return { id: name, size: content.length, sha256: sha256(content) };
            },
            async discard() {},
          };
        },
      };
    },
  };
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
