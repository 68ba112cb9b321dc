import { generateKeyPairSync } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPages, type Page } from '../../hub/feed/pages.ts';
import { readFeed } from '../../hub/feed/read.ts';
import { openPool } from '../../hub/storage/database.ts';
import { feedStore } from '../../hub/storage/feed-store.ts';
import { BATCH, FeedAnswer } from '../../shared/sync/protocol.ts';
import { fillLog } from '../bench/lab/history.ts';
import { BareStation, testHub } from '../support/hub.ts';

let folder: string;
let hub: Awaited<ReturnType<typeof testHub>>;
let pool: pg.Pool;
let author: BareStation;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repairbench-pages-'));
  // As root, PostgreSQL runs as a user of its own and has to get there.
  await chmod(folder, 0o711);
  hub = await testHub(folder);
  pool = openPool(await readFile(join(folder, 'hub', 'postgres.url'), 'utf8'), 2);
  const admin = await hub.admin();
  author = new BareStation(hub.address, 'B1');
  await author.enrol(await admin.code());
  fillLog(author, 2 * BATCH + 300);
  await author.push(0);
}, 60_000);
afterAll(async () => {
  await pool.end();
  await hub.close();
  await rm(folder, { recursive: true, force: true });
});

const { privateKey } = generateKeyPairSync('ed25519');
const unpacked = ({ packed }: Page) => JSON.parse(`${gunzipSync(packed)}}`);

describe('pages of a feed', () => {
  it('are read to the end by several benches at once, packed or not', async () => {
    const asked = (headers: Record<string, string>) =>
      author.ask('GET', '/v1/feed?after=0', null, headers).then((answer) => FeedAnswer.parse(answer).entries);
    const [packed, whole] = await Promise.all([asked({}), asked({ 'accept-encoding': 'identity' })]);
    expect(packed).toEqual(whole);
    expect(await author.pull()).toHaveLength(author.log.length);
  });

  it('end where others’ do, wherever they begin, and say what was read', async () => {
    const store = feedStore(pool);
    const pages = createPages(store, privateKey);
    const { siteId } = author;
    for (const after of [0, 0, 700, BATCH, 2 * BATCH, 2 * BATCH + 300]) {
      const page = await pages.read(siteId, after);
      const { entries, head, last } = await readFeed(store, siteId, after, privateKey);
      expect(unpacked(page)).toEqual({ entries, head });
      expect(page).toMatchObject({ count: entries.length, now: { last } });
      expect(after < 2 * BATCH ? head.n % BATCH : head.n - 2 * BATCH - 300).toBe(0);
    }
  });

  it('are made once for all who ask, and grow with the feed', async () => {
    const store = feedStore(pool);
    let made = 0;
    const counted = {
      ...store,
      page: (...asked: Parameters<typeof store.page>) => {
        made += 1;
        return store.page(...asked);
      },
    };
    const pages = createPages(counted, privateKey);
    const { siteId } = author;
    await Promise.all(Array.from({ length: 20 }, () => pages.read(siteId, 0)));
    await pages.read(siteId, 0);
    expect(made).toBe(1);
    const end = author.log.length;
    expect((await pages.read(siteId, end)).count).toBe(0);
    fillLog(author, 8);
    await author.push(end);
    expect(await pages.read(siteId, end)).toMatchObject({ count: 8, now: { last: end + 8 } });
    expect(await pages.read(siteId, 0)).toMatchObject({ count: BATCH, now: { last: end + 8 } });
  });

  it('are forgotten when the database turns out to be another one', async () => {
    const pages = createPages(feedStore(pool), privateKey);
    const { siteId } = author;
    const before = unpacked(await pages.read(siteId, 0));
    const place = [siteId, BATCH];
    const { rows } = await pool.query('SELECT feed_hash FROM entries WHERE site_id = $1 AND n = $2', place);
    const set = 'UPDATE entries SET feed_hash = $3 WHERE site_id = $1 AND n = $2';
    await pool.query(set, [...place, Buffer.alloc(32)]);
    expect(unpacked(await pages.read(siteId, 0)).head.hash).toBe(Buffer.alloc(32).toString('base64'));
    await pool.query(set, [...place, rows[0]?.feed_hash]);
    expect(unpacked(await pages.read(siteId, 0))).toEqual(before);
  });

  it('stay small where operations are large', async () => {
    const store = feedStore(pool);
    const { siteId } = author;
    const first = author.log.length;
    for (let each = 0; each < 4; each++)
      author.append('lab.unheard-of', 'x', { text: 'x'.repeat(1_900_000) });
    await author.push(first);
    const { n } = await store.site(siteId);
    const counts: number[] = [];
    for (let after = n - 4; after < n; ) {
      const page = await store.page(siteId, after, BATCH);
      counts.push(page.length);
      after = page.at(-1)?.n ?? n;
    }
    expect(counts).toEqual([3, 1]);
  });
});
