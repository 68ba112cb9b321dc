import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../electron/station/storage/clock.ts';
import type { LogStore } from '../../electron/station/storage/log.ts';
import { outbox } from '../../electron/station/sync/outbox.ts';
import { feedGenesis, genesis } from '../../hub/feed/chain.ts';
import { beginEpochs } from '../../hub/feed/epochs.ts';
import { push } from '../../hub/feed/push.ts';
import { readFeed } from '../../hub/feed/read.ts';
import { rejudge } from '../../hub/feed/rejudge.ts';
import type { FeedStore } from '../../hub/feed/store.ts';
import { openPool } from '../../hub/storage/database.ts';
import { feedStore } from '../../hub/storage/feed-store.ts';
import type { PushRequest } from '../../shared/sync/protocol.ts';
import { BenchDisk } from '../simulate/bench/disk.ts';
import { LeanLog } from '../simulate/bench/lean-log.ts';
import { Screen } from '../simulate/bench/screen.ts';
import { HubDisk } from '../simulate/hub/disk.ts';
import { Locks } from '../simulate/hub/locks.ts';
import { memoryStore } from '../simulate/hub/memory-store.ts';
import { keyFrom } from '../simulate/hub/process.ts';
import { nextDeed } from '../simulate/universe/people.ts';
import { versionsOf } from '../simulate/universe/versions.ts';
import { Random } from '../simulate/world/random.ts';
import { testHub } from '../support/hub.ts';

let folder: string;
let hub: Awaited<ReturnType<typeof testHub>>;
let pool: pg.Pool;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repairbench-feed-'));
  await chmod(folder, 0o711);
  hub = await testHub(folder);
  pool = openPool(await readFile(join(folder, 'hub', 'postgres.url'), 'utf8'), 2);
}, 60_000);
afterAll(async () => {
  await pool.end();
  await hub.close();
  await rm(folder, { recursive: true, force: true });
});

const { current, older } = versionsOf();
const random = new Random('the same in PostgreSQL and in memory');
const key = keyFrom(random.bytes(32)).privateKey;

/** A bench that did something, was restored or copied, and what it would send. */
class Sender {
  disk: BenchDisk;
  acknowledged = 0;
  readonly keys = keyFrom(random.bytes(32));
  readonly prefix: string;

  constructor(prefix: string) {
    this.prefix = prefix;
    this.disk = new BenchDisk(systemClock.id(), systemClock.id());
    this.disk.hub = { url: '', siteId: '', siteName: '', hubKey: Buffer.alloc(0), joinedAt: '' } as never;
  }
  get log(): LeanLog {
    return new LeanLog(this.disk, systemClock, this.keys.privateKey, current);
  }
  work(deeds: number): void {
    const { log } = this;
    for (let left = deeds; left > 0; left--) {
      const deed = nextDeed(
        new Screen(this.disk).refresh(),
        random,
        Date.now(),
        this.prefix,
        this.disk.own.length,
      );
      if (deed) log.append(deed);
    }
  }
  request(from: number): PushRequest {
    return outbox(this.log as unknown as LogStore).next(from);
  }
  backUp(): void {
    this.#backups.push(this.disk.copy());
  }
  readonly #backups: BenchDisk[] = [];
  /** @param isOldest as it was before anything could go wrong */
  restore(isOldest: boolean): void {
    const backup = isOldest ? this.#backups[0] : random.pick(this.#backups);
    if (!backup) return;
    const { incarnation: from } = backup;
    this.disk = backup.copy();
    this.disk.incarnation = systemClock.id();
    const body = JSON.stringify({ from, to: this.disk.incarnation, backupAt: systemClock.now() });
    const station = { kind: 'station.restored', entity: 'station', entityId: this.disk.stationId };
    this.log.append({ ...station, caseId: null, body, synced: true });
    this.acknowledged = Math.min(this.acknowledged, backup.own.length);
  }
}

async function enrol(sender: Sender, siteId: string, disk: HubDisk): Promise<void> {
  const { stationId: id, incarnation } = sender.disk;
  const publicKey = sender.keys.publicKey.export({ format: 'der', type: 'spki' });
  const lastHash = genesis(id);
  await pool.query(
    `INSERT INTO stations (id, site_id, name, prefix, public_key, incarnation, last_hash, state, enrolled_at, seen_at)
     VALUES ($1, $2, $3, $3, $4, $5, $6, 'active', now(), now())`,
    [id, siteId, sender.prefix, publicKey, incarnation, lastHash],
  );
  await pool.query(
    'INSERT INTO station_keys (station_id, number, public_key, from_seq, made_at) VALUES ($1, 1, $2, 1, now())',
    [id, publicKey],
  );
  const fresh = { lastSeq: 0, lastHash, lastSignature: null, backedUp: 0, prefix: sender.prefix };
  disk.stations.set(id, { ...fresh, id, siteId, publicKey, incarnation, state: 'active' });
}

/** What came of it: the answer, or the code of the refusal. */
const outcome = (work: Promise<unknown>): Promise<unknown> =>
  work.catch((error: { code?: string; more?: object }) => {
    if (!error.code?.startsWith('sync.')) throw error;
    return { refused: error.code, ...error.more };
  });

it('the feed is the same in PostgreSQL and in the memory of the simulator, whatever is pushed', async () => {
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM sites');
  const siteId = rows[0]?.id ?? '';
  const disk = new HubDisk({ id: siteId, n: 0, hash: feedGenesis(siteId), epochs: [] });
  const calm = { step: () => Promise.resolve(), isToRepeat: () => false };
  const stores: readonly FeedStore[] = [feedStore(pool), memoryStore(() => disk, new Locks(), calm)];
  const [postgres, memory] = stores as [FeedStore, FeedStore];
  const both = async <T>(work: (store: FeedStore) => Promise<T>): Promise<T> => {
    const [one, two] = [await work(postgres), await work(memory)];
    expect(one).toEqual(two);
    return one;
  };
  const senders = ['A1', 'A2', 'A3'].map((prefix) => new Sender(prefix));
  for (const sender of senders) {
    await enrol(sender, siteId, disk);
    sender.work(1);
    sender.backUp();
  }
  const seen = new Set<string>();

  for (let round = 1; round <= 120; round++) {
    const rules = round <= 70 ? older : current;
    const sender = random.pick(senders);
    sender.work(random.between(0, 12));
    const what = random.weighted({ send: 60, again: 10, hole: 6, restore: 5, copy: 3, read: 16 });
    if (what === 'restore') sender.restore(false);
    if (what === 'copy') {
      const copy = Object.assign(new Sender(sender.prefix), { keys: sender.keys, disk: sender.disk.copy() });
      copy.work(2);
      sender.work(2);
      await both((store) =>
        outcome(push(store, copy.disk.stationId, copy.request(sender.acknowledged), rules)),
      );
    }
    if (what === 'read') {
      const page = await both((store) => readFeed(store, siteId, sender.disk.read.length, key));
      const hashes = await memory.page(siteId, sender.disk.read.length, page.entries.length);
      sender.log.place(
        page.entries.map((entry, index) => ({ entry, hash: hashes[index]?.hash ?? Buffer.alloc(0) })),
      );
    }
    const skew = what === 'again' ? -random.between(1, 20) : what === 'hole' ? random.between(1, 5) : 0;
    const request = sender.request(Math.max(0, sender.acknowledged + skew));
    const answer = (await both((store) => outcome(push(store, sender.disk.stationId, request, rules)))) as {
      acknowledged?: number;
      refused?: string;
    };
    seen.add(answer.refused ?? 'taken');
    sender.acknowledged = answer.acknowledged ?? sender.acknowledged;
    if (answer.refused === undefined && what !== 'copy') sender.backUp();
    if (answer.refused === 'sync.clone') {
      // An administrator lets it in again; it goes on from what the hub has of it.
      await pool.query(`UPDATE stations SET state = 'active' WHERE id = $1`, [sender.disk.stationId]);
      const row = disk.stations.get(sender.disk.stationId);
      if (row) disk.stations.set(row.id, { ...row, state: 'active' });
      sender.restore(true);
    }
    if (round === 70) {
      expect(await both((store) => store.unjudgedKinds(siteId))).not.toEqual([]);
      await both((store) => rejudge(store, current));
    }
    if (round === 90) {
      const ids = [systemClock.id()];
      await both((store) => beginEpochs(store, key, () => ids[0] as string));
    }
  }

  expect([...seen].sort()).toEqual(['sync.clone', 'sync.hole', 'taken']);
  expect(await both((store) => store.site(siteId))).toMatchObject({ epochs: [{}] });
  expect(await both((store) => store.unjudgedKinds(siteId))).toEqual(['case.teleported']);
  await both((store) => store.page(siteId, 0, 10_000));
  await both(async (store) =>
    Object.fromEntries(await store.transaction((feed) => feed.states(siteId, [...disk.states.keys()]))),
  );
  const { rows: states } = await pool.query('SELECT key FROM states');
  expect(states.map((row) => row.key).sort()).toEqual([...disk.states.keys()].sort());
  const { rows: outcomes } = await pool.query<{ n: number; outcome: string }>(
    'SELECT n, outcome FROM entries WHERE n IS NOT NULL ORDER BY n',
  );
  expect(outcomes.map((row) => JSON.parse(row.outcome))).toEqual(
    disk.feed.map(({ place }) => place?.outcome),
  );
  const { rows: reviews } = await pool.query<{ n: number; id: string; conflict: boolean }>(
    'SELECT n, op_id AS id, is_conflict AS conflict FROM reviews ORDER BY n',
  );
  const kept = [...disk.reviews.values()].sort((a, b) => a.n - b.n);
  expect(reviews).toEqual(
    kept.map((each) => ({ n: each.n, id: each.id, conflict: each.outcome.is === 'conflict' })),
  );
}, 120_000);

it('what an older hub could only keep is judged by a newer one when it starts', async () => {
  const { rows } = await pool.query<{ count: number }>(
    `SELECT count(*)::integer AS count FROM entries WHERE outcome = '{"is":"unjudged"}' AND kind = 'case.safety-stop'`,
  );
  expect(rows[0]?.count).toBe(0);
  await pool.query(
    `UPDATE entries SET outcome = '{"is":"unjudged"}' WHERE kind = 'case.safety-stop' AND n IS NOT NULL`,
  );
  const before = await pool.query('SELECT key, state FROM states ORDER BY key');
  await pool.query(`UPDATE states SET state = '{"is":"settled","n":1}' WHERE key LIKE 'case:%'`);
  await hub.close();
  hub = await testHub(folder);
  await pool.end();
  pool = openPool(await readFile(join(folder, 'hub', 'postgres.url'), 'utf8'), 2);
  const after = await pool.query('SELECT key, state FROM states ORDER BY key');
  expect(after.rows).toEqual(before.rows);
  const left = await pool.query(`SELECT DISTINCT kind FROM entries WHERE outcome = '{"is":"unjudged"}'`);
  expect(left.rows).toEqual([{ kind: 'case.teleported' }]);
}, 60_000);
