import { afterEach, describe, expect, it } from 'vitest';
import { BenchError } from '../../../shared/errors/index.ts';
import type { IdentityConflict } from '../../../shared/model/cases.ts';
import { WIPE_RECORD_TYPE, WipeStatement } from '../../../shared/model/records.ts';
import { evidenceOps } from '../../../shared/ops/evidence.ts';
import { ed25519Signer, keysById, unseal } from '../evidence/dsse.ts';
import { evidenceProjection } from '../evidence/projectors.ts';
import { createRecords } from '../evidence/records.ts';
import { type Handler, scriptedUnit, settle, testIdentity, untilStopped } from '../procedures/testing.ts';
import type { OpKinds } from '../storage/log.ts';
import type { Store } from '../storage/store.ts';
import { dyingStore, PORT_ID, request, TECHNICIAN, testCase, testRuns } from '../testing/runs.ts';
import { createWipeRules } from './rules.ts';

const WIPE = `kind: wipe
destructive: true
families: [at]
setup:
  - { id: lock, title: Locks, action: lock }
main:
  - id: reset
    title: Reset
    action: factory-reset
    timeout: 1 min
    restarts: 30 s
    expect:
      - { value: directed, equals: true, otherwise: The unit did not accept the reset. }
  - { id: proof, title: Proof, action: reset-proof, timeout: 1 min }
teardown:
  - { id: tidy, title: Tidy up, action: logs }
`;

const good: Record<string, Handler> = {
  lock: async () => ({ state: 'READY', deviceLock: 'NONE' }),
  'factory-reset': async () => ({ directed: true, answer: 'OK' }),
  'reset-proof': async () => ({ proven: true, evidence: 'It reports SETUP(PENDING).' }),
  logs: async () => ({ bytes: 1 }),
};

const open: { dispose(): Promise<void> }[] = [];
afterEach(async () => {
  for (const test of open.splice(0)) await test.dispose();
});

/** A bench whose wipes are signed for real. */
function bench(unit: Pick<ReturnType<typeof scriptedUnit>, 'open'>) {
  let rmaCase = testCase();
  const recordsOn = (store: Store) =>
    createRecords({
      store,
      signer: () => ed25519Signer(test.stored.store.privateKey),
      keys: keysById(test.stored.store.publicKey),
      artifactSha256: () => null,
    });
  const test = testRuns({
    procedures: { wipe: WIPE },
    units: { [PORT_ID]: unit },
    kinds: evidenceOps as unknown as OpKinds,
    projections: [evidenceProjection],
    rules: (store) =>
      createWipeRules({
        records: recordsOn(store),
        caseOf: () => rmaCase,
        artifactOf: (id) => {
          throw new BenchError('input.not-found', { what: 'artifact', id });
        },
        station: () => ({
          id: test.stored.store.stationId,
          name: 'Bench 1',
          mode: 'training',
          version: '1.2.3',
        }),
        id: () => store.clock.id(),
      }),
  });
  open.push(test);
  return {
    ...test,
    setCase(over: Parameters<typeof testCase>[0]) {
      rmaCase = testCase(over);
      test.setCase(over ?? {});
    },
    records: () => recordsOn(test.stored.store),
    /** The one signed statement of a run. */
    statement(recordId: string | null): WipeStatement {
      const { envelope } = recordsOn(test.stored.store).get(recordId ?? '');
      const opened = unseal(envelope, WIPE_RECORD_TYPE, keysById(test.stored.store.publicKey));
      if (!opened.ok) throw new Error(opened.detail);
      return WipeStatement.parse(JSON.parse(opened.payload.toString('utf8')));
    },
  };
}

const conflict: IdentityConflict = {
  field: 'serial',
  unitSays: 'SER12345',
  labelSays: 'SER99999',
  caseSays: 'SER12345',
  message: 'Serial number: the label says SER99999, the unit says SER12345.',
  waysOut: ['re-read'],
};
const wipe = request({ procedureId: 'wipe', confirm: '7518' });

describe('a wipe', () => {
  it('that is proven passes, with a signed record of who, what and how', async () => {
    const test = bench(scriptedUnit(good));
    const runs = test.open();
    const { id } = await runs.start(TECHNICIAN, wipe);
    await runs.ended(id);
    const run = runs.get(id);
    expect(run).toMatchObject({ outcome: 'pass', message: null });
    expect(run.phases.map((phase) => [phase.id, phase.outcome])).toEqual([
      ['connect', 'pass'],
      ['lock', 'pass'],
      ['wipe-safety', 'pass'],
      ['reset', 'pass'],
      ['proof', 'pass'],
      ['wipe-rematch', 'pass'],
      ['tidy', 'pass'],
    ]);
    expect(run.phases[2]?.values).toMatchObject({
      matchedBy: 'imei1, serial',
      lock: 'NONE',
      target: 'phone',
    });
    expect(test.statement(run.recordId)).toMatchObject({
      runId: id,
      verdict: 'verified',
      reasons: [],
      mode: 'training',
      case: { number: 'B1-000001' },
      unit: { identity: testIdentity(), readAt: run.phases[2]?.endedAt },
      matchedBy: ['serial', 'imei1'],
      method: { technique: 'directed', category: 'Clear' },
      target: { id: 'phone', kind: 'phone' },
      verification: { method: 'state-after', result: 'passed', computedBy: 'bench' },
      operator: { name: 'Ana' },
      consent: { by: 'Customer', ref: 'mail of Monday' },
      procedure: { id: 'wipe', version: 3, hash: run.procedureHash },
    });
    expect(test.records().verify(run.recordId ?? '')).toMatchObject({ ok: true });
    expect(runs.markInterrupted()).toEqual([]);
  });

  it.each<[string, Record<string, Handler>, string, string, string]>([
    [
      'without proof is unverified',
      { ...good, 'reset-proof': async () => ({ proven: false, evidence: 'Nothing shows it.' }) },
      'unverified',
      'unverified',
      'wipe.unverified',
    ],
    [
      'that the unit does not take cannot be done',
      { ...good, 'factory-reset': async () => ({ directed: false, answer: 'ERROR' }) },
      'fail',
      'cannot-sanitize',
      'procedure.expectation',
    ],
    [
      'of a locked unit cannot be done, and nothing is destroyed',
      { ...good, lock: async () => ({ state: 'READY', deviceLock: 'FRP' }) },
      'error',
      'cannot-sanitize',
      'wipe.locked',
    ],
    [
      'whose unit is unplugged in the reset is interrupted',
      {
        ...good,
        'factory-reset': async () => {
          throw new BenchError('port.gone', { address: 'P' });
        },
      },
      'interrupted',
      'interrupted',
      'port.gone',
    ],
    [
      'whose unit restarts and does not come back is unverified',
      {
        ...good,
        'reset-proof': async () => {
          throw new BenchError('port.gone', { address: 'P' });
        },
      },
      'unverified',
      'unverified',
      'wipe.unverified',
    ],
  ])('%s', async (_, handlers, outcome, verdict, errorCode) => {
    const unit = scriptedUnit(handlers);
    const test = bench(unit);
    const runs = test.open();
    const { id } = await runs.start(TECHNICIAN, wipe);
    if (outcome === 'unverified' && handlers['reset-proof'] !== good['reset-proof']) {
      await settle();
      unit.becomes(new BenchError('port.gone', { address: 'P' }));
      await test.time.advance(60_000);
    }
    await runs.ended(id);
    const run = runs.get(id);
    expect(run).toMatchObject({ outcome, errorCode });
    const statement = test.statement(run.recordId);
    expect(statement.verdict).toBe(verdict);
    expect(statement.method.category).toBeNull();
    expect(statement.reasons.length).toBeGreaterThan(0);
    expect(test.records().verify(run.recordId ?? '')).toMatchObject({ ok: true });
  });

  it('is refused before it begins, without touching the unit', async () => {
    const unit = scriptedUnit(good);
    const test = bench(unit);
    const runs = test.open();
    await expect(runs.start(TECHNICIAN, { ...wipe, confirm: null })).rejects.toMatchObject({
      code: 'wipe.not-confirmed',
    });
    await expect(runs.start(TECHNICIAN, { ...wipe, confirm: '0000' })).rejects.toMatchObject({
      code: 'wipe.confirmation-wrong',
    });
    test.setRole('auditor');
    await expect(runs.start(TECHNICIAN, wipe)).rejects.toMatchObject({ code: 'wipe.role' });
    test.setRole('technician');
    test.setCase({ consent: null });
    await expect(runs.start(TECHNICIAN, wipe)).rejects.toMatchObject({ code: 'wipe.no-consent' });
    test.setCase({ fields: { dataInstruction: 'keep' } });
    await expect(runs.start(TECHNICIAN, wipe)).rejects.toMatchObject({ code: 'wipe.instruction' });
    expect(runs.list({ limit: 10 })).toEqual([]);
    expect(unit.opened).toBe(0);
  });

  it('with the last four of the wrong identifier destroys nothing, and leaves no record of a wipe', async () => {
    const unit = scriptedUnit(good);
    const test = bench(unit);
    const runs = test.open();
    const { id } = await runs.start(TECHNICIAN, { ...wipe, confirm: '2345' });
    await runs.ended(id);
    const run = runs.get(id);
    expect(run).toMatchObject({ outcome: 'error', errorCode: 'wipe.confirmation-wrong' });
    expect(unit.calls).not.toContain('factory-reset');
    expect(run.message).toMatch(/^The wipe was not started: .*The confirmation does not match/);
    expect(run.recordId).toBeNull();
    expect(test.records().list(run.caseId)).toEqual([]);
  });

  it('whose locks the unit will not tell about is not started, and says nothing of the unit', async () => {
    const refuses = async () => {
      throw new BenchError('unit.refused', { command: 'AT+CPIN?', detail: 'ERROR' });
    };
    const unit = scriptedUnit({ ...good, lock: refuses });
    const test = bench(unit);
    const runs = test.open();
    const { id } = await runs.start(TECHNICIAN, wipe);
    await runs.ended(id);
    expect(runs.get(id)).toMatchObject({ outcome: 'fail', errorCode: 'unit.refused', recordId: null });
  });

  it.each<[string, (test: ReturnType<typeof bench>) => void, string]>([
    ['the consent was withdrawn', (test) => test.setCase({ consent: null }), 'wipe.no-consent'],
    ['a conflict came up', (test) => test.setCase({ conflicts: [conflict] }), 'run.identity-conflict'],
    ['the unit has left', (test) => test.setCase({ status: 'shipped' }), 'case.unit-left'],
    ['the role was taken away', (test) => test.setRole('auditor'), 'wipe.role'],
    ['the person was taken off the bench', (test) => test.setRole(null), 'wipe.role'],
  ])('stops when, while the unit lists its media, %s', async (_, happens, errorCode) => {
    const unit = scriptedUnit(good);
    const { session } = unit;
    const test = bench(unit);
    const list = session.wipeTargets.bind(session);
    session.wipeTargets = async (signal) => {
      const targets = await list(signal);
      happens(test);
      return targets;
    };
    const runs = test.open();
    const { id } = await runs.start(TECHNICIAN, wipe);
    await runs.ended(id);
    expect(runs.get(id)).toMatchObject({ outcome: 'error', errorCode, recordId: null });
    expect(unit.calls).not.toContain('factory-reset');
  });

  it('states what authorised it, whatever the case says by the time it ends', async () => {
    const test = bench(
      scriptedUnit({
        ...good,
        'reset-proof': async () => {
          const identifiers = { serial: 'CORRECTED1', imei1: null, imei2: null, meid: null };
          test.setCase({ identifiers, consent: { by: 'Somebody else', ref: 'later' }, unit: null });
          return { proven: true, evidence: 'It reports SETUP(PENDING).' };
        },
      }),
    );
    const runs = test.open();
    const { id } = await runs.start(TECHNICIAN, wipe);
    await runs.ended(id);
    const run = runs.get(id);
    expect(run).toMatchObject({ outcome: 'pass', message: null });
    expect(test.statement(run.recordId)).toMatchObject({
      verdict: 'verified',
      expected: { serial: 'SER12345', imei1: '490154203237518' },
      label: { serial: 'SER12345' },
      matchedBy: ['serial', 'imei1'],
      consent: { by: 'Customer', ref: 'mail of Monday' },
    });
  });

  it('keeps of a step that is cut off what it had told until then', async () => {
    const test = bench(
      scriptedUnit({
        ...good,
        'factory-reset': (_, { signal, tell }) => {
          tell({ answer: 'half an answer' });
          return untilStopped(signal);
        },
      }),
    );
    const runs = test.open();
    const { id } = await runs.start(TECHNICIAN, wipe);
    await settle();
    await test.time.advance(60_000);
    await runs.ended(id);
    const run = runs.get(id);
    expect(run).toMatchObject({ outcome: 'timeout', errorCode: 'procedure.phase-timeout' });
    const reset = run.phases.find((phase) => phase.id === 'reset');
    expect(reset?.values).toEqual({ directed: null, answer: 'half an answer' });
    const { verdict, reasons } = test.statement(run.recordId);
    expect([verdict, reasons[0]]).toEqual(['failed', 'It is not known whether the unit took the reset']);
  });

  it('whose record the disk will not take is tried again, and ends once', async () => {
    const test = bench(scriptedUnit(good));
    const { store } = test.stored;
    let full = true;
    const runs = test.open({
      ...store,
      append(actor, inputs) {
        if (!full || inputs[0]?.kind !== 'record.signed') return store.append(actor, inputs);
        const error = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
        return store.transaction(() => {
          throw error;
        });
      },
    });
    const { id } = await runs.start(TECHNICIAN, wipe);
    await settle(120);
    expect(runs.get(id)).toMatchObject({ state: 'running', recordId: null });
    expect(runs.get(id).progress?.label).toMatch(/full/);
    full = false;
    await test.time.advance(5_000);
    await runs.ended(id);
    const run = runs.get(id);
    expect(run.outcome).toBe('pass');
    expect(test.statement(run.recordId).verdict).toBe('verified');
    const ends = test.stored.store.after(0, 100).filter(({ kind }) => kind === 'run.ended');
    expect(ends).toHaveLength(1);
  });

  it('of a unit that was exchanged after the connection stops right before', async () => {
    const unit = scriptedUnit({
      ...good,
      lock: async () => {
        unit.becomes(testIdentity({ serial: 'OTHER999', imei1: '356938035643817' }));
        return { state: 'READY', deviceLock: 'NONE' };
      },
    });
    const test = bench(unit);
    const runs = test.open();
    const { id } = await runs.start(TECHNICIAN, wipe);
    await runs.ended(id);
    expect(runs.get(id)).toMatchObject({ outcome: 'error', errorCode: 'wipe.identity-mismatch' });
    expect(unit.calls).not.toContain('factory-reset');
  });

  it('after which another unit answers halts, and is not verified', async () => {
    const unit = scriptedUnit({
      ...good,
      'reset-proof': async () => {
        unit.becomes(testIdentity({ serial: 'OTHER999', imei1: '356938035643817' }));
        return { proven: true, evidence: 'x' };
      },
    });
    const test = bench(unit);
    const runs = test.open();
    const { id } = await runs.start(TECHNICIAN, wipe);
    await runs.ended(id);
    const run = runs.get(id);
    expect(run).toMatchObject({ outcome: 'error', errorCode: 'wipe.other-unit-after-restart' });
    expect(test.statement(run.recordId).verdict).toBe('unverified');
    // Nothing more is asked of a stranger, not by the teardown either.
    expect(unit.calls.at(-1)).toBe('reset-proof');
  });

  it('whose unit comes back on a new connection is matched there', async () => {
    const unit = scriptedUnit({
      ...good,
      'reset-proof': async () => {
        throw new BenchError('port.gone', { address: 'P' });
      },
    });
    const test = bench(unit);
    const runs = test.open();
    const { id } = await runs.start(TECHNICIAN, wipe);
    await test.time.advance(5_000);
    await runs.ended(id);
    expect(unit.opened).toBe(2);
    expect(unit.closed).toBe(2);
    expect(runs.get(id).phases.map((phase) => [phase.id, phase.outcome])).toContainEqual([
      'wipe-rematch',
      'pass',
    ]);
    expect(runs.get(id).outcome).toBe('unverified');
  });

  it('that a person stops is interrupted on record, and aborted as a run', async () => {
    const test = bench(scriptedUnit({ ...good, 'factory-reset': (_, { signal }) => untilStopped(signal) }));
    const runs = test.open();
    const { id } = await runs.start(TECHNICIAN, wipe);
    await settle();
    runs.abort(TECHNICIAN, { id });
    await runs.ended(id);
    const run = runs.get(id);
    expect(run.outcome).toBe('aborted');
    expect(test.statement(run.recordId)).toMatchObject({ verdict: 'interrupted', operator: { name: 'Ana' } });
  });
});

describe('a wipe whose station dies', () => {
  // started, 7 phases twice, the record, the end: 17 entries.
  it.each(Array.from({ length: 17 }, (_, entry) => entry))(
    'at entry %i of the log has one record if it had begun, never “verified”',
    async (entry) => {
      const test = bench(scriptedUnit(good));
      const dying = dyingStore(test.stored.store, entry);
      const started = test
        .open(dying.store)
        .start(TECHNICIAN, wipe)
        .catch(() => null);
      await settle(120);
      await started;
      expect(dying.dead).toBe(true);
      test.stored.reopen();
      const runs = test.open();
      expect(runs.markInterrupted()).toHaveLength(entry === 0 ? 0 : 1);
      const [run] = runs.list({ limit: 1 });
      if (!run) return;
      expect(run.outcome).toBe('interrupted');
      const records = test.records().list(run.caseId);
      // The eighth entry is the start of the step that destroys.
      expect(records.map(({ verdict }) => verdict)).toEqual(entry < 8 ? [] : ['interrupted']);
      expect(runs.get(run.id).recordId).toBe(records[0]?.id ?? null);
    },
  );
});
