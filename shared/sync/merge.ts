import { OPS } from '../ops/index.ts';
import { caseJudges } from './judges-cases.ts';
import { stationJudges } from './judges-stations.ts';
import { unitJudges } from './judges-units.ts';
import {
  fact,
  type Judge,
  lineageKey,
  type Outcome,
  type Placed,
  type State,
  type States,
} from './judging.ts';

export {
  holding,
  isUnseen,
  needsReview,
  type Outcome,
  type Placed,
  type State,
  type States,
  type Unseen,
} from './judging.ts';

/*
 * How the changes of many benches become one history. The hub numbers every operation of a site; what an operation
 * came to is a pure function of those before it, so that the hub, every bench and the simulator compute the same.
 * The judgement of a published kind never changes: a changed meaning is a new kind.
 */

const JUDGES: Readonly<Record<string, Judge<never>>> = { ...caseJudges, ...unitJudges, ...stationJudges };

/** A kind this version knows and has no judge of its own for is a fact: it holds as it is. */
function judgeFor(kind: string): Judge<never> | undefined {
  // A kind is a word of somebody else's: `constructor` is none.
  if (Object.hasOwn(JUDGES, kind)) return JUDGES[kind];
  return Object.hasOwn(OPS, kind) ? fact : undefined;
}

/** Whether this version knows how to judge a kind. */
export const isJudged = (kind: string): boolean => judgeFor(kind) !== undefined;

/** Whether operations of a kind hold as they are, whatever came before, and change nothing for those behind. */
export const isFact = (kind: string): boolean => judgeFor(kind) === fact;

/** Keys of the states to have at hand before `judge`; those of cases that share a place come on top (`alsoNeeds`). */
export function needs(op: Placed): string[] {
  const judge = judgeFor(op.kind);
  if (!judge || op.body === null || judge === fact) return [];
  return [lineageKey(op.author), ...judge.keys(op, op.body as never)];
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
