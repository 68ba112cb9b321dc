import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BenchError, type ErrorCode, isBenchError } from '../../../shared/errors/index.ts';
import type { OpenCase } from '../../../shared/model/cases.ts';
import type { Role } from '../../../shared/model/people.ts';
import type { RunSummary } from '../../../shared/model/runs.ts';
import { emptyIdentity, type Family, type Identity } from '../../../shared/model/units.ts';
import { caseOps } from '../../../shared/ops/cases.ts';
import { describeOp } from '../../../shared/ops/index.ts';
import { type RunStarted, runOps } from '../../../shared/ops/runs.ts';
import { systemClock } from '../storage/clock.ts';
import type { OpKinds } from '../storage/log.ts';
import type { Actor, Clock, SiteProjection } from '../storage/store.ts';
import { casesInReview, reviewsOfCases } from '../sync/directory.ts';
import { type TestStore, testStore } from '../testing/store.ts';
import { casesProjection } from './projectors.ts';
import { loadCatalogue, loadPolicies } from './resources.ts';
import { type Cases, createCases } from './service.ts';
import type { CaseWipe } from './sources.ts';

const resources = fileURLToPath(new URL('../../../resources/', import.meta.url));

export const IMEI_A = '490154203237518';
export const IMEI_B = '356938035643809';
export const IMEI_C = '353918051234561';
export const SERIAL = 'RF8N20ABCDE';

/** What other services would say; tests write into it. */
export interface TestFacts {
  /** Oldest first. */
  readonly runs: RunSummary[];
  readonly wipes: CaseWipe[];
  readonly ports: Map<string, { identity: Identity; family: Family; unitId: string | null }>;
}

/** The real service over a real encrypted store, with a clock that stands still until it is moved. */
export interface TestCases extends Pick<TestStore, 'db' | 'dispose'> {
  readonly store: TestStore['store'];
  readonly cases: Cases;
  readonly facts: TestFacts;
  readonly tess: Actor & { role: Role };
  readonly quinn: Actor & { role: Role };
  /** Opens a case with what every input of the contract would have filled in. */
  open(input?: Partial<OpenCase>): ReturnType<Cases['open']>;
  /** A unit says who it is on a port. */
  seen(said: Partial<Identity>, portId?: string | null): ReturnType<Cases['unitSeen']>;
  wait(ms: number): void;
  /** A run of the case starts; gives its id. */
  start(caseId: string): string;
}

/** Runs are another service’s: here only the log knows of them. */
const runsElsewhere: SiteProjection = {
  tables: [],
  projectors: { 'run.started': () => {} },
  forget: () => {},
};

/** Ids of two ports. */
export const PORT_1 = '01900000-0000-7000-8000-000000000001';
export const PORT_2 = '01900000-0000-7000-8000-000000000002';

/** The code with which something is refused. */
export async function refused(work: () => unknown): Promise<ErrorCode | 'done'> {
  try {
    await work();
    return 'done';
  } catch (error) {
    if (isBenchError(error)) return error.code;
    throw error;
  }
}

export const said = (values: Partial<Identity>): Identity => ({ ...emptyIdentity(), ...values });
export const label = (values: Partial<NonNullable<OpenCase['label']>>) => ({
  serial: null,
  imei1: null,
  imei2: null,
  meid: null,
  model: null,
  ...values,
});

export function testCases(prefix = 'B1', timeZone = 'Europe/Vienna'): TestCases {
  let now = Date.parse('2026-03-02T09:00:00.000Z');
  const clock: Clock = { ...systemClock, now: () => new Date(now++).toISOString() };
  const kinds = { ...caseOps, ...runOps } as unknown as OpKinds;
  const base = testStore(kinds, [casesProjection, runsElsewhere], clock);
  const facts: TestFacts = { runs: [], wipes: [], ports: new Map() };
  const tess = { id: clock.id(), name: 'Tess', role: 'technician' as const };
  const quinn = { id: clock.id(), name: 'Quinn', role: 'qa' as const };
  const people = [tess, quinn];
  const cases = createCases({
    store: base.store,
    facts: {
      runs: (caseId) => facts.runs.filter((run) => run.caseId === caseId).reverse(),
      artifacts: () => [],
      records: () => [],
      wipes: (ids) => facts.wipes.filter((wipe) => ids.includes(wipe.caseId)),
      reviews: (caseIds) => reviewsOfCases(base.db, caseIds),
      inReview: (review) => casesInReview(base.db, review),
      benchName: (id) => (id === base.store.stationId ? null : 'another bench'),
      personName: (id) => people.find((person) => person.id === id)?.name ?? null,
      port: (id) => facts.ports.get(id) ?? null,
    },
    policies: loadPolicies(join(resources, 'policies')),
    catalogue: loadCatalogue(join(resources, 'causes')).catalogue,
    settings: () => ({ benchPrefix: prefix, timeZone }),
    verifyPerson: async (name, pin) => {
      const person = people.find((candidate) => candidate.name === name);
      if (!person || pin !== '2468') throw new BenchError('people.wrong-pin', { left: 4 });
      return person;
    },
    timeline: base.store.byCase,
    knew: base.store.knew,
    describe: describeOp,
  });
  return {
    db: base.db,
    store: base.store,
    dispose: base.dispose,
    cases,
    facts,
    tess,
    quinn,
    open: (input = {}) => cases.open(tess, { withoutUnit: false, announced: false, fields: {}, ...input }),
    seen: (values, portId = null) => cases.unitSeen(tess, said(values), 'at', portId),
    wait(ms) {
      now += ms;
    },
    start(caseId) {
      const entityId = clock.id();
      base.store.append(tess, [{ kind: 'run.started', entityId, caseId, body: startOf(caseId) }]);
      return entityId;
    },
  };
}

const startOf = (caseId: string): RunStarted => ({
  ...{ caseId, caseNumber: 'B1-1', unitId: null, portId: null, portLabel: null, inputs: {}, phases: [] },
  procedure: {
    ...{ id: 'wipe', version: 1, title: 'Wipe', kind: 'wipe', destructive: true },
    hash: '0'.repeat(64),
  },
  programVersion: '0.1.0',
});

/** A verified wipe of all that the unit has, as another service would report it. */
export const testWipe = (
  caseId: string,
  unitId: string | null,
  at: string,
  runId: string = systemClock.id(),
): CaseWipe => ({
  runId,
  caseId,
  unitId,
  at,
  media: [{ path: 'phone', label: 'Phone', model: null, serial: null, bytes: null }],
  wiped: 'phone',
});

/** A run as another service would report it. */
export const testRun = (caseId: string, values: Partial<RunSummary>): RunSummary => ({
  id: systemClock.id(),
  caseId,
  caseNumber: 'B1-1',
  unitId: null,
  portId: null,
  portLabel: null,
  procedureId: 'manual-inspection',
  procedureVersion: 1,
  procedureTitle: 'Manual inspection',
  procedureHash: '0'.repeat(64),
  kind: 'inspection',
  state: 'ended',
  outcome: 'pass',
  message: null,
  startedAt: '2026-03-02T09:00:00.000Z',
  endedAt: '2026-03-02T09:05:00.000Z',
  startedBy: 'Tess',
  programVersion: '0.1.0',
  ...values,
});
