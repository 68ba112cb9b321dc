import type { FeedStore, FeedTransaction } from '../../../hub/feed/store.ts';
import type { PushRequest } from '../../../shared/sync/protocol.ts';
import type { HubHost } from '../hub/host.ts';
import { type HubProcess, handle } from '../hub/process.ts';
import type { WireAnswer, WireRequest } from '../world/network.ts';

/** Changes what transactions do. */
export const inside =
  (change: (feed: FeedTransaction, host: HubHost) => Partial<FeedTransaction>) =>
  (store: FeedStore, host: HubHost): FeedStore => ({
    ...store,
    transaction: (work) => store.transaction((feed) => work({ ...feed, ...change(feed, host) })),
  });

/** Also forgets the rules of the database, which would find it. */
export const withoutRules =
  (change: (feed: FeedTransaction, host: HubHost) => Partial<FeedTransaction>) =>
  (store: FeedStore, host: HubHost): FeedStore => {
    host.disk.isChecked = false;
    return inside(change)(store, host);
  };

/** Changes what is answered to pushes that went well, or did not. */
export const answering =
  (change: (answer: WireAnswer, request: PushRequest, hub: HubProcess) => object | null) =>
  async (hub: HubProcess, request: WireRequest): Promise<WireAnswer> => {
    const answer = await handle(hub, request);
    if (request.path !== '/v1/push') return answer;
    const other = change(answer, JSON.parse(request.body) as PushRequest, hub);
    return other ? { status: 200, said: other } : answer;
  };
