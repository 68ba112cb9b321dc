import { spawnSync } from 'node:child_process';
import { closeSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ReadStream } from 'node:tty';
import type { RawLine } from './cable.ts';

/**
 * A PTY as the unit's end of a serial cable. The native `openpty` of node-pty is called directly:
 * its own `open()` reads the client's side as well (and takes bytes away from the client), and its
 * `destroy()` sends a hang-up signal to process -1, which is every process of this user.
 *
 * The client's side is held open here, unread: without it the unit's side fails whenever no client has
 * the path open, so that several clients one after the other would not be possible.
 */
interface NativePty {
  open(columns: number, rows: number): { master: number; slave: number; pty: string };
}

const isNativePty = (value: unknown): value is NativePty =>
  typeof value === 'object' && value !== null && 'open' in value && typeof value.open === 'function';

const require = createRequire(import.meta.url);

function native(): NativePty {
  const { requireBinary } = require('@lydell/node-pty/requireBinary.js') as {
    requireBinary: (file: string) => unknown;
  };
  const binary = requireBinary('pty.node');
  if (!isNativePty(binary)) throw new Error('node-pty has no openpty on this platform');
  return binary;
}

/** Waiting times while the client does not read: a few turns of the event loop, then up to 8 ms. */
const TURNS_BEFORE_SLEEP = 20;
const MAX_SLEEP_MS = 8;

export interface Pty {
  /** The client's path, `/dev/pts/N`. */
  readonly path: string;
  /** The unit's end; pulling it is a hang-up for the client. */
  readonly line: RawLine;
}

class PtyLine implements RawLine {
  readonly closed: Promise<void>;
  queued = 0;
  #markClosed: () => void = () => {};
  #open = true;
  readonly #master: number;
  /** The client's side, held open and never read. */
  readonly #slave: number;
  readonly #stream: ReadStream;
  #tail: Promise<void> = Promise.resolve();
  #listener: ((bytes: Uint8Array) => void) | null = null;

  constructor(master: number, slave: number) {
    this.closed = new Promise((resolve) => {
      this.#markClosed = resolve;
    });
    this.#master = master;
    this.#slave = slave;
    this.#stream = new ReadStream(master);
    // Both are how the end of the terminal is told; there is nothing to repair.
    this.#stream.on('error', () => this.hangUp());
    this.#stream.on('close', () => this.hangUp());
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    const first = this.#listener === null;
    this.#listener = listener;
    if (first) this.#stream.on('data', (bytes: Buffer) => this.#listener?.(bytes));
  }

  write(bytes: Uint8Array): Promise<void> {
    if (!this.#open) return Promise.resolve();
    // In the usual case the terminal takes it at once.
    const sent = this.queued === 0 ? this.#send(bytes, 0) : 0;
    if (sent === bytes.length) return Promise.resolve();
    this.queued += bytes.length - sent;
    // The caller may use its buffer again.
    const rest = bytes.slice(sent);
    this.#tail = this.#tail.then(() => this.#sendAll(rest));
    return this.#tail;
  }

  hangUp(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#stream.destroy();
    closeSync(this.#slave);
    this.#markClosed();
  }

  async #sendAll(bytes: Uint8Array): Promise<void> {
    let idle = 0;
    for (let offset = 0; offset < bytes.length && this.#open; ) {
      const sent = this.#send(bytes, offset);
      offset += sent;
      this.queued -= sent;
      idle = sent > 0 ? 0 : idle + 1;
      if (offset < bytes.length) await pause(idle);
    }
    if (!this.#open) this.queued = 0;
  }

  #send(bytes: Uint8Array, offset: number): number {
    try {
      return writeSync(this.#master, bytes, offset, bytes.length - offset);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 0;
      this.hangUp();
      return bytes.length - offset;
    }
  }
}

const pause = (idle: number): Promise<void> =>
  new Promise((resolve) => {
    if (idle < TURNS_BEFORE_SLEEP) setImmediate(resolve);
    else setTimeout(resolve, Math.min(MAX_SLEEP_MS, idle - TURNS_BEFORE_SLEEP + 1));
  });

/**
 * Opens a PTY pair in raw mode without echo. Raw before anybody opens it: otherwise the line discipline echoes
 * the unit's own bytes back to it, and a login on the unit answers itself for ever.
 */
export function openPty(): Pty {
  const { master, slave, pty } = native().open(80, 24);
  // Not by a ReadStream of Node's: libuv puts the old mode back when that is closed.
  const { status, error } = spawnSync('stty', ['raw', '-echo'], { stdio: [slave, 'ignore', 'ignore'] });
  if (status !== 0) throw new Error('the virtual port cannot be made raw: stty failed', { cause: error });
  return { path: pty, line: new PtyLine(master, slave) };
}
