import { z } from 'zod';
import { BenchError } from '../../../shared/errors/index.ts';
import type { Role } from '../../../shared/model/people.ts';
import type { Progress, PromptView } from '../../../shared/model/ports.ts';
import type { Outcome } from '../../../shared/model/runs.ts';
import type { Family } from '../../../shared/model/units.ts';
import { opKind } from '../../../shared/ops/define.ts';
import { runOps } from '../../../shared/ops/runs.ts';
import type { ActionTables } from '../procedures/check-work.ts';
import { type LoadedProcedures, parseProcedure } from '../procedures/load.ts';
import { runProjection } from '../procedures/projection.ts';
import { createRuns, type RunsOptions, type StartRun } from '../procedures/service.ts';
import { manualTime, type scriptedUnit, testActions } from '../procedures/testing.ts';
import type { Timers } from '../procedures/timers.ts';
import type { DestructiveRules, RunActor, RunCase, RunPorts, Stop } from '../procedures/types.ts';
import type { OpKinds } from '../storage/log.ts';
import type { Projection, Store } from '../storage/store.ts';
import { testStore } from './store.ts';

export const TECHNICIAN: RunActor = { id: 'person-1', name: 'Ana', role: 'technician' };
export const CASE_ID = '01890000-0000-7000-8000-00000000000a';
export const UNIT_ID = '01890000-0000-7000-8000-00000000000b';
export const PORT_ID = '01890000-0000-7000-8000-00000000000c';
/** An artifact of the case that is a log; any other is a photo. */
export const LOG_ID = '01890000-0000-7000-8000-00000000000e';
export const OTHER_PORT_ID = '01890000-0000-7000-8000-00000000000d';

export const testStop: Stop = {
  reason: 'smoke',
  reportDueAt: '2026-01-01T10:00:00.000Z',
  reportedAt: null,
};

export const testCase = (over: Partial<RunCase> = {}): RunCase => ({
  id: CASE_ID,
  number: 'B1-000001',
  status: 'diagnosing',
  unit: {
    id: UNIT_ID,
    label: { serial: 'SER12345', imei1: null, imei2: null, meid: null, model: null },
    blocked: null,
  },
  identifiers: { serial: 'SER12345', imei1: '490154203237518', imei2: null, meid: null },
  conflicts: [],
  fields: { dataInstruction: 'wipe' },
  consent: { by: 'Customer', ref: 'mail of Monday' },
  safety: null,
  ...over,
});

/** Procedures by their YAML, without the head that all share. */
export function testProcedures(texts: Readonly<Record<string, string>>): LoadedProcedures {
  const procedures = new Map();
  const problems = [];
  for (const [id, text] of Object.entries(texts)) {
    const head = `id: ${id}\nversion: 3\ntitle: Title of ${id}\nsummary: Test.\n`;
    const parsed = parseProcedure(`${id}.yaml`, new TextEncoder().encode(head + text), testActions);
    if (Array.isArray(parsed)) problems.push(...parsed);
    else procedures.set(id, parsed);
  }
  return { procedures, problems };
}

/** A unit on a port; of the family “at” unless it says otherwise. */
type TestUnit = Pick<ReturnType<typeof scriptedUnit>, 'open'> & { readonly family?: Family };

/** Ports with one lease each and a unit on each. */
export function testPorts(units: Readonly<Record<string, TestUnit>>) {
  const held = new Map<string, string>();
  const ended: { portId: string; outcome: Outcome; code: string | null }[] = [];
  const shown: { portId: string; progress: Progress | null; prompt: PromptView | null }[] = [];
  const ports: RunPorts = {
    get(portId) {
      if (!units[portId]) throw new BenchError('input.not-found', { what: 'port', id: portId });
      return { label: portId === PORT_ID ? 'left' : 'right', family: units[portId].family ?? 'at' };
    },
    async withRun(portId, { title }, work) {
      const by = held.get(portId);
      if (by !== undefined) throw new BenchError('port.in-use', { label: portId, by });
      held.set(portId, title);
      try {
        return await work((_actor, signal, use) => units[portId]!.open(signal, use));
      } finally {
        held.delete(portId);
      }
    },
    async look(_actor, portId, _title, use) {
      const { signal } = new AbortController();
      let found: Awaited<ReturnType<typeof use>> | undefined;
      await units[portId]!.open(signal, async (session, identity) => {
        found = await use(session, identity, signal);
      });
      return found as Awaited<ReturnType<typeof use>>;
    },
    runProgress: (portId, progress, prompt) => shown.push({ portId, progress, prompt }),
    runEnded: (portId, outcome, error) => ended.push({ portId, outcome, code: error?.code ?? null }),
  };
  return { ports, ended, shown, held };
}

export const noRules: DestructiveRules = {
  preflight: () => {},
  authorise: () => Promise.reject(new Error('no rules')),
  rematch: () => {},
  settle: (_, end) => ({ ...end, recordId: null }),
};

export interface RunsHarness {
  readonly units?: Parameters<typeof testPorts>[0];
  /** By id, without the head that all share; or as they were loaded. */
  readonly procedures: Readonly<Record<string, string>> | LoadedProcedures;
  /** The tests' own family unless given. */
  readonly actions?: ActionTables;
  /** By hand unless given. */
  readonly timers?: Timers;
  readonly openArtifact?: RunsOptions['openArtifact'];
  readonly rules?: (store: Store) => DestructiveRules;
  /** Takes no answers unless given. */
  readonly sink?: RunsOptions['sink'];
  readonly kinds?: OpKinds;
  readonly projections?: readonly Projection[];
}

/** Stands for any change of a case. */
const caseChanged = opKind({
  class: 'ledger',
  entity: 'case',
  synced: false,
  body: z.object({}),
  describe: () => 'Changed',
});

/** Runs over a real store in a folder of its own, with scripted units and time by hand. */
export function testRuns(harness: RunsHarness) {
  const kinds = { ...runOps, 'test.case-changed': caseChanged } as unknown as OpKinds;
  const stored = testStore({ ...kinds, ...harness.kinds }, [
    runProjection,
    { tables: [], projectors: { 'test.case-changed': () => {} } },
    ...(harness.projections ?? []),
  ]);
  const isLoaded = (given: RunsHarness['procedures']): given is LoadedProcedures => 'problems' in given;
  const procedures = isLoaded(harness.procedures) ? harness.procedures : testProcedures(harness.procedures);
  const time = manualTime();
  const ports = testPorts(harness.units ?? {});
  const logged: string[] = [];
  const events: unknown[] = [];
  let rmaCase = testCase();
  let role: Role | null = TECHNICIAN.role;

  /** The service on a store; `store` may be one that dies. */
  const open = (store: Store = stored.store) =>
    createRuns({
      store,
      procedures,
      actions: harness.actions ?? testActions,
      ports: ports.ports,
      caseOf(id) {
        if (id !== rmaCase.id) throw new BenchError('input.not-found', { what: 'case', id });
        return rmaCase;
      },
      attachUnit: () => {},
      openArtifact: harness.openArtifact ?? (() => Promise.reject(new Error('no artifacts here'))),
      artifactOf(id) {
        if (!id.startsWith('01890000')) throw new BenchError('input.not-found', { what: 'artifact', id });
        return { caseId: CASE_ID, kind: id === LOG_ID ? 'log' : 'photo' };
      },
      sink: harness.sink ?? { check: () => {}, take: () => {} },
      roleOf: () => role,
      rules: harness.rules?.(store) ?? noRules,
      notify: (event) => events.push(event),
      programVersion: '1.2.3',
      log: (line) => logged.push(line),
      timers: harness.timers ?? time.timers,
    });

  return {
    ...ports,
    stored,
    time,
    logged,
    events,
    open,
    setCase(over: Partial<RunCase>) {
      rmaCase = testCase(over);
    },
    /** Gives whoever asks another role, or takes them off the bench. */
    setRole(next: Role | null) {
      role = next;
    },
    dispose: () => stored.dispose(),
  };
}

export const request = (over: Partial<StartRun> & { procedureId: string }): StartRun => ({
  caseId: CASE_ID,
  portId: PORT_ID,
  answers: {},
  inputs: {},
  confirm: null,
  ...over,
});

/** A store whose process dies at the n-th append: that one and everything after it never happens. */
export function dyingStore(store: Store, dieAt: number) {
  let appends = 0;
  let dead = false;
  const dies: Store = {
    ...store,
    get db() {
      return store.db;
    },
    append(actor, inputs) {
      if (dead || appends === dieAt) {
        dead = true;
        throw new Error('the process is dead');
      }
      appends += 1;
      return store.append(actor, inputs);
    },
    transaction(work) {
      if (dead) throw new Error('the process is dead');
      return store.transaction(work);
    },
  };
  return {
    store: dies,
    get dead() {
      return dead;
    },
  };
}
