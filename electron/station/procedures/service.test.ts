import { afterEach, describe, expect, it } from 'vitest';
import { BenchError } from '../../../shared/errors/index.ts';
import { RunView } from '../../../shared/model/runs.ts';
import {
  CASE_ID,
  dyingStore,
  OTHER_PORT_ID,
  PORT_ID,
  request,
  TECHNICIAN,
  testRuns,
  testStop,
  UNIT_ID,
} from '../testing/runs.ts';
import { scriptedUnit, settle, testIdentity, untilStopped } from './testing.ts';

const DIAGNOSIS = `kind: diagnosis
families: [at]
setup:
  - { id: prepare, title: Prepare, action: identify }
main:
  - id: battery
    title: Battery
    action: battery
    measure:
      - { id: level, title: Level, value: level, unit: '%', min: 50, source: Data sheet }
  - { id: lock, title: Lock, action: lock }
teardown:
  - { id: tidy, title: Tidy up, action: logs }
`;
const MANUAL = `kind: inspection
families: []
inputs:
  place: { title: Place, pattern: "^[a-z]+$" }
main:
  - { id: photo, title: Photo, optional: true, prompt: { kind: photo, text: Show it. } }
  - { id: seen, title: Seen, prompt: { kind: confirm, text: Seen? } }
`;
const procedures = { diagnosis: DIAGNOSIS, manual: MANUAL, broken: 'kind: [' };
const good = {
  identify: async () => ({ serial: 'SER12345', imei1: null }),
  battery: async () => ({ level: 80, voltage: 4 }),
  lock: async () => ({ state: 'READY', deviceLock: 'NONE' }),
  logs: async () => ({ bytes: 10 }),
};
const waits = { ...good, battery: (_: unknown, { signal }: { signal: AbortSignal }) => untilStopped(signal) };

const open: { dispose(): Promise<void> }[] = [];
function bench(units: Parameters<typeof testRuns>[0]['units']) {
  const test = testRuns({ procedures, units: units ?? {} });
  open.push(test);
  return test;
}
afterEach(async () => {
  for (const test of open.splice(0)) await test.dispose();
});

describe('a run on record', () => {
  it('is there at once, and whole when it has ended', async () => {
    const test = bench({ [PORT_ID]: scriptedUnit(good) });
    const runs = test.open();
    const started = await runs.start(TECHNICIAN, request({ procedureId: 'diagnosis' }));
    expect(RunView.parse(started)).toMatchObject({
      caseNumber: 'B1-000001',
      unitId: UNIT_ID,
      portLabel: 'left',
      procedureVersion: 3,
      state: 'running',
      outcome: null,
      startedBy: 'Ana',
      programVersion: '1.2.3',
    });
    expect(runs.active()).toEqual([
      { runId: started.id, title: 'Title of diagnosis', caseNumber: 'B1-000001' },
    ]);
    await runs.ended(started.id);
    const run = RunView.parse(runs.get(started.id));
    expect(run).toMatchObject({ state: 'ended', outcome: 'pass', message: null, errorCode: null });
    expect(run.phases.map(({ id, section, state, outcome }) => [id, section, state, outcome])).toEqual([
      ['connect', 'setup', 'done', 'pass'],
      ['prepare', 'setup', 'done', 'pass'],
      ['battery', 'main', 'done', 'pass'],
      ['lock', 'main', 'done', 'pass'],
      ['tidy', 'teardown', 'done', 'pass'],
    ]);
    expect(run.phases[2]).toMatchObject({
      values: { level: 80, voltage: 4 },
      measurements: [
        { id: 'level', value: 80, unit: '%', min: 50, max: null, ok: true, source: 'Data sheet' },
      ],
    });
    expect(runs.active()).toEqual([]);
    expect(test.ended).toEqual([{ portId: PORT_ID, outcome: 'pass', code: null }]);
    expect(runs.list({ caseId: CASE_ID, limit: 10 })).toHaveLength(1);
    expect(runs.list({ unitId: UNIT_ID, limit: 10 })).toHaveLength(1);
    expect(runs.list({ caseId: OTHER_PORT_ID, limit: 10 })).toHaveLength(0);
  });

  it('is the same when it is made anew from the log', async () => {
    const test = bench({
      [PORT_ID]: scriptedUnit({ ...good, battery: async () => ({ level: 12, voltage: null }) }),
    });
    const runs = test.open();
    const { id } = await runs.start(TECHNICIAN, request({ procedureId: 'diagnosis' }));
    await runs.ended(id);
    const before = runs.get(id);
    expect(before).toMatchObject({ outcome: 'fail', errorCode: 'procedure.out-of-limits' });
    expect(before.phases.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'skipped', 'done']);
    test.stored.store.rebuild();
    expect(runs.get(id)).toEqual(before);
  });
});

describe('starting', () => {
  it.each<[string, Parameters<typeof request>[0], string]>([
    ['an unknown procedure', { procedureId: 'nothing' }, 'input.not-found'],
    ['a broken procedure', { procedureId: 'broken' }, 'procedure.invalid'],
    ['an unknown case', { procedureId: 'diagnosis', caseId: UNIT_ID }, 'input.not-found'],
    ['an unknown port', { procedureId: 'diagnosis', portId: OTHER_PORT_ID }, 'input.not-found'],
    ['no port', { procedureId: 'diagnosis', portId: null }, 'procedure.needs-port'],
    ['a port too many', { procedureId: 'manual', inputs: { place: 'bench' } }, 'procedure.needs-no-port'],
    ['a missing input', { procedureId: 'manual', portId: null }, 'procedure.input-missing'],
    [
      'an input of no kind',
      { procedureId: 'manual', portId: null, inputs: { place: 'a', to: 'b' } },
      'procedure.input-unknown',
    ],
    [
      'a strange input',
      { procedureId: 'manual', portId: null, inputs: { place: 'a b' } },
      'procedure.input-invalid',
    ],
    [
      'an input with a line break',
      { procedureId: 'manual', portId: null, inputs: { place: 'a\nreboot' } },
      'procedure.input-invalid',
    ],
    [
      'an answer to nothing',
      { procedureId: 'manual', portId: null, inputs: { place: 'a' }, answers: { sen: 'yes' } },
      'procedure.unknown-prompt',
    ],
    [
      'an answer that does not fit',
      { procedureId: 'manual', portId: null, inputs: { place: 'a' }, answers: { seen: 'perhaps' } },
      'procedure.bad-answer',
    ],
    [
      'a picture of another case',
      {
        procedureId: 'manual',
        portId: null,
        inputs: { place: 'a' },
        answers: { photo: '01990000-0000-7000-8000-000000000001' },
      },
      'procedure.bad-answer',
    ],
  ])('with %s is refused, and there is no run', async (_, given, code) => {
    const unit = scriptedUnit(good);
    const test = bench({ [PORT_ID]: unit });
    const runs = test.open();
    await expect(runs.start(TECHNICIAN, request(given))).rejects.toMatchObject({ code });
    expect(runs.list({ limit: 10 })).toEqual([]);
    expect(unit.opened).toBe(0);
  });

  it.each<[string, Parameters<ReturnType<typeof testRuns>['setCase']>[0], string]>([
    ['a closed case', { status: 'closed' }, 'case.closed'],
    ['a case whose unit has left', { status: 'shipped' }, 'case.unit-left'],
    ['a safety stop', { safety: testStop }, 'safety.not-reported'],
  ])('is refused under %s', async (_, over, code) => {
    const test = bench({ [PORT_ID]: scriptedUnit(good) });
    test.setCase(over);
    await expect(test.open().start(TECHNICIAN, request({ procedureId: 'diagnosis' }))).rejects.toMatchObject({
      code,
    });
  });

  it('runs on two ports at once, and a second on a busy port is refused by name', async () => {
    const test = bench({ [PORT_ID]: scriptedUnit(waits), [OTHER_PORT_ID]: scriptedUnit(good) });
    const runs = test.open();
    const first = await runs.start(TECHNICIAN, request({ procedureId: 'diagnosis' }));
    await settle();
    await expect(runs.start(TECHNICIAN, request({ procedureId: 'diagnosis' }))).rejects.toMatchObject({
      code: 'port.in-use',
      params: { by: 'Title of diagnosis' },
    });
    const second = await runs.start(TECHNICIAN, request({ procedureId: 'diagnosis', portId: OTHER_PORT_ID }));
    await runs.ended(second.id);
    expect(runs.get(second.id).outcome).toBe('pass');
    expect(runs.list({ limit: 10 }).map(({ id }) => id)).toEqual([second.id, first.id]);
    runs.abort(TECHNICIAN, { id: first.id, reason: 'done' });
    await runs.ended(first.id);
    expect(runs.get(first.id)).toMatchObject({
      outcome: 'aborted',
      message: 'Battery: Stopped by Ana: done.',
    });
    expect(() => runs.abort(TECHNICIAN, { id: first.id })).toThrow(
      expect.objectContaining({ code: 'run.already-ended' }),
    );
    const again = await runs.start(TECHNICIAN, request({ procedureId: 'diagnosis' }));
    runs.abort(TECHNICIAN, { id: again.id });
    await runs.ended(again.id);
  });
});

describe('the unit and its case', () => {
  it('another unit stops the run before anything is asked of it', async () => {
    const unit = scriptedUnit(good, testIdentity({ serial: 'OTHER999' }));
    const test = bench({ [PORT_ID]: unit });
    const runs = test.open();
    const { id } = await runs.start(TECHNICIAN, request({ procedureId: 'diagnosis' }));
    await runs.ended(id);
    expect(runs.get(id)).toMatchObject({ outcome: 'error', errorCode: 'run.identity-conflict' });
    expect(runs.get(id).message).toContain('the unit says OTHER999');
    expect(unit.calls).toEqual([]);
    expect(test.ended).toEqual([{ portId: PORT_ID, outcome: 'error', code: 'run.identity-conflict' }]);
  });

  it('a safety stop recorded meanwhile stops the run that is under way', async () => {
    const test = bench({ [PORT_ID]: scriptedUnit(waits) });
    const runs = test.open();
    const { id } = await runs.start(TECHNICIAN, request({ procedureId: 'diagnosis' }));
    await settle();
    test.setCase({ safety: testStop });
    test.stored.store.append(TECHNICIAN, [{ kind: 'test.case-changed', entityId: CASE_ID, body: {} }]);
    await runs.ended(id);
    expect(runs.get(id)).toMatchObject({ outcome: 'error', errorCode: 'safety.not-reported' });
  });
});

describe('looking for what can be wiped', () => {
  const ask = { portId: PORT_ID, caseId: CASE_ID };

  it('looks at the case’s unit', async () => {
    const runs = bench({ [PORT_ID]: scriptedUnit(good) }).open();
    expect(await runs.wipeTargets(TECHNICIAN, ask)).toMatchObject([{ id: 'phone' }]);
  });

  it('does not open the port of a unit that nobody may work on', async () => {
    const unit = scriptedUnit(good);
    const test = bench({ [PORT_ID]: unit });
    test.setCase({ safety: testStop });
    await expect(test.open().wipeTargets(TECHNICIAN, ask)).rejects.toMatchObject({
      code: 'safety.not-reported',
    });
    expect(unit.opened).toBe(0);
  });

  it('asks no other unit than the case’s', async () => {
    const runs = bench({ [PORT_ID]: scriptedUnit(good, testIdentity({ serial: 'OTHER999' })) }).open();
    await expect(runs.wipeTargets(TECHNICIAN, ask)).rejects.toMatchObject({ code: 'run.identity-conflict' });
  });
});

describe('a run that cannot be ended', () => {
  it('does not keep the bench from opening', async () => {
    const test = bench({ [PORT_ID]: scriptedUnit({ ...good, battery: () => new Promise(() => {}) }) });
    const { id } = await test.open().start(TECHNICIAN, request({ procedureId: 'diagnosis' }));
    await settle();
    test.stored.reopen();
    const { store } = test.stored;
    const failing = test.open({
      ...store,
      append() {
        throw new BenchError('storage.full', { path: 'disk' });
      },
    });
    expect(failing.markInterrupted()).toEqual([]);
    expect(test.open().markInterrupted()).toEqual([id]);
  });
});

describe('questions', () => {
  it('are answered by whoever is asked, who is on record', async () => {
    const test = bench({});
    const runs = test.open();
    const { id } = await runs.start(
      TECHNICIAN,
      request({ procedureId: 'manual', portId: null, inputs: { place: 'bench' } }),
    );
    await settle();
    expect(runs.get(id).prompt).toMatchObject({ id: 'seen' });
    expect(test.events.at(-1)).toMatchObject({
      type: 'run',
      runId: id,
      caseId: CASE_ID,
      prompt: { id: 'seen' },
    });
    runs.answer({ id: 'person-2', name: 'Ben' }, { id, promptId: 'seen', value: 'yes' });
    await runs.ended(id);
    expect(runs.get(id)).toMatchObject({ outcome: 'pass', prompt: null });
    const ops = test.stored.store.after(0, 100);
    expect(
      ops.find(
        ({ kind, body }) => kind === 'run.phase-ended' && (body as { phaseId: string }).phaseId === 'seen',
      )?.actorName,
    ).toBe('Ben');
    expect(() => runs.answer(TECHNICIAN, { id, promptId: 'seen', value: 'no' })).toThrow(
      expect.objectContaining({ code: 'run.already-ended' }),
    );
  });
});

describe('a station that goes away', () => {
  // run.started, five phases twice, run.ended: whatever is not on record when it dies did not happen.
  it.each(Array.from({ length: 12 }, (_, entry) => entry))(
    'at entry %i of the log leaves no run that passes',
    async (entry) => {
      const test = bench({ [PORT_ID]: scriptedUnit(good) });
      const dying = dyingStore(test.stored.store, entry);
      const before = test.open(dying.store);
      const started = before.start(TECHNICIAN, request({ procedureId: 'diagnosis' })).catch(() => null);
      await settle(80);
      await started;
      expect(dying.dead).toBe(true);

      test.stored.reopen();
      const runs = test.open();
      const lost = runs.markInterrupted();
      const [run] = runs.list({ limit: 10 });
      if (entry === 0) {
        expect([lost, run]).toEqual([[], undefined]);
        return;
      }
      expect(lost).toEqual([run?.id]);
      const view = RunView.parse(runs.get(run?.id ?? ''));
      expect(view).toMatchObject({
        state: 'ended',
        outcome: 'interrupted',
        errorCode: 'run.station-stopped',
      });
      expect(view.phases.map(({ state }) => state)).not.toContain('running');
      expect(view.phases.map(({ state }) => state)).not.toContain('pending');
      // The phase whose end is missing is interrupted itself; those before it keep what they found.
      const open = entry % 2 === 0 && entry < 11 ? Math.floor(entry / 2) - 1 : null;
      for (const [index, phase] of view.phases.entries()) {
        if (index === open) expect(phase.outcome).toBe('interrupted');
        else expect(phase.outcome).toBe(index < Math.floor((entry - 1) / 2) ? 'pass' : null);
      }
      expect(runs.markInterrupted()).toEqual([]);
    },
  );

  it('by itself ends its runs as interrupted, with their teardown', async () => {
    const unit = scriptedUnit(waits);
    const test = bench({ [PORT_ID]: unit });
    const runs = test.open();
    const { id } = await runs.start(TECHNICIAN, request({ procedureId: 'diagnosis' }));
    await settle();
    await runs.close();
    expect(runs.get(id)).toMatchObject({ outcome: 'interrupted', errorCode: 'run.station-stopped' });
    expect(unit.calls).toEqual(['identify', 'battery', 'logs']);
    await expect(runs.start(TECHNICIAN, request({ procedureId: 'diagnosis' }))).rejects.toMatchObject({
      code: 'run.station-stopped',
    });
  });

  it('does not wait for ever for a unit that does not stop', async () => {
    const test = bench({ [PORT_ID]: scriptedUnit({ ...good, battery: () => new Promise(() => {}) }) });
    const runs = test.open();
    const { id } = await runs.start(TECHNICIAN, request({ procedureId: 'diagnosis' }));
    await settle();
    const closed = runs.close();
    await test.time.advance(10_000);
    await closed;
    test.stored.reopen();
    const next = test.open();
    expect(next.markInterrupted()).toEqual([id]);
    expect(next.get(id).phases.find((phase) => phase.id === 'battery')?.outcome).toBe('interrupted');
  });
});

describe('a full disk', () => {
  it('at the end keeps the run under way until its end can be written', async () => {
    const test = bench({ [PORT_ID]: scriptedUnit(good) });
    let full = false;
    const { store } = test.stored;
    const runs = test.open({
      ...store,
      append(actor, inputs) {
        if (full && inputs.some(({ kind }) => kind === 'run.ended'))
          throw new BenchError('storage.full', { path: 'disk' });
        return store.append(actor, inputs);
      },
    });
    full = true;
    const { id } = await runs.start(TECHNICIAN, request({ procedureId: 'diagnosis' }));
    await settle(80);
    expect(runs.get(id)).toMatchObject({
      state: 'running',
      progress: { label: 'The disk that holds disk is full.' },
    });
    expect(runs.active()).toHaveLength(1);
    full = false;
    await test.time.advance(5_000);
    expect(runs.get(id)).toMatchObject({ state: 'ended', outcome: 'pass' });
    expect(runs.active()).toEqual([]);
  });
});
