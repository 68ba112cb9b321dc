import type { Rules } from '../../shared/sync/arrival.ts';
import type { Entry } from '../../shared/sync/entry.ts';
import { feedHash } from './chain.ts';
import { judgeAll } from './judge.ts';
import type { Chained, FeedTransaction, Site, Station } from './store.ts';

/** An entry that follows another one in its station's log. */
export interface Linked {
  readonly entry: Entry;
  readonly previous: Buffer;
  readonly hash: Buffer;
}

/** Gives the entries that are for everybody their numbers, judges them, and keeps all; gives where the feed ends. */
export async function place(
  feed: FeedTransaction,
  station: Station,
  linked: readonly Linked[],
  rules: Rules,
): Promise<Pick<Site, 'n' | 'hash' | 'epochs'> & { readonly placed: number }> {
  const { siteId } = station;
  const placed = linked.filter(({ entry }) => entry.synced).length;
  if (placed === 0) {
    if (linked.length > 0) await feed.addEntries(station, linked.map(unplaced));
    return { ...(await feed.site(siteId)), placed };
  }
  const site = await feed.lockSite(siteId);
  let { n, hash } = site;
  const numbered = linked.map((each) => {
    if (!each.entry.synced) return { ...each, end: null };
    n += 1;
    hash = feedHash(siteId, n, each.hash, hash);
    return { ...each, end: { n, hash } };
  });
  const judged = await judgeAll(
    feed,
    site,
    numbered.flatMap(({ entry, end }) => (end ? [{ ...entry, stationId: station.id, n: end.n }] : [])),
    rules,
  );
  const entries = numbered.map(({ end, ...each }): Chained => {
    const outcome = end && judged[end.n - site.n - 1]?.outcome;
    return outcome ? { ...each, place: { ...end, outcome } } : unplaced(each);
  });
  await feed.addEntries(station, entries);
  const after = { ...site, n, hash };
  await feed.saveSite(after);
  return { ...after, placed };
}

const unplaced = (each: Linked): Chained => ({ ...each, place: null });
