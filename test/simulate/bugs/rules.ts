import type { Rules } from '../../../shared/sync/arrival.ts';
import type { Outcome, Placed, State, States } from '../../../shared/sync/merge.ts';
import type { Plant } from './plant.ts';

type Judge = Rules['judge'];

/** In every hub and every bench alike: they agree, and all are wrong. */
const judging = (name: string, change: (judge: Judge) => Judge, needs: Plant['needs'] = []): Plant => ({
  name,
  needs,
  rules: (rules) => ({ ...rules, judge: change(rules.judge) }),
});

const applied: Outcome = { is: 'applied', unseen: [] };
const withStates = (states: States, change: Partial<States>): States => ({
  get: (key) => states.get(key),
  set: (key, state) => states.set(key, state),
  ...change,
});
const caseOf = (op: Placed, states: States) => {
  const state = states.get(`case:${op.entityId}`);
  return state?.is === 'case' ? state : null;
};
const setCase = (op: Placed, states: States, change: object) => {
  const state = caseOf(op, states);
  if (state) states.set(`case:${op.entityId}`, { ...state, ...change } as State);
};
/** Where an outcome of a kind is this, it is another one. */
const instead =
  (kind: string, is: Outcome['is'], other: (op: Placed, states: States) => Outcome) => (judge: Judge) => {
    const wrong: Judge = (op, states) => {
      const outcome = judge(op, states);
      return op.kind === kind && outcome.is === is ? other(op, states) : outcome;
    };
    return wrong;
  };

/** What can be wrong with how operations are judged. */
export const RULE_BUGS: readonly Plant[] = [
  judging('everybody is taken to know everything', (judge) => (op, states) => {
    return judge({ ...op, base: Number.MAX_SAFE_INTEGER }, states);
  }),
  judging('nobody is taken to know anything', (judge) => (op, states) => judge({ ...op, base: 0 }, states)),
  judging(
    'the later edit wins in silence',
    instead('case.fields', 'conflict', (op, states) => {
      const written = { n: op.n, by: op.author, seq: op.seq };
      const names = Object.keys((op.body as { fields: object }).fields);
      const fields = {
        ...caseOf(op, states)?.fields,
        ...Object.fromEntries(names.map((name) => [name, written])),
      };
      setCase(op, states, { fields });
      return applied;
    }),
  ),
  judging(
    'an edit that lost is not told',
    instead('case.fields', 'conflict', () => applied),
  ),
  judging(
    'any move is legal',
    instead('case.moved', 'conflict', (op, states) => {
      setCase(op, states, { status: (op.body as { to: string }).to });
      return applied;
    }),
  ),
  judging('a unit that has left is still there', (judge) => (op, states) => {
    return judge(
      op,
      withStates(states, {
        set(key, state) {
          const before = states.get(key);
          const isGone =
            state.is === 'place' && before?.is === 'place' && state.cases.length < before.cases.length;
          if (!isGone) states.set(key, state);
        },
      }),
    );
  }),
  judging(
    'a restored bench is taken not to know what it did before',
    (judge) => (op, states) => {
      return judge(
        op,
        withStates(states, { get: (key) => (key.startsWith('lineage:') ? undefined : states.get(key)) }),
      );
    },
    ['bench-restored'],
  ),
  judging('releasing one safety stop releases all', (judge) => (op, states) => {
    const outcome = judge(op, states);
    if (op.kind === 'case.safety-released') setCase(op, states, { stops: {} });
    return outcome;
  }),
  judging(
    'a conflict is settled again and again',
    instead('case.conflict-settled', 'superseded', () => applied),
  ),
  judging(
    'a case number that is given twice is not told',
    (judge) => (op, states) => {
      const outcome = judge(op, states);
      if (op.kind !== 'case.opened' || outcome.is !== 'applied') return outcome;
      return { ...outcome, unseen: outcome.unseen.filter(({ code }) => code !== 'number-taken') };
    },
    ['bench-restored'],
  ),
  judging('the outcome depends on when it is judged', (judge) => (op, states) => {
    const outcome = judge(op, states);
    const isLate = Date.now() - Date.parse(op.at) > 3_600_000;
    return isLate && outcome.is === 'conflict' ? applied : outcome;
  }),
];
