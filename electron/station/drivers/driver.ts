import type { z } from 'zod';
import type { WipeTarget } from '../../../shared/contract/work.ts';
import type { ArtifactKind } from '../../../shared/model/evidence.ts';
import type { Family, Identity } from '../../../shared/model/units.ts';
import type { Transport } from '../transports/transport.ts';

/** A single value that an action read or did; procedures measure and compare these. */
export type Value = string | number | boolean | null;

/** Where an action puts bytes that are evidence. The sink hashes, compresses, encrypts. */
export interface ArtifactSink {
  write(bytes: Uint8Array): Promise<void>;
  /**
   * Ends the artifact; `sha256ByUnit` is the unit's own hash of the content when it can hash.
   * A difference is the caller's to notice first; the sink records whether they agreed.
   */
  finish(info?: { sha256ByUnit?: string | null }): Promise<{ id: string; size: number; sha256: string }>;
  /** Throws away what was written. Safe after `finish` (does nothing). */
  discard(): Promise<void>;
}

export interface ProgressReport {
  done: number;
  total: number | null;
  unit: 'bytes' | 'steps';
}

/** What an action is given besides its arguments. */
export interface ActionContext {
  /** Aborted on request or at the phase's deadline; an action stops at the next safe point. */
  readonly signal: AbortSignal;
  progress(report: ProgressReport): void;
  openArtifact(info: { kind: ArtifactKind; name: string; mime: string }): Promise<ArtifactSink>;
  /**
   * Values known so far, of those that the action returns. They are recorded when it is cut off before its end:
   * told when they are certain, and no earlier.
   */
  tell(values: Readonly<Record<string, Value>>): void;
  /** A line for the run's own log, never customer data. */
  log(line: string): void;
}

export interface ActionResult {
  readonly values: Readonly<Record<string, Value>>;
}

/** One thing a family can do, by the name that procedures use. */
export interface Action<A = unknown> {
  readonly title: string;
  /** Arguments as they stand in the procedure; validated when the procedure is loaded. */
  readonly args: z.ZodType<A>;
  /** Names of the values it returns, so that a procedure can be checked before it runs. */
  readonly values: readonly string[];
  /** Does whatever its arguments say, which nobody but the procedure's author can judge. */
  readonly free?: boolean;
  /** Destroys data: runs only inside a destructive procedure, after the safety predicates. */
  readonly destructive?: boolean;
}

/** An open conversation with one unit. One command at a time; the caller holds the port's lease. */
export interface UnitSession {
  readonly family: Family;
  /** Reads who the unit is, anew each time. */
  identify(signal: AbortSignal): Promise<Identity>;
  /** Runs the action of that name; args were validated. Throws BenchError. */
  run(action: string, args: unknown, context: ActionContext): Promise<ActionResult>;
  /** Everything that could be wiped, with reasons where it may not. */
  wipeTargets(signal: AbortSignal): Promise<WipeTarget[]>;
  /** Leaves the unit as it was found where possible (logs out, restores echo), then closes the transport. */
  close(): Promise<void>;
}

export interface OpenUnitOptions {
  readonly signal: AbortSignal;
  readonly login?: string | null;
  readonly password?: string | null;
  readonly log?: (line: string) => void;
  /** Told when the unit turns out to be starting up: it may be waited for minutes. */
  readonly booting?: (() => void) | undefined;
  /** What the line said by itself, where it was listened to already (`listenFirst`). */
  readonly heard?: string | undefined;
  /** Opens the same port anew after the unit rebooted by itself; absent where the caller cannot. */
  readonly reopen?: (signal: AbortSignal) => Promise<Transport>;
}

/** One device family. */
export interface Driver {
  readonly family: Family;
  readonly title: string;
  readonly actions: Readonly<Record<string, Action>>;
  /**
   * Whether a unit of this family answers, sending as little as possible. Only called on request, after the line
   * was listened to; `heard` is what it said then.
   * Resolves false when something else answers; rejects only when the transport fails.
   */
  probe(transport: Transport, heard: string, signal: AbortSignal): Promise<boolean>;
  /** Takes the transport over: it is closed by the session, or here when opening fails. */
  open(transport: Transport, options: OpenUnitOptions): Promise<UnitSession>;
}
