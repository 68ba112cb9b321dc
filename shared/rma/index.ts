/** The RMA's state machine: a pure table, its guards, and what a case may do next. */
export { type CaseFacts, freshFacts } from './facts.ts';
export { type Blocker, dataSettled, GUARDS, type GuardName } from './guards.ts';
export { blockers, checkMove, moveOptions } from './moves.ts';
export { LEFT_LAB, TRANSITIONS, type Transition } from './table.ts';
