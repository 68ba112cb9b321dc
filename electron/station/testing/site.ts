import type { FeedEntry } from '../../../shared/sync/protocol.ts';
import { type TestCases, testCases } from '../cases/testing.ts';
import { feedGenesis, feedHash } from '../storage/chain.ts';
import { systemClock } from '../storage/clock.ts';
import type { PlacedEntry } from '../storage/placing.ts';
import { outbox } from '../sync/outbox.ts';
import { syncState } from '../sync/state.ts';

const SITE = '01900000-0000-7000-8000-0000000000aa';

/** Benches of one site, and the order that a hub would give their work, without a network in between. */
export interface TestSite {
  readonly benches: readonly TestCases[];
  /** Another bench joins. */
  join(prefix: string): TestCases;
  /** Gives the bench's next entries their numbers; at most `count`. */
  push(bench: TestCases, count?: number): void;
  /** The bench reads the feed on; at most `count` operations. */
  pull(bench: TestCases, count?: number): void;
  /** Everything gets everywhere. */
  settle(): void;
  /** A bench that keeps to no rule gets an operation into the feed; its content is text as it stands, or JSON. */
  forge(op: Forged): void;
  dispose(): Promise<void>;
}

export interface Forged extends Pick<FeedEntry, 'kind' | 'entity' | 'entityId'> {
  readonly caseId?: string | null;
  readonly id?: string;
  readonly body: object | string;
}

const STRANGER = '01900000-0000-7000-8000-0000000000bb';

export function testSite(count: number): TestSite {
  const benches: TestCases[] = [];
  const sent = new Map<TestCases, number>();
  const feed: PlacedEntry[] = [];

  function join(prefix: string): TestCases {
    const bench = testCases(prefix);
    const answer = { siteId: SITE, siteName: 'Lab', hubKey: '', hubTime: '' };
    syncState(bench.db).joined('http://127.0.0.1:1', answer, bench.store.clock.now());
    bench.store.openSite(SITE);
    benches.push(bench);
    return bench;
  }

  function push(bench: TestCases, most = Number.POSITIVE_INFINITY): void {
    const box = outbox(bench.store);
    let waiting = box.next(sent.get(bench) ?? 0).entries;
    for (let left = most; left > 0; left--) {
      if (waiting.length === 0) waiting = box.next(sent.get(bench) ?? 0).entries;
      const entry = waiting.shift();
      if (!entry) return;
      sent.set(bench, entry.seq);
      if (!entry.synced) continue;
      const [row] = bench.store.rows(entry.seq - 1, 1);
      if (!row) throw new Error('no such entry');
      const n = feed.length + 1;
      const previous = feed.at(-1)?.hash ?? feedGenesis(SITE);
      const placed: FeedEntry = {
        ...entry,
        n,
        stationId: bench.store.stationId,
        previous: row.previous.toString('base64'),
      };
      feed.push({ entry: placed, hash: feedHash(SITE, n, row.hash, previous) });
    }
  }

  function pull(bench: TestCases, most = Number.POSITIVE_INFINITY): void {
    const from = bench.store.readFeed()?.n ?? 0;
    bench.store.place(feed.slice(from, from + most));
  }

  function forge({ kind, entity, entityId, caseId = null, id = systemClock.id(), body }: Forged): void {
    const n = feed.length + 1;
    const previous = feed.at(-1)?.hash ?? feedGenesis(SITE);
    const nothing = Buffer.alloc(32).toString('base64');
    const entry: FeedEntry = {
      ...{ n, stationId: STRANGER, incarnation: STRANGER, seq: n, id, kind, entity, entityId, caseId },
      ...{ version: 1, baseVersion: null, actorId: 'mallory', actorName: 'Mallory' },
      ...{ at: systemClock.now(), hlc: '000000000000000.000000', synced: true, base: n - 1 },
      ...{ body: typeof body === 'string' ? body : JSON.stringify(body), salt: nothing.slice(0, 24) },
      ...{ commitment: nothing, previous: nothing },
    };
    feed.push({ entry, hash: feedHash(SITE, n, Buffer.alloc(32), previous) });
  }

  for (let index = 1; index <= count; index++) join(`B${index}`);
  return {
    benches,
    join,
    push,
    pull,
    forge,
    settle() {
      for (const bench of benches) push(bench);
      for (const bench of benches) pull(bench);
    },
    async dispose() {
      for (const bench of benches) await bench.dispose();
    },
  };
}
