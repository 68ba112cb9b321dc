import type { IdentifierKey } from '../identity/index.ts';
import type { Status } from '../model/cases.ts';

/* What judges of operations have in common: the operation, what it came to, and what it is judged against. */

/** An operation in its place in the site's history. */
export interface Placed {
  /** Its number in the site's feed: dense, from 1. */
  readonly n: number;
  /** `station/incarnation`: what a restored bench has lost is somebody else's to it. */
  readonly author: string;
  /** Its place in its author's own log. */
  readonly seq: number;
  readonly id: string;
  readonly kind: string;
  readonly entityId: string;
  /** How far its author had read the feed; null when they had never joined. */
  readonly base: number | null;
  /** Null where it was erased. */
  readonly body: unknown;
  readonly at: string;
  readonly actorName: string;
}

/** Something that happened elsewhere and the author could not know of. */
export interface Unseen {
  readonly code:
    | 'field-edited'
    | 'moved'
    | 'unit-elsewhere'
    | 'instruction-changed'
    | 'safety-stop'
    | 'number-taken';
  /** The field, the status or the other case. */
  readonly what: string;
  /** The operation that came first. */
  readonly n: number;
}

/**
 * - `applied`: it holds; `unseen` says what its author could not know of, where somebody should look at it
 * - `superseded`: what it wanted was so already
 * - `conflict`: it does not hold (or not all of it), and a person has to choose
 * - `refused`: it can have no effect, with the reason
 * - `unjudged`: its kind is from a newer version; it is kept, and judged when that version is here
 * `same`: its unit is one that another bench had recorded already, which its author could not know.
 */
export type Outcome =
  | { readonly is: 'applied'; readonly unseen: readonly Unseen[]; readonly same?: string }
  | { readonly is: 'superseded'; readonly by: number }
  | { readonly is: 'conflict'; readonly unseen: readonly Unseen[] }
  | { readonly is: 'refused'; readonly reason: string }
  | { readonly is: 'unjudged' };

/** Who wrote something last. */
export interface Written {
  readonly n: number;
  readonly by: string;
  readonly seq: number;
}

export interface CaseState {
  readonly is: 'case';
  readonly status: Status;
  readonly moved: Written;
  /** Last writer of each field; a field nobody edited since the case was opened is not there. */
  readonly fields: Readonly<Record<string, Written>>;
  /** Keys of the places its unit is known by (`placeKey`). */
  readonly places: readonly string[];
  /** Safety stops that nobody has released, by their ids. */
  readonly stops: Readonly<Record<string, Written>>;
}
/** Where the unit with an identifier is: the cases in the lab that expect it. */
export interface PlaceState {
  readonly is: 'place';
  readonly cases: readonly (Written & { readonly id: string })[];
}
/** The case that had a number first. */
export interface NumberState {
  readonly is: 'number';
  readonly id: string;
  readonly n: number;
}
/** A conflict that a person has settled. */
export interface SettledState {
  readonly is: 'settled';
  readonly n: number;
}
/** Of a restored bench: up to which entry of its own it still knows each author it was before. */
export interface LineageState {
  readonly is: 'lineage';
  readonly knows: Readonly<Record<string, number>>;
}
/** The records of units that are known by an identifier, in the order in which they were made. */
export interface UnitsState {
  readonly is: 'units';
  readonly units: readonly (Written & {
    readonly id: string;
    readonly keys: readonly IdentifierKey[];
    readonly maker: string | null;
  })[];
}
export type State = CaseState | PlaceState | NumberState | SettledState | LineageState | UnitsState;

/** The states an operation is judged against; a missing one was never written. */
export interface States {
  get(key: string): State | undefined;
  set(key: string, state: State): void;
}

export const APPLIED: Outcome = { is: 'applied', unseen: [] };
export const applied = (unseen: readonly Unseen[]): Outcome =>
  unseen.length === 0 ? APPLIED : { is: 'applied', unseen };

export const writtenBy = ({ n, author, seq }: Placed): Written => ({ n, by: author, seq });
export const lineageKey = (author: string) => `lineage:${author}`;

/** Up to which entries a restored bench knows the benches it was before. */
export function knownBy(author: string, states: States): LineageState['knows'] {
  const state = states.get(lineageKey(author));
  return state?.is === 'lineage' ? state.knows : {};
}

/** Whether the author of `op` could not know of what was written. */
export function isUnseen(
  op: Pick<Placed, 'author' | 'base'>,
  written: Written | null | undefined,
  states: States,
): written is Written {
  if (!written || written.by === op.author || written.n <= (op.base ?? 0)) return false;
  return written.seq > (knownBy(op.author, states)[written.by] ?? 0);
}

export interface Judge<B> {
  /** Keys of the states it reads or writes, as far as the operation itself tells. */
  keys(op: Placed, body: B): string[];
  judge(op: Placed, body: B, states: States): Outcome;
}

export const judgeOf = <B>(judge: Judge<B>): Judge<never> => judge as Judge<never>;

/** A kind that holds as it is, whatever happened meanwhile. */
export const fact: Judge<never> = { keys: () => [], judge: () => APPLIED };

/** Whether a person should look at what became of an operation. */
export const needsReview = (outcome: Outcome): boolean =>
  outcome.is === 'conflict' ||
  outcome.is === 'refused' ||
  (outcome.is === 'applied' && outcome.unseen.length > 0);

/** The content of a judged operation as far as it holds; null where nothing of it does. */
export function holding(kind: string, body: unknown, outcome: Outcome): unknown {
  if (outcome.is === 'applied') return body;
  if (outcome.is !== 'conflict' || kind !== 'case.fields') return null;
  const lost = new Set(outcome.unseen.map(({ what }) => what));
  const { fields } = body as { fields: Readonly<Record<string, unknown>> };
  const won = Object.entries(fields).filter(([name, value]) => value !== undefined && !lost.has(name));
  return won.length === 0 ? null : { fields: Object.fromEntries(won) };
}
