import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { RACK_PASSWORD } from './console/index.ts';
import { type RackUnitSpec, startRack } from './rack.ts';
import { FAULTS, type FaultName } from './unit.ts';

export interface RunRackOptions {
  /** How many units of each family. */
  readonly at: number;
  readonly console: number;
  readonly link?: string;
  readonly signal: AbortSignal;
  readonly input?: Readable;
  readonly output: Writable;
  /** For remarks about what was typed. */
  readonly remarks: Writable;
}

const isFault = (name: string): name is FaultName => (FAULTS as readonly string[]).includes(name);

/**
 * Runs a rack until the signal: prints one line of JSON naming its units, and takes lines such as
 * `fault /path/at-1 silence on` from `input`.
 */
export async function runRack(options: RunRackOptions): Promise<void> {
  const units: RackUnitSpec[] = [
    ...Array.from({ length: options.at }, () => ({ family: 'at' as const })),
    ...Array.from({ length: options.console }, () => ({ family: 'console' as const })),
  ];
  const rack = await startRack({ units, ...(options.link === undefined ? {} : { link: options.link }) });
  const lines = options.input && createInterface({ input: options.input, terminal: false });
  try {
    const listed = rack.units.map(({ family, address, identity }) => ({
      family,
      address,
      identity,
      ...(family === 'console' ? { login: { name: 'root', password: RACK_PASSWORD } } : {}),
    }));
    options.output.write(`${JSON.stringify({ units: listed })}\n`);
    lines?.on('line', (line) => {
      options.remarks.write(`${obey(line)}\n`);
    });
    await new Promise<void>((resolve) => {
      if (options.signal.aborted) resolve();
      else options.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  } finally {
    lines?.close();
    await rack.close();
  }

  /** Does what a line says; returns what to tell the person. */
  function obey(line: string): string {
    const [verb, address, name = '', state] = line.trim().split(/\s+/);
    if (verb !== 'fault' || (state !== 'on' && state !== 'off') || !isFault(name)) {
      return `Write: fault ADDRESS NAME on|off. Names: ${FAULTS.join(', ')}`;
    }
    const unit = rack.units.find((candidate) => candidate.address === address);
    if (unit === undefined) return `There is no unit at ${address}.`;
    try {
      unit.setFault(name, state === 'on');
      return `${name} is ${state} at ${address}.`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}
