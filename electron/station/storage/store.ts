import type { Database } from 'better-sqlite3';
import type { Op, OpInput } from '../../../shared/ops/define.ts';
import type { Outcome } from '../../../shared/sync/merge.ts';

/** Who acts: a signed-in person, or the station itself. */
export interface Actor {
  readonly id: string;
  readonly name: string;
}

/** Time, ids and randomness come from here, so that tests can fix them. */
export interface Clock {
  /** UTC instant, ISO 8601 with milliseconds and `Z`. */
  now(): string;
  /** Monotonic milliseconds. */
  monotonic(): number;
  /** A new UUIDv7. */
  id(): string;
  random(bytes: number): Uint8Array;
}

/**
 * Writes an operation's effect into its service's tables; called inside the operation's transaction,
 * and again, in order, when projections are rebuilt. It may only use the operation and its own tables.
 */
export type Projector = (db: Database, op: Op<string, never>) => void;
export type Projectors = Readonly<Record<string, Projector>>;

/**
 * The one way to change anything that matters: append operations. Each is validated against its kind,
 * chained, signed and projected into tables in the same transaction; what `append` returned is on disk.
 */
export interface Store {
  /** Encrypted database; services read their own tables with it, and write only in projectors. */
  readonly db: Database;
  readonly clock: Clock;
  /** Appends in order, all or none. Throws BenchError `state.stale`, `input.invalid`. */
  append(actor: Actor, inputs: readonly OpInput[]): readonly Op[];
  /** Runs reads and appends in one transaction; nested calls join. */
  transaction<T>(work: () => T): T;
  /** Called after each commit with the operations it held; returns how to stop. */
  onCommitted(listener: (ops: readonly Op[]) => void): () => void;
}

/** What a service keeps in tables: rebuilt from the log at any time by clearing `tables` and replaying. */
export interface Projection {
  /** Tables that hold nothing but what `projectors` wrote, children first. */
  readonly tables: readonly string[];
  readonly projectors: Projectors;
}

/**
 * A projection of what the whole site does, not of this bench's own log alone. Its tables are a function of the
 * site's history, equal on every bench that has read it equally far.
 */
export interface SiteProjection extends Projection {
  /** Forgets these cases, units, runs, people and benches, because what is known of them is projected anew. */
  forget(db: Database, ids: readonly string[]): void;
  /** Told of each operation that has its place in the site's history, whether it holds or not. */
  judged?(db: Database, op: Op, outcome: Outcome, n: number): void;
  /** Columns that differ from bench to bench, as `table.column`. */
  readonly local?: readonly string[];
}
