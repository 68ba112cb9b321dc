/** The RMA's state machine: a pure table, its guards, and what a case may do next. */
export { type CaseFacts, freshFacts } from './facts.ts';
export { dataSettled, GUARDS } from './guards.ts';
export { checkMove, moveOptions } from './moves.ts';
export { LEFT_LAB, TRANSITIONS } from './table.ts';
