import { arrivalNeeds, arrive, arrivedOf, type Rules } from '../../shared/sync/arrival.ts';
import type { Entry } from '../../shared/sync/entry.ts';
import { alsoNeeds, needsReview, type State, type States } from '../../shared/sync/merge.ts';
import type { FeedTransaction, Judged, Site } from './store.ts';

/**
 * Judges operations in the order of their numbers, against the states that are kept, and keeps what they change and who
 * should look at it. The caller holds the site, so nobody else does the same meanwhile.
 */
export async function judgeAll(
  feed: FeedTransaction,
  { id, epochs }: Pick<Site, 'id' | 'epochs'>,
  entries: readonly (Entry & { readonly n: number; readonly stationId: string })[],
  rules: Rules,
): Promise<Judged[]> {
  const ops = entries.map((entry) => {
    const op = arrivedOf(entry, epochs);
    return { op, content: rules.contentOf(op) };
  });
  const needed = ops.flatMap(({ op, content }) => arrivalNeeds(op, content, rules));
  const states = await loadStates(feed, id, needed);
  const judged = ops.map(({ op, content }) => {
    const { outcome } = arrive(op, states, rules, content);
    return { n: op.n, id: op.id, outcome };
  });
  if (states.changed.size > 0) await feed.saveStates(id, [...states.changed]);
  const reviews = judged.filter(({ outcome }) => needsReview(outcome));
  if (reviews.length > 0) await feed.addReviews(id, reviews);
  return judged;
}

async function loadStates(
  feed: FeedTransaction,
  siteId: string,
  needed: readonly string[],
): Promise<States & { readonly changed: ReadonlyMap<string, State> }> {
  const known = new Map<string, State>();
  const changed = new Map<string, State>();
  const load = async (wanted: readonly string[]): Promise<State[]> => {
    const missing = [...new Set(wanted)].filter((key) => !known.has(key));
    if (missing.length === 0) return [];
    const found = await feed.states(siteId, missing);
    for (const [key, state] of found) known.set(key, state);
    return found.map(([, state]) => state);
  };
  const first = await load(needed);
  await load(first.flatMap(alsoNeeds));
  return {
    changed,
    get: (key) => known.get(key),
    set(key, state) {
      known.set(key, state);
      changed.set(key, state);
    },
  };
}
