import { readSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { SerialPort } from 'serialport';
import { BenchError } from '../../../shared/errors/index.ts';
import type { LineSettings } from '../../../shared/model/ports.ts';
import { BaseTransport, type Wire } from './base.ts';
import { bounded, seconds } from './bounded.ts';
import { checkedDevice, openError } from './serial-errors.ts';
import { hasModemLines, keepLinesUp, type OpenPort } from './serial-lines.ts';
import type { CallOptions, Transport } from './transport.ts';

/** A port of the POSIX bindings: a non-blocking descriptor and something that tells when it is ready. */
type PollPort = Extract<OpenPort, { poller: unknown }>;

/** Reads land here one behind the other, so that neighbours are handed over as one view. */
const SLAB_BYTES = 256 * 1024;
/** A terminal gives at most 4095 bytes a read; with less room than this a new slab is begun. */
const MIN_ROOM = 8 * 1024;
/** A shorter read means that the terminal is (nearly) empty: wait instead of asking again. */
const SHORT_READ = 1024;
/** Bytes read in one turn of the event loop, so that one flooding port leaves time for the others. */
const TURN_BYTES = 256 * 1024;
/** The kernel may hold a close back until a stuck line has drained; nobody waits longer than this. */
const CLOSE_LIMIT_MS = 5_000;

/** What the poller can wait for. */
const READABLE = 0b01;
const WRITABLE = 0b10;

const errorCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

const wouldBlock = (error: unknown): boolean => ['EAGAIN', 'EWOULDBLOCK', 'EINTR'].includes(errorCode(error));

const words = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Reads and writes the non-blocking descriptor on the event loop itself, which never waits and saves the
 * way through the thread pool; the poller says when to go on.
 * It also ends where the bindings' own read would spin: a hung-up terminal reads as end of file for ever.
 */
class PollWire implements Wire {
  readonly #port: PollPort;
  #transport: BaseTransport | null = null;
  #slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  #used = 0;
  #reading = false;
  #dying = false;
  #writers: (() => void)[] = [];

  constructor(port: PollPort) {
    this.#port = port;
    port.poller.on('readable', (error: unknown) => this.#onReadable(error));
    port.poller.on('writable', () => this.#onWritable());
  }

  begin(transport: BaseTransport): void {
    this.#transport = transport;
    this.#pump();
  }

  resume(): void {
    setImmediate(() => this.#pump());
  }

  send(bytes: Uint8Array, givenUp: () => boolean): Promise<void> | undefined {
    const sent = this.#write(bytes, 0);
    return sent === bytes.length ? undefined : this.#sendRest(bytes, sent, givenUp);
  }

  async shut(): Promise<void> {
    await Promise.race([this.#port.close(), delay(CLOSE_LIMIT_MS, undefined, { ref: false })]);
  }

  async #sendRest(bytes: Uint8Array, from: number, givenUp: () => boolean): Promise<void> {
    for (let sent = from; sent < bytes.length; sent += this.#write(bytes, sent)) {
      await new Promise<void>((resolve) => {
        this.#writers.push(resolve);
        this.#watch();
      });
      if (givenUp()) return;
    }
  }

  /** Writes what the terminal takes now; a dead port takes everything, its transport knows by then. */
  #write(bytes: Uint8Array, offset: number): number {
    const { fd } = this.#port;
    if (fd === null) return bytes.length - offset;
    try {
      return writeSync(fd, bytes, offset, bytes.length - offset);
    } catch (error) {
      if (wouldBlock(error)) return 0;
      this.#transport?.lost(words(error));
      return bytes.length - offset;
    }
  }

  #onReadable(error: unknown): void {
    // An error of the poller: the port is dead, but what it still holds is read first.
    if (error) this.#dying = true;
    const wanted = this.#reading;
    this.#reading = false;
    if (wanted) this.#pump();
    else this.#watch();
  }

  #onWritable(): void {
    for (const go of this.#writers.splice(0)) go();
    this.#watch();
  }

  /**
   * Tells the poller everything that is waited for. It forgets the one when asked for the other, and after an
   * event it goes on by itself with whatever was ever asked for; so it is told anew each time.
   */
  #watch(): void {
    if (!this.#transport?.isOpen) return;
    this.#port.poller.poll((this.#reading ? READABLE : 0) | (this.#writers.length > 0 ? WRITABLE : 0));
  }

  #pump(): void {
    const transport = this.#transport;
    if (transport === null || this.#reading) return;
    for (let turn = 0; turn < TURN_BYTES; ) {
      const { fd } = this.#port;
      if (fd === null || !transport.isOpen) return;
      if (this.#slab.length - this.#used < MIN_ROOM) {
        this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
        this.#used = 0;
      }
      let count: number;
      try {
        count = readSync(fd, this.#slab, this.#used, this.#slab.length - this.#used, null);
      } catch (error) {
        if (wouldBlock(error) && !this.#dying) break;
        transport.lost(words(error));
        return;
      }
      if (count === 0) {
        transport.lost('the line was hung up');
        return;
      }
      const piece = this.#slab.subarray(this.#used, this.#used + count);
      this.#used += count;
      turn += count;
      if (!transport.deliver(piece)) {
        this.#watch();
        return;
      }
      if (count < SHORT_READ && !this.#dying) break;
    }
    this.#reading = true;
    this.#watch();
  }
}

/** For bindings without a descriptor (Windows): their own reads and writes. */
class CallWire implements Wire {
  readonly #port: OpenPort;
  #transport: BaseTransport | null = null;
  #reading = false;

  constructor(port: OpenPort) {
    this.#port = port;
  }

  begin(transport: BaseTransport): void {
    this.#transport = transport;
    void this.#pump();
  }

  resume(): void {
    void this.#pump();
  }

  async send(bytes: Uint8Array): Promise<void> {
    try {
      await this.#port.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    } catch (error) {
      this.#transport?.lost(words(error));
    }
  }

  async shut(): Promise<void> {
    await Promise.race([this.#port.close(), delay(CLOSE_LIMIT_MS, undefined, { ref: false })]);
  }

  async #pump(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      for (let more = true; more && this.#transport?.isOpen; ) {
        const { buffer, bytesRead } = await this.#port.read(Buffer.allocUnsafe(16_384), 0, 16_384);
        more = this.#transport.deliver(buffer.subarray(0, bytesRead));
      }
    } catch (error) {
      this.#transport?.lost(words(error));
    } finally {
      this.#reading = false;
    }
  }
}

const isPollPort = (port: OpenPort): port is PollPort => 'poller' in port;

async function openDevice(device: string, line: LineSettings): Promise<OpenPort> {
  return SerialPort.binding.open({
    path: device,
    baudRate: line.baudRate,
    dataBits: line.dataBits,
    stopBits: line.stopBits,
    parity: line.parity,
    rtscts: line.flow === 'rtscts',
    xon: line.flow === 'xonxoff',
    xoff: line.flow === 'xonxoff',
    hupcl: false,
    lock: true,
  });
}

/**
 * Opens a serial port. The path is resolved anew each time, so that a by-id link finds a re-plugged unit.
 * Nothing is sent; DTR and RTS rise when the kernel opens the port and stay up after the close
 * (no hang-up), because a falling line resets boards and hangs up modems.
 * Rejects with `port.not-found`, `port.no-permission`, `port.busy`, `port.not-a-port`, `port.ambiguous`,
 * `port.settings`, `port.timeout`.
 */
export async function openSerial(path: string, line: LineSettings, options: CallOptions): Promise<Transport> {
  const device = await checkedDevice(path);
  const port = await bounded<OpenPort>(
    options,
    () =>
      new BenchError('port.timeout', {
        address: path,
        seconds: seconds(options.timeoutMs),
        what: 'opening the port',
      }),
    (settle) => {
      openDevice(device, line).then(
        (opened) => {
          // Too late for the caller: let go of it.
          if (settle.settled) opened.close().catch(() => {});
          else settle.resolve(opened);
        },
        (error: unknown) => settle.reject(openError(path, error)),
      );
    },
  );
  if (isPollPort(port) && port.fd !== null && (await hasModemLines(port))) await keepLinesUp(port.fd);
  const wire = isPollPort(port) ? new PollWire(port) : new CallWire(port);
  const transport = new BaseTransport(path, wire);
  wire.begin(transport);
  return transport;
}
