import { push } from '../../../hub/feed/push.ts';
import { pathOf, signedHead } from '../../../hub/feed/read.ts';
import { rejudge } from '../../../hub/feed/rejudge.ts';
import type { FeedTransaction } from '../../../hub/feed/store.ts';
import { HEADERS, PushRequest } from '../../../shared/sync/protocol.ts';
import { NO_CHANGE } from '../hub/disk.ts';
import { handle } from '../hub/process.ts';
import type { Plant } from './plant.ts';
import { answering, inside, withoutRules } from './wrappers.ts';

/** What can be wrong with a hub. */
export const HUB_BUGS: readonly Plant[] = [
  {
    name: 'a station’s row is not locked',
    needs: ['messages-doubled', 'hub-slow'],
    hub: {
      store: inside((_feed, host) => ({ lockStation: async (id) => host.disk.stations.get(id) ?? null })),
    },
  },
  {
    name: 'the site’s row is not locked',
    needs: ['hub-slow'],
    hub: { store: inside((feed) => ({ lockSite: (id) => feed.site(id) })) },
  },
  {
    name: 'it answers before it has committed',
    needs: ['hub-crashes'],
    hub: {
      store: (store) => ({
        ...store,
        transaction: (work) =>
          new Promise((resolve, reject) => {
            const done = store.transaction(async (feed) => {
              const result = await work(feed);
              resolve(result);
              return result;
            });
            done.catch(reject);
          }),
      }),
    },
  },
  {
    name: 'a crash leaves half a transaction',
    needs: ['hub-crashes'],
    hub: {
      store: inside((_feed, host) => ({
        addEntries: async ({ id }, entries) => {
          host.disk.apply({ ...NO_CHANGE, entries: entries.map((entry) => ({ ...entry, stationId: id })) });
        },
      })),
    },
  },
  {
    name: 'entries that are there already are added again',
    needs: ['messages-lost'],
    hub: { store: withoutRules(() => ({ saveStation: async () => {} })) },
  },
  {
    name: 'the end of a station’s log is not always saved',
    needs: ['messages-lost'],
    hub: {
      store: inside((feed) => ({
        saveStation: async (id, tail) => {
          if (tail.lastSeq % 5 !== 0) await feed.saveStation(id, tail);
        },
      })),
    },
  },
  {
    name: 'the chain forgets what is not for everybody',
    hub: {
      store: inside((feed) => {
        let last: Buffer | undefined;
        return {
          addEntries: (station, entries) => {
            last = entries.findLast(({ place }) => place !== null)?.hash;
            return feed.addEntries(station, entries);
          },
          saveStation: (id, tail) => feed.saveStation(id, { ...tail, lastHash: last ?? tail.lastHash }),
        };
      }),
    },
  },
  {
    name: 'holes are taken for sent',
    needs: ['hub-restored'],
    hub: {
      handle: answering((answer, request, hub) => {
        if (!JSON.stringify(answer.said).includes('sync.hole')) return null;
        const { n, hash, epochs } = hub.disk().site;
        const head = signedHead(n, hash, hub.key);
        const hubTime = new Date().toISOString();
        return { acknowledged: request.end.seq, backedUp: 0, head, ...pathOf(epochs), hubTime };
      }),
    },
  },
  {
    name: 'it acknowledges one more than it has',
    hub: {
      handle: answering((answer, request) => {
        const said = answer.said as { acknowledged: number };
        const isMore = answer.status === 200 && request.entries.length > 3;
        return isMore ? { ...said, acknowledged: said.acknowledged + 1 } : null;
      }),
    },
  },
  {
    name: 'a restored bench goes on too early in its log',
    needs: ['bench-restored'],
    hub: {
      store: withoutRules((feed) => ({
        lastOf: (id, incarnation, seq) =>
          feed.lastOf(id, incarnation, seq === Number.MAX_SAFE_INTEGER ? seq : Math.floor(seq / 2)),
      })),
    },
  },
  {
    name: 'a second bench with one identity is not noticed',
    needs: ['bench-cloned'],
    hub: { store: inside(() => ({ quarantine: async () => {} })) },
  },
  {
    name: 'the wrong bench is quarantined',
    needs: ['bench-cloned'],
    hub: {
      store: inside((feed, host) => ({
        quarantine: (id) =>
          feed.quarantine([...host.disk.stations.keys()].find((other) => other !== id) ?? id),
      })),
    },
  },
  {
    name: 'a revoked bench is heard',
    needs: ['bench-revoked'],
    hub: {
      store: inside((feed) => ({
        lockStation: async (id) => {
          const station = await feed.lockStation(id);
          return station && { ...station, state: 'active' };
        },
      })),
      handle: (hub, request) => {
        const disk = Object.create(hub.disk());
        const all = [...hub.disk().stations].map(([id, row]) => [id, { ...row, state: 'active' }] as const);
        disk.stations = new Map(all);
        return handle(request.path === '/v1/push' ? { ...hub, disk: () => disk } : hub, request);
      },
    },
  },
  {
    name: 'nobody’s signature is checked',
    needs: ['impostor'],
    hub: {
      handle: async (hub, request) => {
        if (request.path !== '/v1/push') return handle(hub, request);
        try {
          const stationId = request.headers[HEADERS.station] ?? '';
          const pushed = await push(
            hub.store,
            stationId,
            PushRequest.parse(JSON.parse(request.body)),
            hub.rules,
          );
          const head = signedHead(pushed.n, pushed.hash, hub.key);
          const hubTime = new Date().toISOString();
          return {
            status: 200,
            said: { ...pushed, head, ...pathOf(pushed.epochs), hubTime },
          };
        } catch {
          return handle(hub, request);
        }
      },
    },
  },
  {
    name: 'states are remembered from one transaction to the next',
    needs: ['two-hub-processes'],
    hub: {
      store: (store, host) => {
        const kept = new Map<string, Awaited<ReturnType<FeedTransaction['states']>>[number]>();
        return inside((feed) => ({
          async states(siteId, keys) {
            const missing = keys.filter((key) => !kept.has(key));
            for (const state of await feed.states(siteId, missing)) kept.set(state[0], state);
            return keys.flatMap((key) => [kept.get(key)].filter((state) => state !== undefined));
          },
          async saveStates(siteId, states) {
            for (const state of states) kept.set(state[0], state);
            await feed.saveStates(siteId, states);
          },
        }))(store, host);
      },
    },
  },
  {
    name: 'one state of many is not saved',
    hub: {
      store: inside((feed) => ({
        saveStates: (id, states) => feed.saveStates(id, states.length > 5 ? states.slice(1) : states),
      })),
    },
  },
  {
    name: 'nobody is told what to look at',
    hub: { store: inside(() => ({ addReviews: async () => {} })) },
  },
  {
    name: 'what did not hold is kept as if it did',
    hub: {
      store: inside((feed) => ({
        addEntries: (station, entries) =>
          feed.addEntries(
            station,
            entries.map(({ place, ...entry }) => ({
              ...entry,
              place: place && { ...place, outcome: { is: 'applied', unseen: [] } },
            })),
          ),
      })),
    },
  },
  {
    name: 'a number is left out',
    hub: {
      store: inside((feed) => ({
        saveSite: (site) => feed.saveSite({ ...site, n: site.n + (site.n % 50 === 0 ? 1 : 0) }),
      })),
    },
  },
  {
    name: 'a page of the feed leaves one out',
    hub: {
      store: (store) => ({
        ...store,
        page: async (id, after, limit) =>
          (await store.page(id, after, limit)).filter(({ n }) => n % 400 !== 0),
      }),
    },
  },
  {
    name: 'benches are not told that the hub was restored',
    needs: ['hub-restored'],
    hub: { beginEpochs: async () => {} },
  },
  {
    name: 'a push is taken as if the hub had never been restored',
    needs: ['hub-restored'],
    hub: {
      store: inside((feed) => ({ lockSite: async (id) => ({ ...(await feed.lockSite(id)), epochs: [] }) })),
    },
  },
  {
    name: 'what an older version could not judge stays so',
    needs: ['versions-mixed'],
    hub: { startUp: async () => 0 },
  },
  {
    name: 'what came after an unjudged operation is not judged anew',
    needs: ['versions-mixed'],
    hub: { startUp: ({ store, rules }) => rejudge(store, { ...rules, isFact: () => true }) },
  },
  {
    name: 'a kind that it does not know is taken for a fact',
    needs: ['versions-mixed'],
    hub: {
      rules: (rules) => ({
        ...rules,
        judge: (op, states) => {
          const outcome = rules.judge(op, states);
          return outcome.is === 'unjudged' ? { is: 'applied', unseen: [] } : outcome;
        },
      }),
    },
  },
];
