import { isBenchError } from '../../../../shared/errors/index.ts';
import type { Transport } from '../../transports/transport.ts';
import { look, type Sight } from './words.ts';

/** Handing a line to the operating system takes no longer than this, even at 1200 baud. */
const WRITE_LIMIT_MS = 15_000;
/** A prompt counts when nothing follows it for this long. */
const SETTLE_MS = 60;
/** How much of what was heard is kept. */
const HEARD_LIMIT = 16 * 1024;

/**
 * A line of which nothing is known is listened to for this long before anything is sent: a boot loader that
 * counts down speaks every second, and any byte would stop it.
 */
export const LISTEN_MS = 1_200;
/** A line that never is so quiet is listened to for this many times as long. */
const NEVER_QUIET = 5;

/** Sights that need no more listening. */
const DECIDED: readonly Sight['kind'][] = [
  'login',
  'password',
  'boot-loader',
  'activate',
  'prompt',
  'leftover',
];

/** Whether what was heard tells what is to be done next. */
export const decided = (heard: string): boolean => DECIDED.includes(look(heard).kind);

export interface ListenOptions {
  /** Enough when nothing more came for this long. */
  readonly quietMs: number;
  /** Enough in any case. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Enough when this holds and nothing follows at once. */
  readonly until?: (heard: string) => boolean;
  /** Wait for something to arrive at all, up to `timeoutMs`, before `quietMs` counts. */
  readonly expectSome?: boolean;
}

/** A console before any protocol is spoken on it: what is sent, and what is heard until it is quiet. */
export class Line {
  readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  get address(): string {
    return this.transport.address;
  }

  async send(text: string, signal?: AbortSignal): Promise<void> {
    await this.transport.write(Buffer.from(text, 'latin1'), { timeoutMs: WRITE_LIMIT_MS, signal });
  }

  /** The next bytes, or null when none came in that time. Rejects as a transport does, but for `port.timeout`. */
  async read(timeoutMs: number, signal?: AbortSignal): Promise<Uint8Array | null> {
    try {
      return await this.transport.read({ timeoutMs: Math.max(1, timeoutMs), signal });
    } catch (error) {
      if (isBenchError(error, 'port.timeout')) return null;
      throw error;
    }
  }

  /** What a console says by itself, before anything was sent to it. */
  listenFirst(signal: AbortSignal, quietMs: number = LISTEN_MS): Promise<string> {
    const until = (heard: string) => decided(heard) || look(heard).kind === 'autoboot';
    return this.listen({ quietMs, timeoutMs: quietMs * NEVER_QUIET, signal, until });
  }

  /** What the console says until it is quiet; the last 16 KiB of it. */
  async listen(options: ListenOptions): Promise<string> {
    const end = performance.now() + options.timeoutMs;
    let heard = '';
    let quietMs = options.expectSome ? options.timeoutMs : options.quietMs;
    const decoder = new TextDecoder('utf-8');
    for (;;) {
      const left = end - performance.now();
      if (left <= 0) return heard;
      const bytes = await this.read(Math.min(quietMs, left), options.signal);
      if (bytes === null) return heard;
      heard = (heard + decoder.decode(bytes, { stream: true })).slice(-HEARD_LIMIT);
      quietMs = options.until?.(heard) ? Math.min(SETTLE_MS, options.quietMs) : options.quietMs;
    }
  }
}
