/** The RMA's state machine: a pure table, its guards, and what a case may do next. */
export { editBlocker } from './edits.ts';
export { type CaseFacts, freshFacts } from './facts.ts';
export { dataSettled, GUARDS, workBlocker } from './guards.ts';
export { type Medium, type MediumState, mediaOfUnit, type WipeListing } from './media.ts';
export { checkMove, moveOptions } from './moves.ts';
export { LEFT_LAB } from './states.ts';
export { TRANSITIONS } from './table.ts';
