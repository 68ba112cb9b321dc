import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OPS } from '../../../shared/ops/index.ts';
import { casesProjection } from '../cases/projectors.ts';
import { IMEI_A, label, SERIAL, type TestCases } from '../cases/testing.ts';
import { stationProjection } from '../settings.ts';
import { systemClock } from '../storage/clock.ts';
import { openLog } from '../storage/log.ts';
import { verifyLog } from '../storage/verify-log.ts';
import { type TestSite, testSite } from '../testing/site.ts';
import { directoryProjection } from './directory.ts';
import { syncState } from './state.ts';

let site: TestSite;
let a: TestCases;
let b: TestCases;
beforeEach(() => {
  site = testSite(2);
  [a, b] = site.benches as [TestCases, TestCases];
});
afterEach(() => site.dispose());

function expectEqual(): void {
  const hashes = site.benches.map((bench) => bench.store.siteHash());
  expect(new Set(hashes).size, JSON.stringify(hashes)).toBe(1);
  for (const bench of site.benches) {
    const before = bench.store.siteHash();
    bench.store.rebuild();
    expect(bench.store.siteHash()).toBe(before);
  }
}
const linksOf = (bench: TestCases) => bench.db.prepare('SELECT a, b FROM links ORDER BY a, b').raw().all();

describe('a snapshot that is taken over', () => {
  function takeOver(bench: TestCases): boolean {
    // Without work of its own, as the hub's replica.
    const replica = site.join('R1');
    site.pull(replica);
    const read = replica.store.readFeed();
    if (!read) throw new Error('nothing was read');
    const copy = bench.store.copyOfSite();
    try {
      for (const line of replica.store.siteLines()) copy.take(JSON.parse(JSON.stringify(line)));
      return copy.takeOver(read.n, read.hash);
    } finally {
      copy.dispose();
    }
  }

  it('keeps what own work that is on its way belongs to', () => {
    a.open({ label: label({ serial: SERIAL }) });
    site.settle();
    const c = site.join('B3');
    c.open({ label: label({ serial: SERIAL }) });
    c.seen({ serial: SERIAL, imei1: IMEI_A });
    expect(takeOver(c)).toBe(true);
    const links = linksOf(c);
    expect(links.length).toBeGreaterThan(0);
    c.store.rebuild();
    expect(linksOf(c)).toEqual(links);
    site.settle();
    expectEqual();
  });

  it('leaves to a bench that has been here before what it wrote itself', () => {
    a.open({ label: label({ serial: SERIAL }) });
    b.open({ label: label({ imei1: IMEI_A }) });
    site.push(a);
    site.push(b);
    // A bench whose id another one took for its own: the station decides whose it is.
    const id = b.store.rows(0, 1)[0]?.id as string;
    const { id: caseId } = a.open({});
    site.push(a);
    const body = { noteId: systemClock.id(), text: 'copied' };
    site.forge({ kind: 'case.noted', entity: 'case', entityId: caseId, caseId, id, body });
    expect(takeOver(b)).toBe(true);
    expect(b.db.prepare('SELECT count(*) FROM feed WHERE seq IS NOT NULL').pluck().get()).toBe(
      b.store.head(),
    );
    site.settle();
    expectEqual();
  });

  it('is of no use on another path of the history', () => {
    a.open({ label: label({ serial: SERIAL }) });
    site.push(a);
    const hash = Buffer.alloc(32).toString('base64');
    b.store.rewind(0, { epochs: [{ id: systemClock.id(), n: 0, hash, signature: '' }], left: [] });
    const { epochs } = b.store.epochs();
    expect(takeOver(b)).toBe(false);
    expect(b.store.readFeed()).toBeNull();
    expect(b.store.epochs().epochs).toEqual(epochs);
  });
});

describe('a bench that left the hub for a while', () => {
  it('still knows what it had read', () => {
    const { id } = a.open({ label: label({ serial: SERIAL }) });
    a.cases.edit(a.tess, { id, fields: { place: 'Shelf 1' } });
    site.settle();
    const state = syncState(b.db);
    const { url, siteId, siteName } = state.get() as NonNullable<ReturnType<typeof state.get>>;
    state.left();
    b.cases.edit(b.tess, { id, fields: { place: 'Shelf 2' } });
    state.joined(url, { siteId, siteName, hubKey: '', hubTime: '' }, b.store.clock.now());
    b.store.openSite(siteId);
    site.settle();
    expect(a.cases.get({ id }).fields.place).toBe('Shelf 2');
    expectEqual();
  });

  it('never gives a version that a window has seen to another content', () => {
    const { id } = a.open({ label: label({ serial: SERIAL }) });
    site.settle();
    a.cases.note(a.tess, { id, text: 'one' });
    site.settle();
    const { version } = b.cases.get({ id });
    b.store.rewind(1, { epochs: [], left: [] });
    site.settle();
    expect(b.cases.get({ id }).version).toBeGreaterThan(version);
  });
});

describe('a bench that was restored from a backup', () => {
  it('shows what it changes before the hub has heard of the restore, and so does everybody afterwards', () => {
    const { id } = a.open({ label: label({ serial: SERIAL }) });
    a.cases.edit(a.tess, { id, fields: { place: 'Shelf 1' } });
    const before = a.store.incarnation;
    site.push(a);
    site.pull(b);
    // The backup is from before it read its own work back.
    a.db.prepare('UPDATE station SET incarnation = ?').run(systemClock.id());
    const store = openLog({
      ...{ db: a.db, clock: a.store.clock, kinds: OPS },
      projections: [casesProjection, directoryProjection, stationProjection],
    });
    const body = { from: before, to: store.incarnation, backupAt: store.clock.now() };
    store.append(a.tess, [{ kind: 'station.restored', entityId: store.stationId, body }]);
    const write = (kind: string, more: object) =>
      store.append(a.tess, [{ kind, entityId: id, caseId: id, body: more }]);
    write('case.fields', { fields: { place: 'Shelf 2' } });
    b.cases.note(b.tess, { id, text: 'seen' });
    site.push(b);
    site.pull(a);
    expect(JSON.parse(a.db.prepare('SELECT fields FROM cases').pluck().get() as string).place).toBe(
      'Shelf 2',
    );
    site.settle();
    expectEqual();
  });
});

describe('keys', () => {
  it('signs on by the key it had when another one did not get into the log', async () => {
    const publicKey = a.store.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
    const made = { mode: 'training', version: '0.1.0', publicKey };
    a.store.append(a.tess, [{ kind: 'station.made', entityId: a.store.stationId, body: made }]);
    expect(() =>
      a.store.transaction(() => {
        a.store.rotateKey(a.tess);
        throw new Error('the disk is full');
      }),
    ).toThrow('the disk is full');
    a.open({});
    expect(await verifyLog(a.db)).toMatchObject({ ok: true });
    a.store.transaction(() => {
      a.store.rotateKey(a.tess);
      a.open({});
    });
    expect(await verifyLog(a.db)).toMatchObject({ ok: true });
  });
});
