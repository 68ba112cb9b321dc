import { Line } from '../protocols/console/line.ts';
import type { Transport } from '../transports/transport.ts';

/**
 * What an unknown line says by itself. Comes before every probe, once: whatever hangs there may be starting, and
 * the first byte that is sent would stop it. Rejects as a transport does.
 */
export const listenFirst = (transport: Transport, signal: AbortSignal): Promise<string> =>
  new Line(transport).listenFirst(signal);
