import type { Family, Identity } from '../../shared/model/units.ts';

/**
 * A virtual unit is a core that knows bytes and nothing else; `mounts` put it on a PTY, on TCP or on an
 * in-process channel. To add a unit: implement `UnitCore` and name it in `units.ts`.
 */

/** Faults that can be switched on and off while a unit runs. */
export const FAULTS = [
  /** The cable is out: the port goes away, and comes back when the fault is switched off. */
  'unplug',
  /** Nothing comes back and nothing gets through. */
  'silence',
  /** Noise between the unit's own bytes: NULs, broken UTF-8, endless lines. */
  'garbage',
  /** The line carries about a hundred bytes a second. */
  'slowness',
  /** The cable is pulled in the middle of the next answer; plugged in again when switched off. */
  'die-mid-answer',
  /** A phone: its first IMEI is another one than on its label. */
  'wrong-imei',
  /** A console: its serial number is another one than on its label. */
  'wrong-serial',
  /** A console: no login is accepted. */
  'login-failure',
  /** A console: its disk is full. */
  'full-disk',
] as const;
export type FaultName = (typeof FAULTS)[number];

/** Faults of the wire: every unit has them, because its mount makes them. */
export const WIRE_FAULTS = ['unplug', 'silence', 'garbage', 'slowness', 'die-mid-answer'] as const;
export type WireFault = (typeof WIRE_FAULTS)[number];
export const isWireFault = (name: FaultName): name is WireFault =>
  (WIRE_FAULTS as readonly string[]).includes(name);

/** A unit's own end of its cable. */
export interface ByteChannel {
  /** Called with what the bench sends; one listener. Bytes are only valid during the call. */
  onData(listener: (bytes: Uint8Array) => void): void;
  /**
   * Sends bytes in order. Resolves when they are on their way (wait for it, that is the backpressure) or when
   * the cable is out, which loses them as a real one does. Never rejects.
   */
  write(bytes: Uint8Array): Promise<void>;
  /** Bytes written that nobody has taken yet; a unit drops chatter instead of piling it up. */
  readonly queued: number;
  /** Resolves when the cable is out; never rejects. */
  readonly closed: Promise<void>;
}

/** What a unit may ask of the cable it hangs on. */
export interface Wiring {
  readonly channel: ByteChannel;
  /** The unit drops off the bus (a reboot, say) and comes back on its own after that many milliseconds. */
  reconnect(afterMs: number): void;
}

export interface UnitCore {
  readonly family: Family;
  /** What the unit says of itself when it is in order; for the rack's own list. */
  readonly identity: Identity;
  /** The faults that this unit makes itself, besides those of the wire. */
  readonly faults: readonly FaultName[];
  /** A cable was plugged in (again). Returns what to do when it is pulled. */
  attach(wiring: Wiring): () => void;
  /** Switches one of `faults`. */
  setFault(name: FaultName, on: boolean): void;
  /** Ends for good: stops timers and child processes. */
  close(): Promise<void>;
}

/** A unit on a cable. */
export interface Mount {
  /** How the bench reaches it; the same across unplugging. */
  readonly address: string;
  /** Every address that leads there now (the link and the PTY behind it). */
  readonly aliases: () => readonly string[];
  setFault(name: FaultName, on: boolean): void;
  close(): Promise<void>;
}
