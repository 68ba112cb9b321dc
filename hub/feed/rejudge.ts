import { RULES, type Rules } from '../../shared/sync/arrival.ts';
import { BATCH } from '../../shared/sync/protocol.ts';
import { judgeAll } from './judge.ts';
import type { Fed, FeedStore, FeedTransaction } from './store.ts';

/**
 * Judges what an older version could only keep. Facts change nothing but themselves; with any other kind the history of
 * its site is judged anew from its beginning, so that every outcome is what this version makes of those before it.
 * Gives how many sites had any. Pushes wait meanwhile; a crash leaves everything as it was.
 */
export async function rejudge(store: FeedStore, rules: Rules = RULES): Promise<number> {
  let sites = 0;
  for (const siteId of await store.siteIds()) {
    const isDone = await store.transaction(async (feed) => {
      const site = await feed.lockSite(siteId);
      const kinds = (await feed.unjudgedKinds(siteId)).filter((kind) => rules.isJudged(kind));
      if (kinds.length === 0) return false;
      const isAlone = kinds.every((kind) => rules.isFact(kind));
      if (!isAlone) await feed.forgetJudgement(siteId);
      const pages = isAlone
        ? (after: number) => feed.unjudged(siteId, kinds, after, BATCH)
        : (after: number) => feed.page(siteId, after, BATCH);
      await judgePages(feed, site, pages, rules);
      return true;
    });
    if (isDone) sites += 1;
  }
  return sites;
}

async function judgePages(
  feed: FeedTransaction,
  site: Parameters<typeof judgeAll>[1],
  read: (after: number) => Promise<Fed[]>,
  rules: Rules,
): Promise<void> {
  for (let page = await read(0); page.length > 0; page = await read(page.at(-1)?.n ?? 0)) {
    const entries = page.map(({ entry, n, stationId }) => ({ ...entry, n, stationId }));
    await feed.saveOutcomes(site.id, await judgeAll(feed, site, entries, rules));
  }
}
