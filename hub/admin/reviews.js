import { h, pill } from './dom.js';
import { counted, exactly } from './words.js';

/** @typedef {import('../http/admin-answers.ts').Overview} Overview */
/** @typedef {import('../http/admin-answers.ts').ReviewView} Review */

/** How many are listed; the rest waits for these to be settled. */
const MOST = 50;

/**
 * What waits for a person at a bench. @param {Overview} all
 */
export function reviews({ reviews: all }) {
  const title = h('h2', { id: 'reviews-title' }, 'Waiting for a person');
  if (all.length === 0) return [title, h('p', { class: 'dim' }, 'Nothing: no two benches disagree.')];
  const sorted = all.toSorted((a, b) => Number(b.isConflict) - Number(a.isConflict) || b.n - a.n);
  return [
    title,
    h('p', { class: 'dim' }, 'It is settled at any bench, on its case.'),
    h('ul', { class: 'list' }, sorted.slice(0, MOST).map(item)),
    ...(all.length > MOST
      ? [h('p', { class: 'dim' }, `And ${counted(all.length - MOST, 'more', 'more')}.`)]
      : []),
  ];
}

/** @param {Review} review */
function item({ isConflict, caseNumber, outcome, actorName, stationName, at }) {
  const tone = isConflict ? 'needs' : 'ready';
  return h(
    'li',
    { 'data-tone': tone },
    pill(tone, isConflict ? 'To decide' : 'To look at'),
    h('strong', { class: 'mono' }, caseNumber ?? 'Another matter'),
    h('span', { class: 'grow' }, whatHappened(outcome)),
    h('span', { class: 'dim small' }, `${actorName}, ${stationName}, ${exactly(at)}`),
  );
}

/** @param {Review['outcome']} outcome */
function whatHappened(outcome) {
  if (outcome.is === 'refused') return `A change had no effect: ${outcome.reason}`;
  const unseen = 'unseen' in outcome ? outcome.unseen : [];
  const [first] = unseen;
  switch (first?.code) {
    case 'field-edited':
      return `Changed on two benches at once: ${unseen.map(({ what }) => what).join(', ')}.`;
    case 'moved':
      return outcome.is === 'conflict'
        ? 'Moved on two benches at once, and both cannot be.'
        : `Moved on, while it had been moved to “${first.what}” elsewhere.`;
    case 'unit-elsewhere':
      return 'The same unit is on another case too.';
    case 'number-taken':
      return 'Another case had this number first.';
    case 'instruction-changed':
      return 'It left the lab while its data instruction had been changed elsewhere.';
    case 'safety-stop':
      return 'It was moved while a safety stop had been raised elsewhere.';
    default:
      return 'Two changes met.';
  }
}
