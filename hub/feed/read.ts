import type { KeyObject } from 'node:crypto';
import { sign } from 'node:crypto';
import { BATCH, type Epoch, type FeedAnswer, type FeedEntry, type Head } from '../../shared/sync/protocol.ts';
import { RefusedError } from '../refusal.ts';
import { feedGenesis } from './chain.ts';
import type { Fed, FeedReads } from './store.ts';

/** An entry of the feed as it travels. */
export const toFeedEntry = ({ entry, n, stationId, previous }: Fed): FeedEntry => ({
  ...entry,
  n,
  stationId,
  previous: previous.toString('base64'),
});

/** The end of a feed as the hub vouches for it. */
export const signedHead = (n: number, hash: Buffer, key: KeyObject): Head => ({
  n,
  hash: hash.toString('base64'),
  signature: sign(null, hash, key).toString('base64'),
});

/** The path of a feed as it travels: hubs that were never restored do not speak of it. */
export const pathOf = (epochs: readonly Epoch[]): { epochs?: Epoch[] } =>
  epochs.length > 0 ? { epochs: [...epochs] } : {};

/**
 * A page of a site's history after `n`, with the signed head at its last entry. It ends at a multiple of `BATCH`, so that
 * benches which read at the same time read the same pages.
 * Throws `sync.rewritten` when the reader has read further than there is.
 */
export async function readFeed(
  store: FeedReads,
  siteId: string,
  after: number,
  key: KeyObject,
): Promise<Pick<FeedAnswer, 'entries' | 'head' | 'last' | 'epochs'>> {
  const page = await store.page(siteId, after, BATCH - (after % BATCH));
  const site = await store.site(siteId);
  const path = pathOf(site.epochs);
  const end = page.at(-1);
  const hash = end ? end.hash : after === 0 ? feedGenesis(siteId) : await store.hashAt(siteId, after);
  if (!hash) throw new RefusedError('sync.rewritten', path);
  const n = end?.n ?? after;
  return {
    entries: page.map(toFeedEntry),
    head: signedHead(n, hash, key),
    // A page read before the end was may end behind it.
    last: Math.max(site.n, n),
    ...path,
  };
}
