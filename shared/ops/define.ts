import type { z } from 'zod';

/**
 * Three ways an operation merges at the hub:
 * - `ledger`: a fact that happened; always applies (runs, artifacts, sign-ins, movements)
 * - `command`: a move of a state machine; checked against the version it was decided on
 * - `fields`: values of fields; merged field by field
 */
export type OpClass = 'ledger' | 'command' | 'fields';

export const ENTITY_TYPES = [
  'case',
  'unit',
  'run',
  'artifact',
  'record',
  'person',
  'port',
  'station',
] as const;
export type EntityType = (typeof ENTITY_TYPES)[number];

/** One kind of operation. Kinds only grow: a changed meaning is a new kind. */
export interface OpKind<B = unknown> {
  readonly class: OpClass;
  readonly entity: EntityType;
  /** Whether the hub gets it; the rest is this bench's own (its ports, its sign-ins). */
  readonly synced: boolean;
  readonly body: z.ZodType<B>;
  /** One past-tense sentence for the timeline, e.g. “Moved from received to diagnosing”. */
  describe(body: B): string;
  /** What else its projection reads or writes, besides its entity and its case: ids, and keys of identifiers. */
  touches?(body: B): readonly string[];
}

export const opKind = <B>(kind: OpKind<B>): OpKind<B> => kind;

/** A change on its way into the log. */
export interface OpInput<K extends string = string, B = unknown> {
  readonly kind: K;
  /** Id of the entity it changes. */
  readonly entityId: string;
  readonly body: B;
  /** The case it belongs to, where there is one: it appears on that case's timeline. */
  readonly caseId?: string | null;
  /** The entity's version the person saw; a difference refuses the change as `state.stale`. */
  readonly baseVersion?: number | undefined;
}

/** An entry of the log: an operation as it was committed. */
export interface Op<K extends string = string, B = unknown> extends OpInput<K, B> {
  /** The bench it was made on. */
  readonly stationId: string;
  /** Contiguous from 1 on each station. */
  readonly seq: number;
  readonly id: string;
  readonly entity: EntityType;
  /** The entity's version after this operation, on the bench that reads it. */
  readonly version: number;
  readonly caseId: string | null;
  /** A person's id, or `station`. */
  readonly actorId: string;
  readonly actorName: string;
  /** Its entity is what another bench had recorded already under this id (shared/sync). */
  readonly same?: string;
  /** UTC instant, ISO 8601 with milliseconds. */
  readonly at: string;
}
