/**
 * A channel of bytes to a unit. Protocols know this and never a port; serial ports, TCP and
 * in-process fakes all look like it.
 */

/** Every call carries a deadline, and may be given up early. */
export interface CallOptions {
  /** Milliseconds until the call rejects with `port.timeout`. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Why a transport is closed; `gone` means the unit went away by itself. */
export type CloseReason = { readonly kind: 'closed' } | { readonly kind: 'gone'; readonly detail: string };

export interface Transport {
  /** As the person gave it; for messages. */
  readonly address: string;
  /**
   * The next bytes, at least one. At most one read is pending at a time (a second one throws, it is a bug).
   * Bytes that arrive while nobody reads are kept, bounded by pausing the source, and never dropped.
   * A read that timed out or was aborted loses nothing.
   * Rejects: BenchError `port.timeout`, `port.gone`; or the signal's reason.
   */
  read(options: CallOptions): Promise<Uint8Array>;
  /** Resolves when the bytes were handed to the operating system (drained). Rejects as `read` does. */
  write(bytes: Uint8Array, options: CallOptions): Promise<void>;
  /** Throws away what has arrived and was not read; returns how many bytes. */
  discardInput(): number;
  /** Resolves exactly once, whoever closed; never rejects. */
  readonly closed: Promise<CloseReason>;
  /** Closes; safe to call again. Pending calls reject with `port.gone`. */
  close(): Promise<void>;
}
