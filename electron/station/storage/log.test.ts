import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stationOps } from '../../../shared/ops/station.ts';
import { portsProjection } from '../devices/registry.ts';
import { peopleProjection } from '../people/service.ts';
import { stationProjection } from '../settings.ts';
import { type TestStore, testStore } from '../testing/store.ts';
import { systemClock } from './clock.ts';
import { openDatabase } from './database.ts';
import { type OpKinds, openLog } from './log.ts';
import { verifyLog } from './verify-log.ts';

const ADMIN = { id: '018f0000-0000-7000-8000-000000000001', name: 'Ada' };
let test: TestStore;
beforeEach(() => {
  test = testStore();
});
afterEach(() => test.dispose());

const addPerson = (name: string) => {
  const entityId = test.store.clock.id();
  test.store.append(ADMIN, [{ kind: 'person.added', entityId, body: { name, role: 'technician' } }]);
  return entityId;
};
const names = () => test.db.prepare('SELECT name FROM people ORDER BY name').pluck().all();

describe('the log', () => {
  it('appends, projects and survives being opened again', () => {
    const id = addPerson('Grace');
    test.store.append(ADMIN, [{ kind: 'person.changed', entityId: id, body: { role: 'qa' } }]);
    const again = test.reopen();
    expect(again.head()).toBe(2);
    expect(names()).toEqual(['Grace']);
    expect(again.after(0, 10).map((op) => [op.seq, op.kind, op.version])).toEqual([
      [1, 'person.added', 1],
      [2, 'person.changed', 2],
    ]);
  });

  it('takes all of an append or none of it', () => {
    const entityId = test.store.clock.id();
    expect(() =>
      test.store.append(ADMIN, [
        { kind: 'person.added', entityId, body: { name: 'Half', role: 'qa' } },
        { kind: 'person.added', entityId, body: { name: '', role: 'qa' } },
      ]),
    ).toThrow(expect.objectContaining({ code: 'input.invalid' }));
    expect(test.store.head()).toBe(0);
    expect(names()).toEqual([]);
  });

  it('refuses a change decided on an older version', () => {
    const entityId = addPerson('Grace');
    const change = () =>
      test.store.append(ADMIN, [{ kind: 'person.changed', entityId, body: { role: 'qa' }, baseVersion: 1 }]);
    change();
    expect(change).toThrow(expect.objectContaining({ code: 'state.stale' }));
  });

  it('tells every listener, and what is committed is done, whatever one of them throws', async () => {
    const heard: string[] = [];
    const failed: unknown[] = [];
    const catching = test.reopen((error) => failed.push(error));
    catching.onCommitted(() => {
      throw new Error('a listener');
    });
    catching.onCommitted((ops) => heard.push(...ops.map((op) => op.kind)));
    addPerson('Grace');
    await Promise.resolve();
    expect([names(), heard, failed]).toEqual([['Grace'], ['person.added'], [new Error('a listener')]]);
  });

  it('tells of changes only after they are committed', () => {
    const heard: string[] = [];
    test.store.onCommitted((ops) => heard.push(...ops.map((op) => op.kind)));
    expect(() =>
      test.store.transaction(() => {
        addPerson('Undone');
        throw new Error('stop');
      }),
    ).toThrow('stop');
    expect(heard).toEqual([]);
    test.store.transaction(() => {
      addPerson('One');
      addPerson('Two');
      expect(heard).toEqual([]);
    });
    expect(heard).toEqual(['person.added', 'person.added']);
  });

  it('rebuilds its projections from nothing but the log', () => {
    const id = addPerson('Grace');
    addPerson('Ada');
    test.store.append(ADMIN, [{ kind: 'person.changed', entityId: id, body: { active: false } }]);
    const before = test.db.prepare('SELECT * FROM people ORDER BY id').all();
    test.db.exec("UPDATE people SET role = 'auditor'");
    test.store.rebuild();
    expect(test.db.prepare('SELECT * FROM people ORDER BY id').all()).toEqual(before);
  });

  it('makes its projections anew when a program with other projectors filled them', () => {
    addPerson('Grace');
    const openAs = (projectionVersion: number) =>
      openLog({
        db: test.db,
        clock: systemClock,
        kinds: stationOps as unknown as OpKinds,
        projections: [stationProjection, peopleProjection, portsProjection],
        projectionVersion,
      });
    openAs(1);
    test.db.exec("UPDATE people SET name = 'As it was'");
    openAs(1);
    expect(names()).toEqual(['As it was']);
    openAs(2);
    expect(names()).toEqual(['Grace']);
  });

  it('is unreadable with another key', () => {
    addPerson('Grace');
    test.db.close();
    expect(() => openDatabase(test.path, new Uint8Array(32))).toThrow(
      expect.objectContaining({ code: 'storage.damaged' }),
    );
  });
});

describe('verifying the log', () => {
  beforeEach(() => {
    for (let i = 0; i < 20; i++) addPerson(`Person ${i}`);
  });

  it('finds nothing in an honest one', async () => {
    expect(await verifyLog(test.db)).toMatchObject({ ok: true, checked: 20, findings: [] });
  });

  it('says that content was taken away, and that the chain around it is whole', async () => {
    test.db.exec('UPDATE ops SET body = NULL, salt = NULL WHERE seq = 7');
    const { findings } = await verifyLog(test.db);
    expect(findings).toEqual([{ where: 'entry 7', code: 'log.body', detail: 'its content was taken away' }]);
  });

  const forgeries: [string, string, string][] = [
    ['another content', "UPDATE ops SET body = replace(body, 'Person', 'Nobody') WHERE seq = 9", 'log.body'],
    ['another actor', "UPDATE ops SET actor_name = 'Eve' WHERE seq = 9", 'log.meta'],
    ['another time', "UPDATE ops SET at = '2020-01-01T00:00:00.000Z' WHERE seq = 9", 'log.meta'],
    ['another signature', 'UPDATE ops SET signature = zeroblob(64) WHERE seq = 9', 'log.signature'],
    ['a removed entry', 'DELETE FROM ops WHERE seq = 9', 'log.hole'],
    ['a cut end', 'DELETE FROM ops WHERE seq > 15', 'log.cut'],
    ['a cut start', 'DELETE FROM ops WHERE seq < 5', 'log.link'],
    [
      'two entries exchanged',
      'UPDATE ops SET seq = -1 WHERE seq = 3; UPDATE ops SET seq = 3 WHERE seq = 4; UPDATE ops SET seq = 4 WHERE seq = -1',
      'log.link',
    ],
  ];
  it.each(forgeries)('finds %s', async (_name, sql, code) => {
    test.db.exec(sql);
    const report = await verifyLog(test.db);
    expect(report.ok).toBe(false);
    expect(report.findings.map((finding) => finding.code)).toContain(code);
  });
});
