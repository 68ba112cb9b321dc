import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { AtPhone, type AtPhoneOptions } from '../../electron/rack/at/phone.ts';
import { createConsoleUnit, MEDIA, RACK_PASSWORD } from '../../electron/rack/console/index.ts';
import { mountInProcess } from '../../electron/rack/mount.ts';
import { AT_ACTIONS, createAtDriver } from '../../electron/station/drivers/at.ts';
import { createConsoleDriver } from '../../electron/station/drivers/console.ts';
import { CONSOLE_ACTIONS } from '../../electron/station/drivers/console-actions.ts';
import type { Action, UnitSession } from '../../electron/station/drivers/driver.ts';
import { loadProcedures } from '../../electron/station/procedures/load.ts';
import { systemTimers } from '../../electron/station/procedures/timers.ts';
import {
  CASE_ID,
  PORT_ID,
  request,
  TECHNICIAN,
  testCase,
  testRuns,
  UNIT_ID,
} from '../../electron/station/testing/runs.ts';
import { createMemoryLine } from '../../electron/station/transports/memory.ts';
import { createWipeRules } from '../../electron/station/wipe/rules.ts';
import type { CaseIdentifiers } from '../../shared/model/cases.ts';
import type { WipeStatement } from '../../shared/model/records.ts';
import { statementProblems } from '../../shared/model/records.ts';
import type { Family, Identity } from '../../shared/model/units.ts';
import { describeWith } from '../support/parts.ts';

const folder = fileURLToPath(new URL('../../resources/procedures/', import.meta.url));
const actions = new Map<Family, Readonly<Record<string, Action>>>([
  ['at', AT_ACTIONS],
  ['console', CONSOLE_ACTIONS],
]);
const driver = createAtDriver();

const open: { dispose(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.dispose();
});

type OpenUnit = (signal: AbortSignal) => Promise<UnitSession>;

/** The shipped procedures on a unit whose case is open, through its real driver; records are kept, not signed. */
async function benchFor(family: Family, openUnit: OpenUnit, identifiers: CaseIdentifiers) {
  const unit = {
    family,
    async open(signal: AbortSignal, use: (session: UnitSession, identity: Identity) => Promise<void>) {
      const session = await openUnit(signal);
      try {
        await use(session, await session.identify(signal));
      } finally {
        await session.close();
      }
    },
  };
  const statements: WipeStatement[] = [];
  const artifacts: number[] = [];
  const rmaCase = testCase({ identifiers });
  const test = testRuns({
    procedures: await loadProcedures(folder, actions),
    actions,
    timers: systemTimers,
    units: { [PORT_ID]: unit },
    openArtifact: async () => {
      let bytes = 0;
      return {
        async write(piece) {
          bytes += piece.length;
        },
        async finish() {
          artifacts.push(bytes);
          return { id: UNIT_ID, size: bytes, sha256: '0'.repeat(64) };
        },
        discard: async () => {},
      };
    },
    rules: (store) =>
      createWipeRules({
        records: {
          sign(statement) {
            expect(statementProblems(statement)).toEqual([]);
            statements.push(statement);
            return { id: statement.recordId };
          },
        },
        caseOf: () => rmaCase,
        artifactOf: () => ({ sha256: '0'.repeat(64) }),
        station: () => ({ id: store.clock.id(), name: 'Bench', mode: 'training', version: '1' }),
        id: () => store.clock.id(),
      }),
  });
  test.setCase(rmaCase);
  open.push(test);
  const runs = test.open();
  const run = async (procedureId: string, over: Partial<Parameters<typeof request>[0]> = {}) => {
    const { id } = await runs.start(TECHNICIAN, request({ procedureId, ...over }));
    await runs.ended(id);
    return runs.get(id);
  };
  return { run, statements, artifacts };
}

const none: CaseIdentifiers = { serial: null, imei1: null, imei2: null, meid: null };

/** A virtual phone on an in-process cable. */
async function bench(options: AtPhoneOptions & { reopens?: boolean } = {}) {
  const core = new AtPhone({ rebootMs: 1, ...options });
  const mount = mountInProcess(core);
  open.push({ dispose: () => mount.close() });
  const connect = async () => {
    const { transport, far } = createMemoryLine();
    mount.plug(far);
    return transport;
  };
  const reopen = options.reopens ? { reopen: connect } : {};
  const { serial, imei1 } = core.identity;
  const openUnit: OpenUnit = async (signal) => driver.open(await connect(), { signal, ...reopen });
  return { ...(await benchFor('at', openUnit, { ...none, serial, imei1 })), mount, core };
}

describe('the shipped procedures on a virtual phone', () => {
  it('intake reads identity, firmware, battery, locks and keeps a log', async () => {
    const { run, core, artifacts } = await bench();
    const answers = { condition: 'worn', accessories: 'charger' };
    const done = await run('at-intake', { answers });
    expect(done).toMatchObject({ outcome: 'pass', caseId: CASE_ID });
    const values = Object.fromEntries(done.phases.map((phase) => [phase.id, phase.values]));
    expect(values.identity).toMatchObject({
      serial: core.identity.serial,
      firmware: core.identity.firmware,
    });
    expect(values.lock).toMatchObject({ deviceLock: 'NONE' });
    expect(values.condition).toEqual({ answer: 'worn' });
    expect(done.phases.find(({ id }) => id === 'photo-box')?.state).toBe('skipped');
    expect(artifacts[0]).toBeGreaterThan(100);
    expect(done.phases.find(({ id }) => id === 'log')?.artifactIds).toHaveLength(1);
  });

  it('quick diagnosis passes a healthy one', async () => {
    const { run } = await bench();
    const done = await run('at-quick-diagnosis');
    expect(done).toMatchObject({ outcome: 'pass', message: null });
    expect(
      done.phases.flatMap(({ measurements }) => measurements.filter(({ ok }) => ok === true)).length,
    ).toBe(3);
  });

  it('a phone with another IMEI is stopped at the door', async () => {
    const { run, mount } = await bench();
    mount.setFault('wrong-imei', true);
    expect(await run('at-quick-diagnosis')).toMatchObject({
      outcome: 'error',
      errorCode: 'run.identity-conflict',
    });
  });

  it('wipe is verified when the phone shows it afterwards', async () => {
    const { run, core, statements } = await bench({ provesReset: true, reopens: true });
    const confirm = core.identity.imei1?.slice(-4) ?? '';
    expect(await run('at-wipe', { confirm })).toMatchObject({ outcome: 'pass' });
    expect(statements).toMatchObject([
      { verdict: 'verified', method: { technique: 'directed', category: 'Clear' } },
    ]);
  });

  it.each([true, false])(
    'wipe is unverified when nothing shows it, port reopened by the driver: %s',
    async (reopens) => {
      const { run, core, statements } = await bench({ reopens });
      const confirm = core.identity.imei1?.slice(-4) ?? '';
      expect(await run('at-wipe', { confirm })).toMatchObject({
        outcome: 'unverified',
        errorCode: 'wipe.unverified',
      });
      expect(statements).toMatchObject([{ verdict: 'unverified', method: { category: null } }]);
    },
  );

  it('inspection needs no port, and its conclusion decides', async () => {
    const { run } = await bench();
    const answers = {
      swelling: 'no',
      'photo-device': UNIT_ID,
      condition: 'broken',
      liquid: 'corrosion',
      power: 'dead',
      current: '12,5',
      conclusion: 'fail',
    };
    expect(await run('manual-inspection', { portId: null, answers })).toMatchObject({
      outcome: 'fail',
      message: 'Conclusion: The inspection found the unit faulty.',
    });
    const swollen = await run('manual-inspection', {
      portId: null,
      answers: { ...answers, swelling: 'yes' },
    });
    expect(swollen.outcome).toBe('fail');
    expect(swollen.message).toContain('the safety stop stands on the case');
    expect(swollen.phases.filter(({ state }) => state === 'done')).toHaveLength(1);
    // “In order” is no evidence of anything when the answers before say otherwise.
    const inOrder = { ...answers, condition: 'used', liquid: 'none', power: 'starts', conclusion: 'pass' };
    const inspect = (over: object) =>
      run('manual-inspection', { portId: null, answers: { ...inOrder, ...over } });
    expect(await inspect({})).toMatchObject({ outcome: 'pass', message: null });
    for (const over of [
      { power: 'dead' },
      { power: 'partly' },
      { liquid: 'corrosion' },
      { condition: 'broken' },
    ]) {
      expect((await inspect(over)).message).toMatch(/^Findings and conclusion: .*but/);
    }
  });
});

describeWith(['busybox'], 'the shipped procedures on a virtual console', () => {
  it('intake, quick diagnosis and a verified wipe', async () => {
    const core = createConsoleUnit();
    const mount = mountInProcess(core);
    open.push({ dispose: () => mount.close() });
    const consoleDriver = createConsoleDriver();
    const openUnit: OpenUnit = async (signal) => {
      const { transport, far } = createMemoryLine();
      mount.plug(far);
      return consoleDriver.open(transport, { signal, login: 'root', password: RACK_PASSWORD });
    };
    const { serial } = core.identity;
    const { run, statements, artifacts } = await benchFor('console', openUnit, { ...none, serial });

    expect(await run('console-intake')).toMatchObject({ outcome: 'pass', message: null });
    expect(artifacts.length).toBeGreaterThan(0);
    expect(await run('console-quick-diagnosis')).toMatchObject({ outcome: 'pass', message: null });

    const confirm = serial?.slice(-4) ?? '';
    const system = await run('console-wipe', { inputs: { target: '/dev/mmcblk0' }, confirm });
    expect(system).toMatchObject({ outcome: 'error', errorCode: 'wipe.target-not-allowed' });
    const data = MEDIA.at(-1)!;
    const wiped = await run('console-wipe', { inputs: { target: `/dev/${data.name}` }, confirm });
    expect(wiped).toMatchObject({ outcome: 'pass', message: null });
    // What was refused leaves no record of a wipe.
    expect(statements).toMatchObject([
      {
        verdict: 'verified',
        method: { technique: 'overwrite', category: 'Clear' },
        target: { id: `/dev/${data.name}`, bytes: data.bytes },
        bytesOverwritten: data.bytes,
        bytesReadBack: data.bytes,
        pastCache: true,
        verification: { method: 'read-back', result: 'passed', computedBy: 'unit' },
      },
    ]);
  });
});
