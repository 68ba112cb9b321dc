import { join } from 'node:path';
import type { InferContractRouterInputs } from '@orpc/contract';
import type { Contract } from '../../shared/contract/index.ts';
import { BenchError } from '../../shared/errors/index.ts';
import { confirmDigits } from '../../shared/identity/index.ts';
import type { Session } from '../../shared/model/people.ts';
import type { PortView } from '../../shared/model/ports.ts';
import { describeOp, OPS } from '../../shared/ops/index.ts';
import { createAnswerSink } from './cases/answers.ts';
import { loadCatalogue, loadPolicies } from './cases/resources.ts';
import { createCases } from './cases/service.ts';
import { createPorts } from './devices/ports.ts';
import { watchPresence } from './devices/presence.ts';
import { createPortRegistry, type PortChange, portsProjection } from './devices/registry.ts';
import { createAtDriver } from './drivers/at.ts';
import { createConsoleDriver } from './drivers/console.ts';
import { createEvents } from './events.ts';
import { createArtifacts } from './evidence/artifacts.ts';
import { ed25519Signer, keysById } from './evidence/dsse.ts';
import { createRecords } from './evidence/records.ts';
import type { StationOptions } from './life.ts';
import { createPeople, peopleProjection } from './people/service.ts';
import { formatProblem, loadProcedures } from './procedures/load.ts';
import { createRuns } from './procedures/service.ts';
import { openProgramLog } from './program-log.ts';
import { PROJECTION_VERSION, SITE_PROJECTIONS } from './replica.ts';
import { createSettings, stationProjection } from './settings.ts';
import { backup } from './storage/backup.ts';
import { createCaseKeys } from './storage/case-keys.ts';
import { type OpenFolder, places } from './storage/folder.ts';
import { openLog } from './storage/log.ts';
import type { Actor, Clock } from './storage/store.ts';
import { verifyLog } from './storage/verify-log.ts';
import { createBlobs } from './sync/blobs.ts';
import { createConflicts } from './sync/conflicts.ts';
import { benchKeys, benchName, casesInReview, colleagueName, reviewsOfCases } from './sync/directory.ts';
import { createSync } from './sync/service.ts';
import { deviceAt, plugAt } from './transports/device.ts';
import { openTransport, parseAddress } from './transports/open.ts';
import { isVirtualAddress, rackUnits } from './transports/virtual.ts';
import { wipesOf } from './wipe/coverage.ts';
import { createWipeRules } from './wipe/rules.ts';

type Inputs = InferContractRouterInputs<Contract>;
const DECIDES_CASE_OF_UNIT = new Set<string>([
  'case.opened',
  'case.moved',
  'case.unit-linked',
  'case.identity-changed',
]);

export type Bench = Awaited<ReturnType<typeof openBench>>;

const STATION: Actor = { id: 'station', name: 'station' };
const OPEN_PORT_MS = 5_000;

export interface BenchOptions extends StationOptions {
  readonly clock: Clock;
  readonly folder: OpenFolder;
}

/** Everything of an open bench, wired: storage below, services on it, and what they need of each other. */
export async function openBench(options: BenchOptions) {
  const { clock, dataDir, resourcesDir, version, folder } = options;
  const { db } = folder;
  const { log, close: closeLog } = openProgramLog(places(dataDir).log, version);
  const mode = db.prepare('SELECT mode FROM station').pluck().get() as 'live' | 'training';

  const store = openLog({
    db,
    clock,
    kinds: OPS,
    projectionVersion: PROJECTION_VERSION,
    onListenerError: (error) => log.error({ err: error }, 'a listener of the log failed'),
    projections: [stationProjection, peopleProjection, portsProjection, ...SITE_PROJECTIONS],
    onUnfit: (op, error) =>
      log.error({ err: error, id: op.id, kind: op.kind }, 'an operation of another bench does not fit'),
  });
  const events = createEvents(store);
  store.onCommitted(events.committed);
  recordRestore();

  const settings = createSettings(store);
  const people = createPeople(store, () => settings.get().sessionMinutes);
  const caseKeys = createCaseKeys(db, clock);
  const artifacts = createArtifacts({
    store,
    dir: places(dataDir).artifacts,
    caseKey: caseKeys.get,
    workerUrl: options.workerUrl,
    benchName: (id) => benchName(db, id),
    fetch: (id) => blobs.fetch(id),
  });
  const records = createRecords({
    store,
    signer: () => ed25519Signer(store.privateKey),
    keys: (keyId) => keysById(store.publicKey, ...benchKeys(db))(keyId),
    artifactSha256: artifacts.sha256Of,
  });
  const registry = createPortRegistry(store);
  // In the order in which unknown ports are asked: a modem passes a bare Enter over, a login takes AT for a name.
  const drivers = [createConsoleDriver(), createAtDriver({ monotonic: clock.monotonic })];
  const { catalogue, problems: causeProblems } = loadCatalogue(join(resourcesDir, 'causes'));
  const policies = loadPolicies(join(resourcesDir, 'policies'));
  const resourceProblems = [...policies.problems, ...causeProblems];
  for (const problem of resourceProblems) log.error({ err: problem }, problem.message);
  const cases = createCases({
    store,
    facts: {
      runs: (caseId) => runs.list({ caseId, limit: 500 }),
      artifacts: artifacts.listByCase,
      records: records.list,
      wipes(caseIds, which) {
        const verified = records.verifiedRuns(caseIds);
        const asked = which === 'proven' ? [...new Set(verified.values())] : caseIds;
        return wipesOf(runs.safetyChecks(asked), verified);
      },
      reviews: (caseIds) => reviewsOfCases(db, caseIds),
      inReview: (review) => casesInReview(db, review),
      personName: nameOf,
      benchName: (id) => (id === store.stationId ? null : (benchName(db, id) ?? 'another bench')),
      port: (id) => ports.unitRead(id),
    },
    policies,
    catalogue,
    settings: settings.get,
    verifyPerson: people.verify,
    timeline: store.byCase,
    knew: store.knew,
    describe: describeOp,
  });

  const ports = createPorts({
    registry,
    drivers,
    open(record, signal) {
      refuseVirtual(record.address);
      return openTransport(record.address, record.line, { timeoutMs: OPEN_PORT_MS, signal });
    },
    plugAt,
    deviceAt,
    isVirtual: isVirtualAddress,
    now: clock.now,
    onIdentified(actor, portId, family, identity) {
      const unit = cases.unitSeen(actor, identity, family, portId);
      const own = cases.caseForUnit(unit.id);
      return { unitId: unit.id, caseId: own?.id ?? null, caseNumber: own?.number ?? null };
    },
    confirmWith: (identity) => confirmDigits(identity)?.confirmWith ?? null,
    notify: events.publish,
    log: (message, details) => log.info(details, message),
  });

  // A card on the bench shows the case that its unit has now, not the one it had when it was identified.
  store.onCommitted((ops) => {
    if (!ops.some(({ kind }) => DECIDES_CASE_OF_UNIT.has(kind))) return;
    for (const { unitId } of ports.list()) {
      const own = unitId && cases.caseForUnit(unitId);
      if (unitId) ports.caseChanged(unitId, own ? own.id : null, own ? own.number : null);
    }
  });

  const actions = new Map(drivers.map((driver) => [driver.family, driver.actions]));
  const procedures = await loadProcedures(join(resourcesDir, 'procedures'), actions);
  for (const problem of procedures.problems) log.error({ problem }, formatProblem(problem));
  const runs = createRuns({
    store,
    procedures,
    actions,
    ports,
    caseOf: (id) => cases.get({ id }),
    attachUnit: cases.attachUnit,
    openArtifact: (actor, info) => artifacts.open({ actor, ...info }),
    artifactOf: artifacts.get,
    sink: createAnswerSink(cases),
    roleOf(id) {
      const person = people.list().find((each) => each.id === id);
      return person?.active ? person.role : null;
    },
    rules: createWipeRules({
      records,
      caseOf: (id) => cases.get({ id }),
      artifactOf: artifacts.get,
      station: () => ({ id: store.stationId, name: settings.get().stationName, mode, version }),
      id: clock.id,
    }),
    notify: events.publish,
    programVersion: version,
    log: (line, details) => log.info(details, line),
  });

  const blobs = createBlobs({
    log: store,
    artifacts,
    changed: (topics) => events.publish({ type: 'changed', cursor: events.cursor(), topics: [...topics] }),
    note: (line, details) => log.warn(details, line),
  });
  const sync = createSync({
    log: store,
    mode,
    bench: () => ({ name: settings.get().stationName, prefix: settings.get().benchPrefix }),
    changed() {
      events.publish({ type: 'changed', cursor: events.cursor(), topics: ['hub'] });
      blobs.wake();
    },
    anew: events.anew,
    note: (line, details) => log.warn(details, line),
  });

  const conflicts = createConflicts({
    log: store,
    caseOf: (id) => cases.get({ id }),
    personName: nameOf,
    describe: describeOp,
    edit: cases.edit,
    move: cases.move,
  });

  runs.markInterrupted();
  const swept = await artifacts.sweep();
  if (Object.values(swept).some((count) => count > 0)) log.warn(swept, 'artifact files were put in order');
  const presence = watchPresence({
    registry,
    ports,
    deviceAt,
    actor: STATION,
    log,
    virtual: mode === 'training' && options.training ? rackUnits : () => [],
  });
  sync.start();
  blobs.start();
  log.info({ mode, entries: store.head() }, 'the bench is open');

  function nameOf(personId: string): string | null {
    return people.list().find(({ id }) => id === personId)?.name ?? colleagueName(db, personId);
  }

  function refuseVirtual(address: string): void {
    if (mode === 'live' && isVirtualAddress(address))
      throw new BenchError('port.virtual-on-live', { address });
  }

  function recordRestore(): void {
    if (!folder.restoredFrom) return;
    const { incarnation: from, backupAt, recorded } = folder.restoredFrom;
    const body = { from, to: store.incarnation, backupAt };
    const isOnRecord = db.prepare("SELECT 1 FROM ops WHERE kind = 'station.restored' AND incarnation = ?");
    if (!isOnRecord.get(store.incarnation)) {
      store.append(STATION, [{ kind: 'station.restored', entityId: store.stationId, body }]);
    }
    recorded();
  }

  return {
    mode,
    log,
    events,
    settings,
    people,
    ports,
    cases,
    catalogue,
    /** What is wrong with policies and causes, for the doctor. */
    resourceProblems,
    procedures: runs.procedures,
    runs,
    artifacts,
    records,
    sync,
    blobs,
    conflicts,
    activeRuns: () => runs.active(),
    entries: store.head,
    logEntries: store.after,
    verifyLog: () => verifyLog(db),
    /** Throws away every projection and makes them anew from the log. */
    rebuild: store.rebuild,
    siteHash: store.siteHash,

    /** The new bench's first entries: itself, its administrator, its settings. */
    async firstStart(input: Inputs['station']['init']): Promise<Session> {
      const publicKey = store.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
      const body = { mode, version, publicKey };
      store.append(STATION, [{ kind: 'station.made', entityId: store.stationId, body }]);
      const admin = await people.add(STATION, { ...input.admin, role: 'administrator' });
      const given = Object.entries(input.settings ?? {}).filter(([, value]) => value !== undefined);
      settings.set(admin, Object.fromEntries(given));
      return people.startSession(admin);
    },

    addPort(actor: Actor, input: Inputs['ports']['add']): PortView {
      const { address, label, family = null, line = {}, login = null, password = null } = input;
      parseAddress(address);
      refuseVirtual(address);
      const name = label || (address.split('/').at(-1) ?? address);
      const given = Object.fromEntries(Object.entries(line).filter(([, value]) => value !== undefined));
      const record = registry.add(actor, {
        address,
        label: name.slice(0, 60),
        family,
        line: given,
        login,
        password,
        origin: 'added',
      });
      ports.changed(record.id);
      return ports.get(record.id);
    },
    updatePort(actor: Actor, id: string, change: Omit<Inputs['ports']['update'], 'id'>): PortView {
      registry.update(actor, id, change as PortChange);
      ports.changed(id);
      return ports.get(id);
    },
    forgetPort(actor: Actor, id: string): void {
      if (ports.isWorking(id)) {
        const { label, runTitle } = ports.get(id);
        throw new BenchError('port.in-use', { label, by: runTitle ?? 'identifying' });
      }
      registry.forget(actor, id);
      ports.forget(id);
    },
    recoveryKeyMade: (actor: Actor) =>
      store.append(actor, [{ kind: 'station.recovery-key-made', entityId: store.stationId, body: {} }]),
    /** The caller has made sure of the recovery key. */
    resetPin: (name: string, pin: string) => people.resetPin(STATION, name, pin),
    backup: (target: string) =>
      backup(db, dataDir, target, { stationId: store.stationId, at: clock.now(), program: version }),

    async close(): Promise<void> {
      presence.close();
      await sync.close();
      await blobs.close();
      await runs.close();
      await artifacts.close();
      log.info('the bench is closed');
      closeLog();
      db.close();
    },
  };
}
