import type { KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { BATCH, type FeedAnswer } from '../../shared/sync/protocol.ts';
import { pathOf, readFeed } from './read.ts';
import type { FeedReads } from './store.ts';

const gzipped = promisify(gzip);

/** Whole pages that are kept, at most; one is some 50 KB. */
const KEPT = 200;
/** A page is not kept longer than this: what is erased of an entry is to be gone everywhere. */
const KEPT_MS = 60_000;

/** A page of a feed as it is sent. */
export interface Page {
  readonly count: number;
  /** What every reader gets alike: the text of `entries` and `head`, packed. */
  readonly packed: Buffer;
  /** What is of this moment. */
  readonly now: Pick<FeedAnswer, 'last' | 'epochs'>;
}

interface Packed extends Pick<Page, 'count' | 'packed'> {
  readonly n: number;
  readonly hash: Buffer;
  readonly last: number;
}

/**
 * Pages of the sites' feeds, packed for those who read them. Benches that come back together ask for the same pages,
 * which `readFeed` ends at multiples of `BATCH`: those are made once.
 */
export function createPages(store: FeedReads, key: KeyObject) {
  const kept = new Map<string, { readonly made: Promise<Packed>; readonly until: number }>();

  async function make(siteId: string, after: number): Promise<Packed> {
    const { entries, head, last } = await readFeed(store, siteId, after, key);
    const text = JSON.stringify({ entries, head }).slice(0, -1);
    const packed = await gzipped(text, { level: 1 });
    return { count: entries.length, packed, n: head.n, hash: Buffer.from(head.hash, 'base64'), last };
  }

  function keep(name: string, made: Promise<Packed>): void {
    for (const [other, { until }] of kept) {
      if (kept.size < KEPT && until > Date.now()) break;
      kept.delete(other);
    }
    kept.set(name, { made, until: Date.now() + KEPT_MS });
    const forget = () => void kept.delete(name);
    // A page that more can be added to is of this moment.
    made.then(({ count, n }) => (count === 0 || n % BATCH !== 0) && forget(), forget);
  }

  return {
    /** As `readFeed`. */
    async read(siteId: string, after: number): Promise<Page> {
      const name = `${siteId}/${after}`;
      const before = kept.get(name);
      const isKept = before !== undefined && before.until > Date.now();
      const page = isKept ? before.made : make(siteId, after);
      if (!isKept) keep(name, page);
      const { count, packed, n, hash, last } = await page;
      const site = await store.site(siteId);
      // A database that was put back behind the hub’s back has another history.
      if (isKept && count > 0 && !(await store.hashAt(siteId, n))?.equals(hash)) {
        kept.delete(name);
        return this.read(siteId, after);
      }
      return { count, packed, now: { last: Math.max(site.n, isKept ? n : last), ...pathOf(site.epochs) } };
    },
  };
}
