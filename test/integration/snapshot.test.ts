import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeBench, type TestBench } from '../support/bench.ts';
import { type AdminClient, BareStation, testHub } from '../support/hub.ts';

let folder: string;
let hub: Awaited<ReturnType<typeof testHub>>;
let admin: AdminClient;
let old: BareStation;
let benches: TestBench[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repairbench-snapshot-'));
  // As root, PostgreSQL runs as a user of its own and has to get there.
  await chmod(folder, 0o711);
  hub = await testHub(folder);
  admin = await hub.admin();
  benches = [];
  old = new BareStation(hub.address, 'OLD');
  await old.enrol(await admin.code());
}, 60_000);
afterEach(async () => {
  for (const bench of benches) await bench.close();
  await hub.close();
  await rm(folder, { recursive: true, force: true });
});

const FIELDS = {
  ...{ fault: 'dead', customer: 'Acme', contact: null, contract: null, priority: 'P2', tier: 'L1' },
  ...{ promisedOn: null, purchasedOn: null, accessories: [], condition: null, assigneeId: null },
  ...{ custodian: null, place: null, dataInstruction: 'wipe' },
};
const NOBODY = { serial: null, imei1: null, imei2: null, meid: null };

/** A history that is long enough for a snapshot to be worth it. */
function work(cases: number): void {
  const first = old.log.length;
  for (let n = 0; n < cases; n++) {
    const caseId = v7();
    const number = `OLD-${first + n + 1}`;
    const body = { number, status: 'received', withoutUnit: false, policyVersion: '1', fields: FIELDS };
    const told = { identifiers: { ...NOBODY, serial: `SN${first + n}` }, identifiersFrom: 'label' };
    const more = { unitId: null, label: null, unitArrived: false };
    old.append('case.opened', caseId, { ...body, ...told, ...more }, { caseId });
    for (const place of ['Shelf 1', 'Shelf 2', 'Shelf 3']) {
      old.append('case.fields', caseId, { fields: { place } }, { caseId });
    }
    old.append('case.noted', caseId, { noteId: randomUUID(), text: `Case ${n}` }, { caseId });
  }
}

async function newBench(prefix: string): Promise<TestBench> {
  const bench = await makeBench('live', { stationName: `Bench ${prefix}`, benchPrefix: prefix });
  benches.push(bench);
  return bench;
}

describe('a bench that joins a site with a long history', () => {
  it('takes over what the hub has kept ready, its own work on top, and comes to the same', async () => {
    work(2100);
    await old.push(0);
    const snapshot = await hub.snapshot(old.siteId);
    expect(snapshot).toMatchObject({ n: 10_500 });
    // What happens after it is read from the feed.
    work(10);
    await old.push(10_500);
    const bench = await newBench('NEW');
    const own = await bench.client.cases.open({ label: { serial: 'SN7' } });
    await bench.client.cases.edit({ id: own.id, fields: { place: 'Shelf 9' } });
    const requests: string[] = [];
    const { fetch } = globalThis;
    globalThis.fetch = (...args: Parameters<typeof fetch>) => {
      requests.push(new URL(String(args[0])).pathname);
      return fetch(...args);
    };
    try {
      await bench.client.hub.enrol({ url: hub.address, code: await admin.code() });
      await bench.client.hub.sync();
    } finally {
      globalThis.fetch = fetch;
    }
    expect(requests.filter((path) => path.startsWith('/v1/snapshot/'))).toHaveLength(1);
    const { client } = bench;
    expect((await client.cases.list({})).total).toBe(2111);
    expect((await client.cases.get({ id: own.id })).fields.place).toBe('Shelf 9');
    expect((await client.cases.find({ text: 'OLD-7' })).length).toBeGreaterThan(0);
    // A version that was shown is one that can be worked on.
    const [listed] = (await client.cases.list({ limit: 1 })).items;
    await client.cases.edit({ id: listed?.id ?? '', seen: listed?.version, fields: { customer: 'Other' } });
    await client.hub.sync();
    expect(await client.verify.log()).toMatchObject({ ok: true });
    // Tables made anew from the history are those that were taken over.
    const before = bench.station.siteHash();
    bench.station.rebuild();
    expect(bench.station.siteHash()).toBe(before);
    expect((await readdir(bench.dataDir)).filter((name) => name.includes('-site'))).toEqual([]);
  }, 120_000);

  it('reads the feed when the snapshot is damaged, and nothing of it stays', async () => {
    work(2100);
    await old.push(0);
    const snapshot = await hub.snapshot(old.siteId);
    const file = join(folder, 'hub', 'snapshots', old.siteId, snapshot?.sha256 ?? '');
    await writeFile(file, Buffer.alloc(snapshot?.size ?? 0, 7));
    const bench = await newBench('NEW');
    await bench.client.hub.enrol({ url: hub.address, code: await admin.code() });
    await bench.client.hub.sync();
    expect((await bench.client.cases.list({})).total).toBe(2100);
    expect(await bench.client.verify.log()).toMatchObject({ ok: true });
  }, 120_000);
});
