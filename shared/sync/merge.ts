import { strongKeys } from '../identity/index.ts';
import type { CaseIdentifiers, Status } from '../model/cases.ts';
import { OPS } from '../ops/index.ts';
import { LEFT_LAB, TRANSITIONS } from '../rma/index.ts';

/*
 * How the changes of many benches become one history. The hub numbers every operation of a site; what an operation
 * came to is a pure function of those before it, so that the hub, every bench and the simulator compute the same.
 * The judgement of a published kind never changes: a changed meaning is a new kind.
 */

/** An operation in its place in the site's history. */
export interface Placed {
  /** Its number in the site's feed: dense, from 1. */
  readonly n: number;
  /** Station and incarnation: what a restored bench has lost is somebody else's to it. */
  readonly author: string;
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
  readonly code: 'field-edited' | 'moved' | 'unit-elsewhere' | 'instruction-changed' | 'safety-stop';
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
 */
export type Outcome =
  | { readonly is: 'applied'; readonly unseen: readonly Unseen[] }
  | { readonly is: 'superseded'; readonly by: number }
  | { readonly is: 'conflict'; readonly unseen: readonly Unseen[] }
  | { readonly is: 'refused'; readonly reason: string }
  | { readonly is: 'unjudged' };

/** Who wrote something last. */
interface Written {
  readonly n: number;
  readonly by: string;
}

export interface CaseState {
  readonly is: 'case';
  readonly status: Status;
  readonly moved: Written;
  /** Last writer of each field; a field nobody edited since the case was opened is not there. */
  readonly fields: Readonly<Record<string, Written>>;
  /** Keys of the places its unit is known by (`placeKey`). */
  readonly places: readonly string[];
  readonly stopped: Written | null;
}
/** Where the unit with an identifier is: the cases in the lab that expect it. */
export interface PlaceState {
  readonly is: 'place';
  readonly cases: readonly (Written & { readonly id: string })[];
}
export type State = CaseState | PlaceState;

/** The states an operation is judged against; a missing one was never written. */
export interface States {
  get(key: string): State | undefined;
  set(key: string, state: State): void;
}

const caseKey = (id: string) => `case:${id}`;
const placesOf = (identifiers: CaseIdentifiers): string[] =>
  strongKeys(identifiers).map(({ kind, value }) => `place:${kind}:${value}`);

const APPLIED: Outcome = { is: 'applied', unseen: [] };
const applied = (unseen: readonly Unseen[]): Outcome =>
  unseen.length === 0 ? APPLIED : { is: 'applied', unseen };

/** Whether the author of `op` could not know of what was written. */
const isUnseen = (op: Placed, written: Written | null | undefined): written is Written =>
  written !== null && written !== undefined && written.by !== op.author && written.n > (op.base ?? 0);

interface Judge<B> {
  /** Keys of the states it reads or writes, as far as the operation itself tells. */
  keys(op: Placed, body: B): string[];
  judge(op: Placed, body: B, states: States): Outcome;
}

const judgeOf = <B>(judge: Judge<B>): Judge<never> => judge as Judge<never>;

const caseOf = (op: Placed, states: States): CaseState | null => {
  const state = states.get(caseKey(op.entityId));
  return state?.is === 'case' ? state : null;
};

/** Puts a case's unit where the case is, and tells of other cases that have it. */
function place(op: Placed, places: readonly string[], states: States): Unseen[] {
  const elsewhere = new Map<string, Unseen>();
  for (const key of places) {
    const found = states.get(key);
    const cases = found?.is === 'place' ? found.cases : [];
    for (const other of cases) {
      if (other.id !== op.entityId && isUnseen(op, other)) {
        elsewhere.set(other.id, { code: 'unit-elsewhere', what: other.id, n: other.n });
      }
    }
    if (cases.some(({ id }) => id === op.entityId)) continue;
    states.set(key, { is: 'place', cases: [...cases, { id: op.entityId, n: op.n, by: op.author }] });
  }
  return [...elsewhere.values()];
}

/** The case's unit is in the lab no more. */
function leave(op: Placed, places: readonly string[], states: States): void {
  for (const key of places) {
    const found = states.get(key);
    if (found?.is !== 'place') continue;
    states.set(key, { is: 'place', cases: found.cases.filter(({ id }) => id !== op.entityId) });
  }
}

const known = (op: Placed) => [caseKey(op.entityId)];
const fact: Judge<never> = { keys: () => [], judge: () => APPLIED };
const NO_CASE: Outcome = { is: 'refused', reason: 'The case it belongs to is not in the history.' };

function identified(op: Placed, identifiers: CaseIdentifiers, states: States): Outcome {
  const state = caseOf(op, states);
  if (!state) return NO_CASE;
  const places = placesOf(identifiers);
  if (LEFT_LAB.has(state.status)) return APPLIED;
  leave(
    op,
    state.places.filter((key) => !places.includes(key)),
    states,
  );
  const unseen = place(op, places, states);
  states.set(caseKey(op.entityId), { ...state, places });
  return applied(unseen);
}
const identifies = judgeOf<{ identifiers: CaseIdentifiers }>({
  keys: (op, { identifiers }) => [...known(op), ...placesOf(identifiers)],
  judge: (op, { identifiers }, states) => identified(op, identifiers, states),
});

const JUDGES: Readonly<Record<string, Judge<never>>> = {
  'case.opened': judgeOf<{ status: Status; identifiers: CaseIdentifiers }>({
    keys: (op, { identifiers }) => [...known(op), ...placesOf(identifiers)],
    judge(op, { status, identifiers }, states) {
      const already = caseOf(op, states);
      if (already) return { is: 'superseded', by: already.moved.n };
      const written = { n: op.n, by: op.author };
      const places = placesOf(identifiers);
      states.set(caseKey(op.entityId), {
        ...{ is: 'case', status, moved: written, fields: {}, places, stopped: null },
      });
      return applied(place(op, places, states));
    },
  }),
  'case.unit-linked': identifies,
  'case.labelled': identifies,
  'case.identity-changed': identifies,
  'case.fields': judgeOf<{ fields: Readonly<Record<string, unknown>> }>({
    keys: known,
    judge(op, { fields }, states) {
      const state = caseOf(op, states);
      if (!state) return NO_CASE;
      const names = Object.keys(fields).filter((name) => fields[name] !== undefined);
      const unseen = names.flatMap((name): Unseen[] => {
        const written = state.fields[name];
        return isUnseen(op, written) ? [{ code: 'field-edited', what: name, n: written.n }] : [];
      });
      const lost = new Set(unseen.map(({ what }) => what));
      const won = names.filter((name) => !lost.has(name));
      const written = Object.fromEntries(won.map((name) => [name, { n: op.n, by: op.author }]));
      states.set(caseKey(op.entityId), { ...state, fields: { ...state.fields, ...written } });
      return unseen.length === 0 ? APPLIED : { is: 'conflict', unseen };
    },
  }),
  'case.moved': judgeOf<{ from: Status; to: Status }>({
    keys: known,
    judge(op, { from, to }, states) {
      const state = caseOf(op, states);
      if (!state) return NO_CASE;
      const { status, moved } = state;
      if (status !== from) {
        if (status === to) return { is: 'superseded', by: moved.n };
        const legal = TRANSITIONS.some((transition) => transition.from === status && transition.to === to);
        const what: Unseen = { code: 'moved', what: status, n: moved.n };
        if (!legal) return { is: 'conflict', unseen: [what] };
        return go(op, state, to, [what], states);
      }
      return go(op, state, to, [], states);
    },
  }),
  'case.safety-stop': judgeOf<unknown>({
    keys: known,
    judge(op, _body, states) {
      const state = caseOf(op, states);
      if (!state) return NO_CASE;
      states.set(caseKey(op.entityId), { ...state, stopped: { n: op.n, by: op.author } });
      return APPLIED;
    },
  }),
  'case.safety-released': judgeOf<unknown>({
    keys: known,
    judge(op, _body, states) {
      const state = caseOf(op, states);
      if (!state) return NO_CASE;
      // A stop that came after what the author had read is another stop: it stands.
      if (!isUnseen(op, state.stopped)) states.set(caseKey(op.entityId), { ...state, stopped: null });
      return APPLIED;
    },
  }),
};

/** A move that holds, with what its author should have known when the unit leaves by it. */
function go(op: Placed, state: CaseState, to: Status, before: readonly Unseen[], states: States): Outcome {
  const unseen = [...before];
  if (LEFT_LAB.has(to)) {
    const instruction = state.fields.dataInstruction;
    if (isUnseen(op, instruction)) {
      unseen.push({ code: 'instruction-changed', what: 'dataInstruction', n: instruction.n });
    }
    leave(op, state.places, states);
  } else if (LEFT_LAB.has(state.status)) place(op, state.places, states);
  if (isUnseen(op, state.stopped)) unseen.push({ code: 'safety-stop', what: to, n: state.stopped.n });
  states.set(caseKey(op.entityId), { ...state, status: to, moved: { n: op.n, by: op.author } });
  return applied(unseen);
}

/** A kind this version knows and has no judge of its own for is a fact: it holds as it is. */
const judgeFor = (kind: string): Judge<never> | undefined => JUDGES[kind] ?? (kind in OPS ? fact : undefined);

/** Whether this version knows how to judge a kind. */
export const isJudged = (kind: string): boolean => judgeFor(kind) !== undefined;

/** Keys of the states to have at hand before `judge`; those of cases that share a place come on top (`alsoNeeds`). */
export function needs(op: Placed): string[] {
  const judge = judgeFor(op.kind);
  return judge && op.body !== null ? judge.keys(op, op.body as never) : [];
}

/** Keys that a state refers to. */
export const alsoNeeds = (state: State): readonly string[] => (state.is === 'case' ? state.places : []);

/**
 * What an operation comes to after all those before it; writes the states it changes. Its body must have been
 * checked against its kind. Never throws for a well-formed operation.
 */
export function judge(op: Placed, states: States): Outcome {
  const found = judgeFor(op.kind);
  if (!found) return { is: 'unjudged' };
  if (op.body === null) return { is: 'refused', reason: 'Its content was erased before it arrived.' };
  return found.judge(op, op.body as never, states);
}
