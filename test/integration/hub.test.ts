import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AdminClient, BareStation, testHub } from '../support/hub.ts';

let folder: string;
let hub: Awaited<ReturnType<typeof testHub>>;
let admin: AdminClient;
let benches = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repairbench-hub-'));
  // As root, PostgreSQL runs as a user of its own and has to get there.
  await chmod(folder, 0o711);
  hub = await testHub(folder);
  admin = await hub.admin();
}, 60_000);
afterAll(async () => {
  await hub.close();
  await rm(folder, { recursive: true, force: true });
});

const refusal = (code: string) => expect.objectContaining({ code });
async function bench(): Promise<BareStation> {
  benches += 1;
  const station = new BareStation(hub.address, `T${benches}`);
  await station.enrol(await admin.code());
  await station.pull();
  return station;
}

const FIELDS = {
  ...{ fault: null, customer: null, contact: null, contract: null, priority: 'P3', tier: 'L1' },
  ...{ promisedOn: null, purchasedOn: null, accessories: [], condition: null, assigneeId: null },
  ...{ custodian: null, place: null, dataInstruction: 'wipe' },
};
function openCase(station: BareStation, serial: string | null = null): string {
  const id = v7();
  const identifiers = { serial, imei1: null, imei2: null, meid: null };
  station.append(
    'case.opened',
    id,
    {
      ...{ number: `${station.prefix}-${station.log.length + 1}`, status: 'received', withoutUnit: false },
      ...{ policyVersion: 'consumer@1', fields: FIELDS, identifiers, identifiersFrom: 'label' },
      ...{ unitId: null, label: null, unitArrived: true },
    },
    { caseId: id },
  );
  return id;
}
const move = (station: BareStation, id: string, from: string, to: string) =>
  station.append('case.moved', id, { from, to, reason: null }, { caseId: id });
const note = (station: BareStation, id: string, text: string) =>
  station.append('case.noted', id, { noteId: v7(), text }, { caseId: id });

describe('enrolment', () => {
  it('takes a code once, and gives the same bench the same answer again', async () => {
    const code = await admin.code();
    const one = new BareStation(hub.address, 'E1');
    const first = await one.enrol(code);
    expect(await one.enrol(code)).toMatchObject({ siteId: first.siteId, hubKey: first.hubKey });
    const other = new BareStation(hub.address, 'E2');
    await expect(other.enrol(code)).rejects.toThrow(refusal('sync.bad-code'));
    await expect(other.enrol('AAAA-BBBB-CCCC-DDDD')).rejects.toThrow(refusal('sync.bad-code'));
  });

  it('gives each prefix of case numbers to one bench, and keeps the code for another try', async () => {
    await new BareStation(hub.address, 'P1').enrol(await admin.code());
    const code = await admin.code();
    await expect(new BareStation(hub.address, 'P1').enrol(code)).rejects.toThrow(
      refusal('sync.prefix-taken'),
    );
    await new BareStation(hub.address, 'P2').enrol(code);
  });
});

describe('pushing', () => {
  it('places each entry once, in order, whatever is repeated', async () => {
    const one = await bench();
    const id = openCase(one);
    for (let i = 0; i < 1200; i++) note(one, id, `note ${i}`);
    const request = one.pushOf(0, 300);
    expect((await one.send(request)).acknowledged).toBe(300);
    expect((await one.send(request)).acknowledged).toBe(300);
    expect((await one.send(one.pushOf(100, 400))).acknowledged).toBe(500);
    expect(await one.push(500)).toBe(1201);
    const read = await one.pull();
    expect(read.map(({ seq }) => seq)).toEqual(Array.from({ length: 1201 }, (_, index) => index + 1));
    expect(await one.push(1201)).toBe(1201);
  });

  it('many benches at once leave no hole and lose nothing', async () => {
    const all = await Promise.all(Array.from({ length: 6 }, () => bench()));
    await Promise.all(
      all.map(async (one) => {
        const id = openCase(one);
        for (let batch = 0; batch < 8; batch++) {
          for (let i = 0; i < 25; i++) note(one, id, `note ${i}`);
          await one.push(one.log.length - 25 - (batch === 0 ? 1 : 0));
        }
      }),
    );
    const reader = await bench();
    const own = new Set(all.map(({ id }) => id));
    reader.readN = 0;
    reader.readHash = null;
    const read = (await reader.pull()).filter(({ stationId }) => own.has(stationId));
    expect(read).toHaveLength(6 * 201);
    for (const one of all) {
      const seqs = read.filter(({ stationId }) => stationId === one.id).map(({ seq }) => seq);
      expect(seqs).toEqual(one.log.map(({ entry }) => entry.seq));
    }
  });

  it('refuses a hole, a changed entry and a chain that does not fit, and takes the right ones afterwards', async () => {
    const one = await bench();
    const id = openCase(one);
    for (let i = 0; i < 5; i++) note(one, id, `note ${i}`);
    await expect(one.send(one.pushOf(2))).rejects.toThrow(refusal('sync.hole'));
    const changed = one.pushOf(0);
    const [, second] = changed.entries;
    if (second) second.body = second.body?.replace('note 0', 'note 9') ?? null;
    await expect(one.send(structuredClone(changed))).rejects.toThrow(refusal('sync.bad-entry'));
    if (second) second.body = second.body?.replace('note 9', 'note 0') ?? null;
    const signature = one.clone();
    note(signature, id, 'another end');
    const forged = {
      ...one.pushOf(0),
      end: { ...one.pushOf(0).end, signature: signature.pushOf(0).end.signature },
    };
    await expect(one.send(forged)).rejects.toThrow(refusal('sync.bad-signature'));
    expect(await one.push(0)).toBe(6);
  });

  it('keeps what is a bench’s own business out of the feed, and the chain whole', async () => {
    const one = await bench();
    one.append('person.signed-in', v7(), null, { synced: false });
    const id = openCase(one);
    one.append('port.added', v7(), null, { synced: false });
    note(one, id, 'for everybody');
    expect(await one.push(0)).toBe(4);
    expect((await one.pull()).map(({ kind }) => kind)).toEqual(['case.opened', 'case.noted']);
  });

  it('keeps kinds it does not know, for those who do', async () => {
    const one = await bench();
    one.append('case.teleported', v7(), { to: 'the moon' });
    await one.push(0);
    const [entry] = await one.pull();
    expect(entry).toMatchObject({ kind: 'case.teleported', body: '{"to":"the moon"}' });
  });
});

describe('who may', () => {
  it('only the key that enrolled, and within the clock’s window', async () => {
    const one = await bench();
    const stranger = new BareStation(hub.address, 'X1', undefined, one.id);
    await expect(stranger.push(0)).rejects.toThrow(refusal('sync.bad-signature'));
    await expect(new BareStation(hub.address, 'X2').push(0)).rejects.toThrow(refusal('sync.unknown-station'));
    one.skewMs = -8 * 3600_000;
    const refused = await one.push(0).catch((error: { code: string; hubTime: string }) => error);
    expect(refused).toMatchObject({ code: 'sync.clock' });
    one.skewMs += Date.parse((refused as { hubTime: string }).hubTime) - (Date.now() + one.skewMs);
    expect(await one.push(0)).toBe(0);
  });

  it('a revoked bench neither pushes nor reads, until it is let in again', async () => {
    const one = await bench();
    const id = openCase(one);
    await admin.revoke(one.id);
    await expect(one.push(0)).rejects.toThrow(refusal('sync.revoked'));
    await expect(one.pull()).rejects.toThrow(refusal('sync.revoked'));
    await admin.admit(one.id);
    note(one, id, 'back');
    expect(await one.push(0)).toBe(2);
  });

  it('a copy of a bench stops both, whichever comes first', async () => {
    const one = await bench();
    const id = openCase(one);
    await one.push(0);
    const copy = one.clone();
    note(one, id, 'here');
    note(copy, id, 'there');
    await one.push(1);
    await expect(copy.push(1)).rejects.toThrow(refusal('sync.clone'));
    await expect(one.push(2)).rejects.toThrow(refusal('sync.clone'));
    expect((await admin.stations()).find((row) => row.id === one.id)?.state).toBe('quarantined');
  });

  it('a restored bench goes on under its lineage, and reads back what it lost', async () => {
    const one = await bench();
    const id = openCase(one);
    for (let i = 0; i < 9; i++) note(one, id, `note ${i}`);
    await one.push(0);
    one.restore(4);
    note(one, id, 'after the restore');
    expect(await one.push(4)).toBe(5);
    const read = (await one.pull()).filter(({ stationId }) => stationId === one.id);
    expect(read.map(({ body }) => JSON.parse(body ?? '{}').text).filter(Boolean)).toEqual([
      ...Array.from({ length: 9 }, (_, index) => `note ${index}`),
      'after the restore',
    ]);
  });
});

describe('a bench that was restored more than once', () => {
  async function worked(): Promise<{ one: BareStation; id: string }> {
    const one = await bench();
    const id = openCase(one);
    for (let i = 0; i < 9; i++) note(one, id, `note ${i}`);
    await one.push(0);
    return { one, id };
  }
  const texts = async (one: BareStation) =>
    (await one.pull())
      .filter(({ stationId, kind }) => stationId === one.id && kind === 'case.noted')
      .map(({ body }) => JSON.parse(body ?? '{}').text);

  it('from the same backup: its lineage does not know the first restore', async () => {
    const { one, id } = await worked();
    const backup = one.clone();
    one.restore(4);
    note(one, id, 'first restore');
    await one.push(4);
    backup.restore(4);
    note(backup, id, 'second restore');
    expect(await backup.push(4)).toBe(5);
    expect((await texts(backup)).slice(-2)).toEqual(['first restore', 'second restore']);
    // The first one still runs somewhere: that is two benches.
    note(one, id, 'a ghost');
    await expect(one.push(5)).rejects.toThrow(refusal('sync.clone'));
  });

  it('before the hub heard of the first restore', async () => {
    const { one, id } = await worked();
    one.restore(6);
    note(one, id, 'unsent');
    note(one, id, 'unsent and lost');
    one.restore(7);
    note(one, id, 'after both');
    // It takes the next entry for sent, and is told from where to send again.
    const refused = await one.send(one.pushOf(7)).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'sync.hole', acknowledged: 6 });
    expect(await one.push(6)).toBe(8);
    expect((await texts(one)).slice(-2)).toEqual(['unsent', 'after both']);
  });
});

describe('the feed', () => {
  it('wakes whoever waits', async () => {
    const [one, reader] = [await bench(), await bench()];
    const waiting = reader.pull(20);
    const id = openCase(one);
    await one.push(0);
    expect((await waiting).at(-1)).toMatchObject({ entityId: id });
  });

  it('is read in pages', async () => {
    const one = await bench();
    const id = openCase(one);
    for (let i = 0; i < 1100; i++) note(one, id, `note ${i}`);
    await one.push(0);
    expect(await one.pull()).toHaveLength(1101);
  });
});

describe('what benches did without knowing of each other', () => {
  it('a late move that still fits applies with a remark, one that does not is a conflict', async () => {
    const [one, two] = [await bench(), await bench()];
    const id = openCase(one);
    await one.push(0);
    await two.pull();
    move(one, id, 'received', 'diagnosing');
    move(one, id, 'diagnosing', 'awaiting-parts');
    move(two, id, 'received', 'wiping');
    move(two, id, 'wiping', 'final-check');
    await one.push(1);
    await two.push(0);
    const [, , late, last] = await two.pull();
    const reviews = await admin.reviews();
    const of = (n = 0) => reviews.find((row) => row.n === n)?.outcome;
    expect(of(late?.n)).toMatchObject({ is: 'applied', unseen: [{ code: 'moved', what: 'awaiting-parts' }] });
    expect(of(last?.n)).toBeUndefined();

    move(one, id, 'awaiting-parts', 'awaiting-approval');
    await one.push(3);
    expect((await admin.reviews())[0]?.outcome).toMatchObject({
      is: 'conflict',
      unseen: [{ code: 'moved', what: 'final-check' }],
    });
  });

  it('an edit of what somebody else edited keeps the first, and shows the second', async () => {
    const [one, two] = [await bench(), await bench()];
    const id = openCase(one);
    await one.push(0);
    await two.pull();
    const edit = (station: BareStation, fields: object) =>
      station.append('case.fields', id, { fields }, { caseId: id });
    edit(one, { customer: 'Acme', place: 'Shelf 1' });
    edit(two, { customer: 'Ajax', priority: 'P1' });
    await one.push(1);
    await two.push(0);
    const [review] = await admin.reviews();
    expect(review?.outcome).toMatchObject({
      is: 'conflict',
      unseen: [{ code: 'field-edited', what: 'customer' }],
    });
    await two.pull();
    edit(two, { customer: 'Ajax' });
    await two.push(1);
    expect((await admin.reviews())[0]).toEqual(review);
  });

  it('one unit in two places is shown, whoever opened second', async () => {
    const [one, two] = [await bench(), await bench()];
    const first = openCase(one, 'SN4711000');
    openCase(two, 'SN4711000');
    await one.push(0);
    await two.push(0);
    expect((await admin.reviews())[0]?.outcome).toMatchObject({
      is: 'applied',
      unseen: [{ code: 'unit-elsewhere', what: first }],
    });
  });
});
