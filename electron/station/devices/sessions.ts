import { BenchError } from '../../../shared/errors/index.ts';
import type { Family } from '../../../shared/model/units.ts';
import type { Driver, OpenUnitOptions, UnitSession } from '../drivers/driver.ts';
import { listenFirst } from '../drivers/listen.ts';
import type { Transport } from '../transports/transport.ts';

/** What is needed to begin a conversation with whatever hangs on a port. */
export interface SessionRequest extends OpenUnitOptions {
  readonly address: string;
  /** The family that it is: a person said so, or it was read while the port was held; null: work it out. */
  readonly family: Family | null;
  readonly reopen: (signal: AbortSignal) => Promise<Transport>;
  /** Told the family that is spoken to. */
  readonly onFamily: (family: Family) => void;
}

/**
 * Opens the port and a conversation with what hangs on it. The family that was there the last time is no help: an
 * adapter may carry another unit by now, and what wakes a phone is a name to a login, so the order of `drivers` is
 * kept to. Rejects as a transport and the family's driver do, or with `unit.unknown-family`.
 */
export async function openSession(drivers: readonly Driver[], request: SessionRequest): Promise<UnitSession> {
  const { family, signal, reopen, onFamily } = request;
  const known = drivers.find((driver) => driver.family === family);
  if (family !== null && !known) throw new Error(`no driver for “${family}”`);
  const transport = await reopen(signal);
  if (known) {
    onFamily(known.family);
    return known.open(transport, request);
  }
  let taken = false;
  try {
    const heard = await listenFirst(transport, signal);
    for (const driver of drivers) {
      if (!(await driver.probe(transport, heard, signal))) continue;
      onFamily(driver.family);
      taken = true;
      return await driver.open(transport, { ...request, heard });
    }
  } finally {
    if (!taken) await transport.close();
  }
  throw new BenchError('unit.unknown-family', { address: request.address });
}
