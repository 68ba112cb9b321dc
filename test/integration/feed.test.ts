import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { restore } from '../../electron/station/storage/backup.ts';
import { makeBackup, restore as restoreHub } from '../../hub/commands.ts';
import type { StationEvent } from '../../shared/contract/station.ts';
import { clientOf, makeBench, openTestStation, type TestBench } from '../support/bench.ts';
import { type AdminClient, testHub } from '../support/hub.ts';

let folder: string;
let hub: Awaited<ReturnType<typeof testHub>>;
let admin: AdminClient;
let benches: TestBench[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repairbench-feed-'));
  // As root, PostgreSQL runs as a user of its own and has to get there.
  await chmod(folder, 0o711);
  hub = await testHub(folder);
  admin = await hub.admin();
  benches = [];
}, 60_000);
afterEach(async () => {
  for (const bench of benches) await bench.close();
  await hub.close();
  await rm(folder, { recursive: true, force: true });
});

/** A bench of the site, which works alone until it is told to exchange. */
async function joinSite(prefix: string): Promise<TestBench> {
  const bench = await makeBench('live', { stationName: `Bench ${prefix}`, benchPrefix: prefix });
  benches.push(bench);
  await bench.client.hub.enrol({ url: hub.address, code: await admin.code() });
  return bench;
}

/** Everything gets everywhere. */
async function exchange(): Promise<void> {
  for (const bench of benches) await bench.client.hub.sync();
  for (const bench of benches) await bench.client.hub.sync();
  const hashes = new Set(benches.map(({ station }) => station.siteHash()));
  expect(hashes.size).toBe(1);
}

describe('benches of one hub', () => {
  it('show each other’s work as it happens, and say who did it where', async () => {
    const a = await joinSite('A1');
    const b = await joinSite('B1');
    const heard = b.client.station.events({ cursor: null });
    const events = (await heard)[Symbol.asyncIterator]();
    await events.next();
    const { id } = await a.client.cases.open({ label: { serial: 'SN-1' }, fields: { fault: 'dead' } });
    // Nobody asks: the hub tells bench B.
    for (;;) {
      const value = (await events.next()).value as StationEvent | undefined;
      if (value?.type === 'changed' && value.topics.includes(`case:${id}`)) break;
    }
    await events.return?.();
    expect(await b.client.cases.get({ id })).toMatchObject({ number: 'A1-1', fields: { fault: 'dead' } });
    const [first] = await b.client.cases.timeline({ id });
    expect(first).toMatchObject({ bench: 'Bench A1', by: 'Ada', outcome: null });
    expect((await a.client.cases.timeline({ id }))[0]).toMatchObject({ bench: null });
  });

  it('a lost edit is shown with both versions, and taken over by whoever decides so', async () => {
    const a = await joinSite('A1');
    const b = await joinSite('B1');
    const { id } = await a.client.cases.open({ label: { serial: 'SN-1' } });
    await exchange();
    const port = Number(new URL(hub.address).port);
    await hub.close();
    await a.client.cases.edit({ id, fields: { place: 'Shelf 1' } });
    await b.client.cases.edit({ id, fields: { place: 'Shelf 2', customer: 'Acme' } });
    hub = await testHub(folder, port);
    await a.client.hub.sync();
    await exchange();
    for (const { client } of benches) {
      expect((await client.cases.get({ id })).fields).toMatchObject({ place: 'Shelf 1', customer: 'Acme' });
      expect(await client.hub.state()).toMatchObject({ conflicts: 1, unread: 0 });
      expect(await client.conflicts.list({ caseId: id })).toMatchObject([
        {
          caseNumber: 'A1-1',
          needsChoice: true,
          change: { by: 'Ada', bench: 'Bench B1' },
          before: [{ by: 'Ada', bench: 'Bench A1' }],
          parts: [{ key: 'place', stands: 'Shelf 1', wanted: 'Shelf 2', blocked: null }],
        },
      ]);
    }
    const [conflict] = await a.client.conflicts.list({});
    await a.client.conflicts.settle({ id: conflict?.id ?? '', take: ['place'], reason: 'B has it in hand' });
    await exchange();
    for (const { client } of benches) {
      expect((await client.cases.get({ id })).fields.place).toBe('Shelf 2');
      expect(await client.conflicts.list({})).toEqual([]);
    }
    const told = (await b.client.cases.timeline({ id })).map(({ text, outcome }) => [text, outcome]);
    expect(told).toContainEqual([expect.stringContaining('Settled'), null]);
    expect(told).toContainEqual([expect.stringContaining('Changed'), 'conflict']);
  });

  it('a bench restored from a backup gets back what it had lost', async () => {
    const a = await joinSite('A1');
    await a.client.cases.open({ label: { serial: 'SN-1' } });
    const backup = join(folder, 'backup');
    await a.client.station.backup({ path: backup });
    const lost = await a.client.cases.open({ label: { serial: 'SN-2' } });
    const b = await joinSite('B1');
    await exchange();
    await a.station.close();
    const elsewhere = join(folder, 'restored');
    await restore(backup, elsewhere);
    // Before it has heard of what it lost it gives the number away again.
    const port = Number(new URL(hub.address).port);
    await hub.close();
    const station = await openTestStation(elsewhere, a.keysDir);
    const { token } = await clientOf(station, null).session.signIn({ name: 'Ada', pin: '2468' });
    const client = clientOf(station, token);
    benches = [b];
    const again = await client.cases.open({ label: { serial: 'SN-3' } });
    hub = await testHub(folder, port);
    await client.hub.sync();
    await b.client.hub.sync();
    for (const bench of [client, b.client]) {
      expect((await bench.cases.get({ id: lost.id })).number).toBe('A1-2');
      expect((await bench.cases.get({ id: again.id })).number).toBe('A1-2/2');
    }
    expect(station.siteHash()).toBe(b.station.siteHash());
    // What it edits now that it wrote itself before the backup is no conflict.
    const [first] = await client.cases.find({ text: 'SN-1' });
    await client.cases.edit({ id: first?.id ?? '', fields: { place: 'Shelf 3' } });
    await client.hub.sync();
    expect(await client.hub.state()).toMatchObject({ conflicts: 0 });
    await station.close();
  });

  it('a hub that was restored from a backup gets back what it had lost, and everybody agrees again', async () => {
    const a = await joinSite('A1');
    const b = await joinSite('B1');
    const { id } = await a.client.cases.open({ label: { serial: 'SN-1' } });
    await exchange();
    const saved = join(folder, 'saved');
    await makeBackup({ dataDir: join(folder, 'hub'), to: saved, log: () => {} });
    await a.client.cases.edit({ id, fields: { place: 'Shelf 1' } });
    await b.client.cases.open({ label: { serial: 'SN-2' } });
    await exchange();
    const port = Number(new URL(hub.address).port);
    await hub.close();
    // While the hub is away each edits what the other one does.
    await a.client.cases.edit({ id, fields: { customer: 'Acme' } });
    await b.client.cases.edit({ id, fields: { customer: 'Emca' } });
    await restoreHub({ dataDir: join(folder, 'again', 'hub'), from: saved, log: () => {} });
    hub = await testHub(join(folder, 'again'), port);
    // The other way round than before: numbers are given anew.
    await b.client.hub.sync();
    await exchange();
    for (const { client } of benches) {
      expect((await client.cases.list({})).total).toBe(2);
      expect((await client.cases.get({ id })).fields).toMatchObject({ place: 'Shelf 1', customer: 'Emca' });
      expect(await client.hub.state()).toMatchObject({ trouble: null, conflicts: 1 });
      expect(await client.verify.log()).toMatchObject({ ok: true });
    }
  });

  it('leaving keeps what is known; joining again goes on from there', async () => {
    const a = await joinSite('A1');
    const b = await joinSite('B1');
    const { id } = await a.client.cases.open({ label: { serial: 'SN-1' } });
    await exchange();
    await b.client.hub.leave();
    expect((await b.client.cases.get({ id })).number).toBe('A1-1');
    await b.client.cases.note({ id, text: 'While we were apart' });
    await b.client.hub.enrol({ url: hub.address, code: await admin.code() });
    await exchange();
    expect((await a.client.cases.get({ id })).notes).toHaveLength(1);
  });
});
