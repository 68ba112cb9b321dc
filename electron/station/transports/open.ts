import { isAbsolute } from 'node:path';
import { BenchError } from '../../../shared/errors/index.ts';
import type { LineSettings } from '../../../shared/model/ports.ts';
import { openSerial } from './serial.ts';
import { openTcp, parseTcp, type TcpAddress } from './tcp.ts';
import type { CallOptions, Transport } from './transport.ts';

export type ParsedAddress =
  | { readonly kind: 'serial'; readonly path: string }
  | ({ readonly kind: 'tcp' } & TcpAddress);

/**
 * What an address means, without touching it. A path must be absolute (on Windows: `COM` and a number).
 * Throws `port.not-a-port`, `port.not-loopback`.
 */
export function parseAddress(address: string): ParsedAddress {
  if (/^tcp:/i.test(address)) return { kind: 'tcp', ...parseTcp(address) };
  if (address.includes('\0')) {
    throw new BenchError('port.not-a-port', {
      address: address.replaceAll('\0', '?'),
      detail: 'it holds NUL',
    });
  }
  if (process.platform === 'win32' && /^(\\\\\.\\)?COM\d+$/i.test(address)) {
    return { kind: 'serial', path: address };
  }
  if (!isAbsolute(address)) {
    throw new BenchError('port.not-a-port', { address, detail: 'the path must start with “/”' });
  }
  return { kind: 'serial', path: address };
}

/** Opens whatever the address names. The line settings matter to serial ports only. */
export function openTransport(address: string, line: LineSettings, options: CallOptions): Promise<Transport> {
  try {
    const parsed = parseAddress(address);
    return parsed.kind === 'tcp' ? openTcp(address, options) : openSerial(parsed.path, line, options);
  } catch (error) {
    return Promise.reject(error);
  }
}
