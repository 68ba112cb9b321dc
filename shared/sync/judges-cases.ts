import { strongKeys } from '../identity/index.ts';
import type { CaseIdentifiers, Status } from '../model/cases.ts';
import { numberKey } from '../ops/cases.ts';
import { LEFT_LAB, TRANSITIONS } from '../rma/index.ts';
import {
  APPLIED,
  applied,
  type CaseState,
  isUnseen,
  type Judge,
  judgeOf,
  type Outcome,
  type Placed,
  type States,
  type Unseen,
  writtenBy,
} from './judging.ts';

const caseKey = (id: string) => `case:${id}`;
const placesOf = (identifiers: CaseIdentifiers): string[] =>
  strongKeys(identifiers).map(({ kind, value }) => `place:${kind}:${value}`);

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
      if (other.id !== op.entityId && isUnseen(op, other, states)) {
        elsewhere.set(other.id, { code: 'unit-elsewhere', what: other.id, n: other.n });
      }
    }
    if (cases.some(({ id }) => id === op.entityId)) continue;
    states.set(key, { is: 'place', cases: [...cases, { id: op.entityId, ...writtenBy(op) }] });
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

/** A number is the case's that had it first; a restored bench can give one away twice. */
function takeNumber(op: Placed, number: string, states: States): Unseen[] {
  const key = numberKey(number);
  const first = states.get(key);
  if (first?.is !== 'number') {
    states.set(key, { is: 'number', id: op.entityId, n: op.n });
    return [];
  }
  return [{ code: 'number-taken', what: first.id, n: first.n }];
}

const settledKey = (opId: string) => `settled:${opId}`;

export const caseJudges: Readonly<Record<string, Judge<never>>> = {
  'case.opened': judgeOf<{ number: string; status: Status; identifiers: CaseIdentifiers }>({
    keys: (op, { number, identifiers }) => [...known(op), numberKey(number), ...placesOf(identifiers)],
    judge(op, { number, status, identifiers }, states) {
      const already = caseOf(op, states);
      if (already) return { is: 'superseded', by: already.moved.n };
      const written = writtenBy(op);
      const places = placesOf(identifiers);
      states.set(caseKey(op.entityId), {
        ...{ is: 'case', status, moved: written, fields: {}, places, stops: {} },
      });
      return applied([...takeNumber(op, number, states), ...place(op, places, states)]);
    },
  }),
  'case.conflict-settled': judgeOf<{ opId: string }>({
    keys: (_op, { opId }) => [settledKey(opId)],
    judge(op, { opId }, states) {
      const already = states.get(settledKey(opId));
      if (already?.is === 'settled') return { is: 'superseded', by: already.n };
      states.set(settledKey(opId), { is: 'settled', n: op.n });
      return APPLIED;
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
        return isUnseen(op, written, states) ? [{ code: 'field-edited', what: name, n: written.n }] : [];
      });
      const lost = new Set(unseen.map(({ what }) => what));
      const won = names.filter((name) => !lost.has(name));
      const written = Object.fromEntries(won.map((name) => [name, writtenBy(op)]));
      states.set(caseKey(op.entityId), { ...state, fields: { ...state.fields, ...written } });
      const gone = won.includes('dataInstruction')
        ? goneBefore(op, state, 'instruction-changed', states)
        : [];
      return unseen.length === 0 ? applied(gone) : { is: 'conflict', unseen: [...unseen, ...gone] };
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
  'case.safety-stop': judgeOf<{ stopId: string }>({
    keys: known,
    judge(op, { stopId }, states) {
      const state = caseOf(op, states);
      if (!state) return NO_CASE;
      states.set(caseKey(op.entityId), { ...state, stops: { ...state.stops, [stopId]: writtenBy(op) } });
      return applied(goneBefore(op, state, 'safety-stop', states));
    },
  }),
  'case.safety-released': judgeOf<{ stopId: string }>({
    keys: known,
    judge(op, { stopId }, states) {
      const state = caseOf(op, states);
      if (!state) return NO_CASE;
      // Another stop, which the author may not have read of, stands.
      const { [stopId]: _released, ...stops } = state.stops;
      states.set(caseKey(op.entityId), { ...state, stops });
      return APPLIED;
    },
  }),
};

/** The unit left before anybody there could know of what was decided here: that is too late, and has to be told. */
const goneBefore = (
  op: Placed,
  { status, moved }: CaseState,
  code: 'instruction-changed' | 'safety-stop',
  states: States,
): Unseen[] =>
  LEFT_LAB.has(status) && isUnseen(op, moved, states) ? [{ code, what: status, n: moved.n }] : [];

/** A move that holds, with what its author should have known when the unit leaves by it. */
function go(op: Placed, state: CaseState, to: Status, before: readonly Unseen[], states: States): Outcome {
  const unseen = [...before];
  if (LEFT_LAB.has(to)) {
    const instruction = state.fields.dataInstruction;
    if (isUnseen(op, instruction, states)) {
      unseen.push({ code: 'instruction-changed', what: 'dataInstruction', n: instruction.n });
    }
    leave(op, state.places, states);
  } else if (LEFT_LAB.has(state.status)) place(op, state.places, states);
  for (const stop of Object.values(state.stops)) {
    if (isUnseen(op, stop, states)) unseen.push({ code: 'safety-stop', what: to, n: stop.n });
  }
  states.set(caseKey(op.entityId), { ...state, status: to, moved: writtenBy(op) });
  return applied(unseen);
}
