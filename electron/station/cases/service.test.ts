import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CaseView } from '../../../shared/model/cases.ts';
import { emptyIdentity } from '../../../shared/model/units.ts';
import {
  IMEI_A,
  IMEI_B,
  IMEI_C,
  label,
  PORT_1,
  PORT_2,
  refused,
  SERIAL,
  type TestCases,
  testCases,
  testRun,
  testWipe,
} from './testing.ts';

let bench: TestCases;
beforeEach(() => {
  bench = testCases();
});
afterEach(() => bench.dispose());

const move = (id: string, to: CaseView['status'], reason?: string) =>
  bench.cases.move(bench.tess, { id, to, reason });

describe('opening', () => {
  it('gives contiguous numbers, safe defaults and the default policy', () => {
    const first = bench.open({ fields: { fault: 'no picture', customer: 'Ada', priority: 'P1' } });
    const second = bench.open();
    expect([first.number, second.number]).toEqual(['B1-1', 'B1-2']);
    expect(first).toMatchObject({
      status: 'received',
      policyVersion: 'rugged@1',
      dataInstruction: 'wipe',
      customer: 'Ada',
      priority: 'P1',
      tier: 'L1',
      version: 1,
      flags: ['data-open'],
    });
    expect(CaseView.parse(first)).toEqual(first);
    expect(first.fields).toMatchObject({ fault: 'no picture', accessories: [], assigneeId: null });
  });

  it('counts numbers for each prefix', async () => {
    bench.open();
    const other = testCases('LAB2');
    expect(other.open().number).toBe('LAB2-1');
    await other.dispose();
  });

  it('makes a unit by hand for a dead one, and none for a claim', () => {
    expect(bench.open({ label: label({ serial: ` ${SERIAL} ` }) }).unit).toMatchObject({
      label: { serial: SERIAL },
      identity: { serial: null },
    });
    expect(bench.open().unit).not.toBeNull();
    const claim = bench.open({ withoutUnit: true, label: label({ imei1: IMEI_A }) });
    expect(claim).toMatchObject({ status: 'announced', unit: null, withoutUnit: true, flags: [] });
    expect(claim.identifiers?.imei1).toBe(IMEI_A);
  });

  it('takes the unit of a port, and refuses a port nobody has asked', async () => {
    bench.facts.ports.set(PORT_1, { ...reading({ imei1: IMEI_A, model: 'X1' }), unitId: null });
    const view = bench.open({ portId: PORT_1 });
    expect(view).toMatchObject({ imei1: IMEI_A, model: 'X1', conflicts: [] });
    expect(view.identifiers).toEqual({
      serial: null,
      imei1: IMEI_A,
      imei2: null,
      meid: null,
      model: 'X1',
      family: 'at',
    });
    expect(await refused(() => bench.open({ portId: PORT_2 }))).toBe('case.port-unread');
    expect(await refused(() => bench.open({ portId: PORT_1, announced: true }))).toBe('case.unit-here');
  });

  it('keeps a unit in the lab on one open case, but gives it a new one later', async () => {
    const first = bench.open({ label: label({ imei1: IMEI_A }) });
    expect(await refused(() => bench.open({ label: label({ imei1: IMEI_A }) }))).toBe('case.open-already');
    close(first.id);
    const second = bench.open({ label: label({ imei1: IMEI_A }) });
    expect(second.unit?.id).toBe(first.unit?.id);
    expect(bench.cases.find({ text: IMEI_A }).map((found) => found.number)).toEqual(['B1-2', 'B1-1']);
  });

  it('names what is wrong with a label', async () => {
    const opening = (values: Parameters<typeof label>[0]) =>
      refused(() => bench.open({ label: label(values) }));
    expect(await opening({ imei1: '490154203237519' })).toBe('identity.check-digit');
    expect(await opening({ imei1: '12345' })).toBe('identity.not-an-imei');
    expect(await opening({ imei2: '000000000000000' })).toBe('identity.placeholder');
    expect(await opening({ serial: 'unknown' })).toBe('identity.placeholder');
    expect(await opening({ meid: '12' })).toBe('identity.not-a-meid');
    expect(await refused(() => bench.open({ policy: 'gold' }))).toBe('case.unknown-policy');
    expect(await refused(() => bench.open({ fields: { assigneeId: crypto.randomUUID() } }))).toBe(
      'input.not-found',
    );
    expect(bench.cases.list(everything).total).toBe(0);
  });
});

describe('the way of a case', () => {
  it('goes from received to closed, and its timeline tells it', () => {
    const { id } = bench.open({ label: label({ imei1: IMEI_A }) });
    const unit = bench.seen({ imei1: IMEI_A });
    move(id, 'diagnosing');
    bench.cases.consent(bench.tess, { id, by: 'Ada', ref: 'mail 4711' });
    move(id, 'wiping');
    bench.facts.wipes.push(testWipe(id, unit.id, '2026-03-02T12:00:00.000Z'));
    move(id, 'final-check');
    move(id, 'ready');
    expect(move(id, 'shipped').flags).toEqual([]);
    bench.cases.addCause(bench.tess, { id, code: 'hw.display.dead' });
    const closed = move(id, 'closed');
    expect(closed).toMatchObject({ status: 'closed', causeClass: 'hardware', moves: [] });
    const texts = bench.cases.timeline({ id }).map((entry) => entry.text);
    expect(texts[0]).toBe('Opened as received (policy rugged@1)');
    expect(texts).toContain('Moved from received to diagnosing');
    expect(texts).toContain('Ada consented to the wipe (mail 4711)');
    expect(texts).toContain('Cause suspected: Display, no picture (HW.DISPLAY.DEAD)');
    expect(bench.cases.timeline({ id }).every((entry) => entry.by === 'Tess')).toBe(true);
  });

  it('refuses what its guards refuse, before anything is written', async () => {
    const { id } = bench.open();
    const before = bench.store.head();
    expect(await refused(() => move(id, 'shipped'))).toBe('case.no-such-move');
    expect(await refused(() => move(id, 'wiping'))).toBe('case.no-wipe-consent');
    expect(await refused(() => move(id, 'cancelled'))).toBe('case.not-wiped');
    expect(bench.store.head()).toBe(before);
  });

  it('refuses a change that was decided on an older version', async () => {
    const { id, version } = bench.open();
    bench.cases.note(bench.quinn, { id, text: 'customer called' });
    expect(await refused(() => bench.cases.move(bench.tess, { id, seen: version, to: 'diagnosing' }))).toBe(
      'state.stale',
    );
    const stale = { id, seen: version, fields: { priority: 'P1' as const } };
    expect(await refused(() => bench.cases.edit(bench.tess, stale))).toBe('state.stale');
    const now = bench.cases.get({ id });
    expect(now.version).toBe(2);
    expect(bench.cases.move(bench.tess, { id, seen: now.version, to: 'diagnosing' }).version).toBe(3);
  });

  it('edits only what changed, and nothing on a closed case', async () => {
    const { id } = bench.open({ fields: { priority: 'P2' } });
    const same = bench.cases.edit(bench.tess, { id, fields: { priority: 'P2' } });
    expect(same.version).toBe(1);
    const view = bench.cases.edit(bench.tess, {
      id,
      fields: {
        priority: 'P1',
        accessories: ['charger'],
        assigneeId: bench.quinn.id,
        promisedOn: '2026-03-01',
      },
    });
    expect(view).toMatchObject({ priority: 'P1', assignee: 'Quinn', fields: { accessories: ['charger'] } });
    expect(view.flags).toContain('overdue');
    close(id);
    expect(await refused(() => bench.cases.edit(bench.tess, { id, fields: { priority: 'P3' } }))).toBe(
      'case.closed',
    );
    expect(bench.cases.note(bench.tess, { id, text: 'thanks' }).notes).toMatchObject([
      { text: 'thanks', by: 'Tess' },
    ]);
  });

  it('keeps the data instruction as it was when the unit left', async () => {
    const { id } = bench.open();
    bench.cases.dataException(bench.quinn, { id, reason: 'storage dead', ref: 'DX-1' });
    move(id, 'returned-unrepaired', 'not worth it');
    const edit = () => bench.cases.edit(bench.tess, { id, fields: { dataInstruction: 'keep' } });
    expect(await refused(edit)).toBe('case.unit-left');
  });

  it('escalates upwards only, with a due time', async () => {
    const { id } = bench.open();
    const escalate = (tier: 'L2' | 'L3') =>
      bench.cases.escalate(bench.tess, { id, tier, reason: 'needs an oscilloscope', summary: 'no 1V8' });
    const view = escalate('L3');
    expect(view.tier).toBe('L3');
    const [entry] = view.escalations ?? [];
    expect(Date.parse(entry?.dueAt ?? '') - Date.parse(entry?.at ?? '')).toBeCloseTo(4 * 3_600_000, -2);
    expect(await refused(() => escalate('L2'))).toBe('case.tier-not-higher');
  });

  it('takes an approval for the price it was given for', async () => {
    const { id } = bench.open();
    move(id, 'diagnosing');
    move(id, 'awaiting-approval');
    expect(await refused(() => move(id, 'repairing'))).toBe('case.no-approval');
    bench.cases.consent(bench.tess, { id, by: 'Ada', ref: 'quote 12', about: 'repair' });
    move(id, 'repairing');
    move(id, 'awaiting-approval');
    expect(bench.cases.get({ id }).approval).toBeNull();
    expect(await refused(() => move(id, 'repairing'))).toBe('case.no-approval');
  });

  it('decides a claim without a unit', async () => {
    const { id } = bench.open({ withoutUnit: true });
    expect(await refused(() => move(id, 'received'))).toBe('case.claim-without-unit');
    expect(await refused(() => bench.cases.label(bench.tess, { id, label: label({ serial: SERIAL }) }))).toBe(
      'case.no-unit',
    );
    move(id, 'replaced', 'stolen, police report 7');
    bench.cases.addCause(bench.tess, { id, code: 'UD.UNIT.THEFT' });
    expect(move(id, 'closed').status).toBe('closed');
  });

  it('gives a received unit a record even when nobody can read it', () => {
    const announced = bench.open({ announced: true });
    expect(announced).toMatchObject({ status: 'announced', unit: null, receivedAt: null });
    const received = move(announced.id, 'received');
    expect(received.unit).toMatchObject({ identity: { serial: null } });
    expect(received.receivedAt).not.toBeNull();
    expect(received.flags).toEqual(['data-open']);
  });
});

describe('the data instruction', () => {
  const atReady = (fields: Partial<CaseView['fields']>) => {
    const { id } = bench.open({ label: label({ imei1: IMEI_A }), fields });
    move(id, 'diagnosing');
    move(id, 'final-check');
    return id;
  };

  it('takes a verified wipe of this unit, and no other', async () => {
    const id = atReady({});
    const unit = bench.seen({ imei1: IMEI_A });
    const other = bench.seen({ imei1: IMEI_B });
    bench.facts.wipes.push(testWipe(id, other.id, '2026-03-03T00:00:00.000Z'));
    bench.facts.wipes.push(testWipe(id, null, '2026-03-03T00:00:00.000Z'));
    bench.facts.wipes.push(testWipe(other.id, unit.id, '2026-03-03T00:00:00.000Z'));
    expect(await refused(() => move(id, 'ready'))).toBe('case.not-wiped');
    bench.facts.wipes.push(testWipe(id, unit.id, '2026-03-03T00:00:00.000Z'));
    expect(await refused(() => move(id, 'ready'))).toBe('done');
  });

  it('takes a signature for what it is now, not for what it was', async () => {
    const id = atReady({ dataInstruction: 'keep' });
    bench.cases.dataException(bench.quinn, { id, reason: 'waiver signed', ref: 'W-1' });
    bench.cases.edit(bench.tess, { id, fields: { dataInstruction: 'destroy' } });
    expect(await refused(() => move(id, 'ready'))).toBe('case.not-destroyed');
    const view = bench.cases.dataException(bench.quinn, { id, reason: 'shredded', ref: 'D-1' });
    expect(view.dataException).toMatchObject({ instruction: 'destroy', ref: 'D-1', by: 'Quinn' });
    expect(move(id, 'ready').flags).toEqual([]);
  });

  it('takes a signature for the unit that was on the case, and no other', async () => {
    const id = atReady({ dataInstruction: 'keep' });
    bench.cases.dataException(bench.quinn, { id, reason: 'waiver signed', ref: 'W-1' });
    expect(bench.cases.get({ id }).dataState).toEqual({ settled: true, media: [] });
    bench.cases.attachUnit(bench.tess, { id, ...reading({ imei1: IMEI_B }), portId: null });
    const away = () => move(id, 'returned-unrepaired', 'back to the customer');
    expect(await refused(away)).toBe('case.no-waiver');
    expect(bench.cases.get({ id })).toMatchObject({ flags: expect.arrayContaining(['data-open']) });
    const open = bench.cases.list({ ...everything, filter: { flag: 'data-open' } });
    expect(open.items.map((item) => item.id)).toEqual([id]);
    bench.cases.dataException(bench.quinn, { id, reason: 'waiver for this one', ref: 'W-2' });
    expect(await refused(away)).toBe('done');
  });

  it('takes no signature from before a change of identity', async () => {
    const id = atReady({ dataInstruction: 'keep' });
    bench.cases.dataException(bench.quinn, { id, reason: 'waiver signed', ref: 'W-1' });
    bench.wait(60_000);
    const witness = { name: 'Quinn', pin: '2468' };
    const swap = { id, field: 'imei1' as const, to: IMEI_B, reason: 'board swapped', witness };
    await bench.cases.identityChange(bench.tess, swap);
    expect(await refused(() => move(id, 'ready'))).toBe('case.no-waiver');
  });

  it('knows from the order of old entries for which unit they were signed', async () => {
    const id = atReady({ dataInstruction: 'keep' });
    const body = { instruction: 'keep', reason: 'waiver signed', ref: 'W-1' };
    bench.store.append(bench.quinn, [{ kind: 'case.data-exception', entityId: id, caseId: id, body }]);
    expect(bench.cases.get({ id }).dataState.settled).toBe(true);
    bench.cases.attachUnit(bench.tess, { id, ...reading({ imei1: IMEI_B }), portId: null });
    expect(bench.cases.get({ id }).dataState.settled).toBe(false);
    bench.store.rebuild();
    expect(bench.cases.get({ id }).dataState.settled).toBe(false);
  });

  it('shows which media are wiped, as the guard judges them', () => {
    const id = atReady({});
    const unit = bench.seen({ imei1: IMEI_A });
    const medium = (path: string, serial: string) => ({ path, label: path, model: null, serial, bytes: 1 });
    const media = [medium('/dev/sda', 'SERIAL1'), medium('/dev/sdb', 'SERIAL2')];
    const wipe = { ...testWipe(id, unit.id, '2026-03-03T00:00:00.000Z'), media };
    bench.facts.wipes.push({ ...wipe, wiped: '/dev/sda' });
    expect(bench.cases.get({ id }).dataState).toEqual({
      settled: false,
      media: [
        { path: '/dev/sda', label: '/dev/sda', wiped: true },
        { path: '/dev/sdb', label: '/dev/sdb', wiped: false },
      ],
    });
    bench.facts.wipes.push({ ...wipe, at: '2026-03-03T00:00:01.000Z', wiped: '/dev/sdb' });
    expect(bench.cases.get({ id }).dataState.settled).toBe(true);
  });

  it('waits for the run that is under way', async () => {
    const id = atReady({ dataInstruction: 'keep' });
    bench.cases.dataException(bench.quinn, { id, reason: 'waiver signed', ref: 'W-1' });
    move(id, 'ready');
    bench.facts.runs.push(testRun(id, { state: 'running', outcome: null, endedAt: null }));
    expect(await refused(() => move(id, 'shipped'))).toBe('case.run-under-way');
  });
});

describe('causes', () => {
  it('come from the catalogue, one of them primary', async () => {
    const { id } = bench.open();
    expect(await refused(() => bench.cases.addCause(bench.tess, { id, code: 'HW.NOPE.NOPE' }))).toBe(
      'cause.unknown',
    );
    bench.cases.addCause(bench.tess, { id, code: 'HW.BATTERY.SWOLLEN', symptomReported: 'lid bulges' });
    expect(await refused(() => bench.cases.addCause(bench.tess, { id, code: 'EN.CLIMATE.HEAT' }))).toBe(
      'cause.primary-taken',
    );
    const view = bench.cases.addCause(bench.tess, { id, code: 'EN.CLIMATE.HEAT', role: 'contributing' });
    expect(view.causes.map((cause) => [cause.code, cause.role, cause.certainty])).toEqual([
      ['HW.BATTERY.SWOLLEN', 'primary', 'suspected'],
      ['EN.CLIMATE.HEAT', 'contributing', 'suspected'],
    ]);
    expect(view.causes[0]).toMatchObject({
      catalogueVersion: '1',
      component: 'Battery',
      mode: 'Swollen',
      by: 'Tess',
      symptomReported: 'lid bulges',
    });
  });

  it('are confirmed by QA with the removed part, once, and removed with a reason', async () => {
    const { id, causes } = bench.cases.addCause(bench.tess, {
      id: bench.open().id,
      code: 'HW.BATTERY.SWOLLEN',
    });
    const causeId = causes[0]?.id ?? '';
    const confirm = () =>
      bench.cases.confirmCause(bench.quinn, {
        id,
        causeId,
        analysis: 'cell vented',
        removedPart: { serial: 'BT-9', lot: 'L3' },
      });
    expect(confirm().causes[0]).toMatchObject({
      certainty: 'confirmed',
      analysis: 'cell vented',
      removedPart: { serial: 'BT-9', lot: 'L3' },
    });
    expect(await refused(confirm)).toBe('cause.already-confirmed');
    const removed = bench.cases.removeCause(bench.quinn, { id, causeId, reason: 'coded twice' });
    expect(removed).toMatchObject({ causes: [], causeClass: null });
    expect(await refused(confirm)).toBe('input.not-found');
  });

  it('no fault found needs a passed run of this unit', async () => {
    const { id } = bench.open({ label: label({ imei1: IMEI_A }), fields: { dataInstruction: 'keep' } });
    bench.cases.dataException(bench.quinn, { id, reason: 'waiver', ref: 'W-1' });
    move(id, 'returned-unrepaired', 'nothing wrong with it');
    expect(await refused(() => move(id, 'closed'))).toBe('case.no-cause');
    bench.cases.addCause(bench.tess, { id, code: 'NF.UNIT.NOT-REPRODUCED' });
    const unit = bench.seen({ imei1: IMEI_A });
    const other = bench.seen({ imei1: IMEI_B });
    bench.facts.runs.push(
      testRun(id, { kind: 'intake', unitId: unit.id }),
      testRun(id, { kind: 'diagnosis', outcome: 'fail', unitId: unit.id }),
      testRun(id, { kind: 'diagnosis', outcome: 'unverified', unitId: unit.id }),
      testRun(id, { kind: 'diagnosis', unitId: other.id }),
    );
    expect(await refused(() => move(id, 'closed'))).toBe('case.no-test-evidence');
    bench.facts.runs.push(testRun(id, { kind: 'inspection', unitId: null }));
    expect(move(id, 'closed').status).toBe('closed');
  });
});

describe('the safety stop', () => {
  it('blocks at once, starts the hour, and is released only after product safety was told', async () => {
    const { id, openedAt } = bench.open({ label: label({ imei1: IMEI_A }) });
    bench.wait(90_000);
    const stopped = bench.cases.safetyStop(bench.tess, { id, reason: 'battery swollen' });
    expect(stopped.flags).toContain('safety-stop');
    expect(stopped.unit?.blocked).toMatchObject({ reason: 'battery swollen', by: 'Tess', reportedAt: null });
    const { since = '', reportDueAt = '' } = stopped.safety ?? {};
    expect(since > openedAt).toBe(true);
    expect(Date.parse(reportDueAt) - Date.parse(since)).toBeCloseTo(3_600_000, -2);
    expect(stopped.moves.every((option) => !option.allowed)).toBe(true);
    expect(await refused(() => move(id, 'diagnosing'))).toBe('safety.not-reported');
    expect(await refused(() => bench.cases.safetyStop(bench.tess, { id, reason: 'again' }))).toBe(
      'safety.stands',
    );
    expect(await refused(() => bench.cases.safetyRelease(bench.quinn, { id, reason: 'fine' }))).toBe(
      'safety.not-reported',
    );
    bench.cases.safetyReported(bench.tess, { id, to: 'safety@lab', ref: 'INC-1' });
    const twice = () => bench.cases.safetyReported(bench.tess, { id, to: 'safety@lab', ref: 'INC-1' });
    expect(await refused(twice)).toBe('safety.already-reported');
    expect(await refused(() => move(id, 'diagnosing'))).toBe('safety.not-released');
    const released = bench.cases.safetyRelease(bench.quinn, { id, reason: 'battery removed' });
    expect(released).toMatchObject({ safety: null, unit: { blocked: null } });
    expect(move(id, 'diagnosing').status).toBe('diagnosing');
    expect(await refused(() => bench.cases.safetyRelease(bench.quinn, { id, reason: 'x' }))).toBe(
      'safety.none',
    );
  });

  it('goes with the unit to its other cases', async () => {
    const first = bench.open({ label: label({ imei1: IMEI_A }) });
    close(first.id);
    const second = bench.open({ label: label({ imei1: IMEI_A }) });
    bench.cases.safetyStop(bench.tess, { id: first.id, reason: 'smoke' });
    expect(bench.cases.get({ id: second.id }).flags).toContain('safety-stop');
    expect(await refused(() => move(second.id, 'diagnosing'))).toBe('safety.not-reported');
    expect(bench.cases.list({ ...everything, filter: { flag: 'safety-stop' } }).total).toBe(2);
    expect(bench.cases.unit(second.unit?.id ?? '')?.blocked).toMatchObject({ reason: 'smoke' });
  });

  it('does not give way when another unit is put on the case', async () => {
    const { id } = bench.open({ label: label({ imei1: IMEI_A }) });
    bench.cases.safetyStop(bench.tess, { id, reason: 'hot' });
    const attach = () =>
      bench.cases.attachUnit(bench.tess, { id, ...reading({ imei1: IMEI_B }), portId: null });
    expect(await refused(attach)).toBe('safety.not-reported');
  });
});

describe('rebuilding from the log', () => {
  it('gives the same cases and units', async () => {
    const { id } = bench.open({ label: label({ imei1: IMEI_A, serial: SERIAL }), fields: { fault: 'dead' } });
    bench.seen({ imei1: IMEI_A, imei2: IMEI_B, serial: SERIAL });
    bench.open({ withoutUnit: true });
    move(id, 'diagnosing');
    bench.cases.note(bench.tess, { id, text: 'a note' });
    bench.cases.consent(bench.tess, { id, by: 'Ada', ref: 'r' });
    bench.cases.addCause(bench.tess, { id, code: 'HW.BOARD.DEAD' });
    bench.cases.escalate(bench.tess, { id, tier: 'L2', reason: 'r', summary: 's' });
    await bench.cases.identityChange(bench.tess, {
      id,
      field: 'imei2',
      to: IMEI_C,
      reason: 'board swapped',
      witness: { name: 'Quinn', pin: '2468' },
    });
    bench.cases.safetyStop(bench.tess, { id, reason: 'hot' });
    const tables = () =>
      [
        'units',
        'unit_identifiers',
        'cases',
        'case_identifiers',
        'case_units',
        'case_notes',
        'case_causes',
        'safety_stops',
      ].map((table) => bench.db.prepare(`SELECT * FROM ${table}`).all());
    const before = tables();
    bench.store.rebuild();
    expect(tables()).toEqual(before);
    expect(bench.cases.list({ ...everything, filter: { text: 'dead' } }).total).toBe(1);
    expect(bench.cases.find({ text: IMEI_C })).toHaveLength(1);
  });
});

const everything = { filter: {}, sort: 'changed' as const, offset: 0, limit: 100 };
const reading = (values: Parameters<TestCases['seen']>[0]) => ({
  identity: { ...emptyIdentity(), ...values },
  family: 'at' as const,
});

/** The shortest way to the end. */
function close(id: string): void {
  bench.cases.dataException(bench.quinn, { id, reason: 'test', ref: 'T' });
  move(id, 'returned-unrepaired', 'test');
  if (bench.cases.get({ id }).causes.length === 0)
    bench.cases.addCause(bench.tess, { id, code: 'HW.BOARD.DEAD' });
  move(id, 'closed');
}
