import { BenchError, toBenchError } from '../../../shared/errors/index.ts';
import type { PortState, PortView, Progress, PromptView } from '../../../shared/model/ports.ts';
import type { Outcome } from '../../../shared/model/runs.ts';
import type { Family, Identity } from '../../../shared/model/units.ts';
import type { Driver, UnitSession } from '../drivers/driver.ts';
import type { Actor } from '../storage/store.ts';
import type { Transport } from '../transports/transport.ts';
import type { PortRecord, PortRegistry } from './registry.ts';

/** What the port manager needs from the rest; given by the composition root. */
export interface PortsOptions {
  readonly registry: PortRegistry;
  readonly drivers: readonly Driver[];
  readonly open: (record: PortRecord, signal: AbortSignal) => Promise<Transport>;
  /** Whether something is there now; never opens it. Null: cannot be told without opening. */
  readonly isPresent: (address: string) => Promise<boolean | null>;
  readonly isVirtual: (address: string) => boolean;
  readonly now: () => string;
  /** Records the sighting; says which unit and open case it is. */
  readonly onIdentified: (
    actor: Actor,
    portId: string,
    family: Family,
    identity: Identity,
  ) => { unitId: string; caseId: string | null; caseNumber: string | null };
  readonly confirmWith: (identity: Identity) => 'imei' | 'serial' | null;
  readonly notify: (event: { type: 'port'; port: PortView } | { type: 'port-gone'; portId: string }) => void;
  /** A line for the program's own log. */
  readonly log: (message: string, details: Record<string, unknown>) => void;
}

/** What is known of a port beyond its record; gone when the station ends. */
interface Live {
  state: PortState;
  trouble: PortView['trouble'];
  identity: Identity | null;
  family: Family | null;
  unitId: string | null;
  caseId: string | null;
  caseNumber: string | null;
  run: { id: string; title: string; progress: Progress | null; prompt: PromptView | null } | null;
  holder: string | null;
  lastSeenAt: string | null;
}

const IDENTIFY_MS = 30_000;
const OUTCOME_STATES: Readonly<Record<Outcome, PortState>> = {
  pass: 'passed',
  fail: 'failed',
  error: 'error',
  timeout: 'error',
  aborted: 'ready',
  interrupted: 'interrupted',
  unverified: 'failed',
};

export type Ports = ReturnType<typeof createPorts>;

/**
 * Ports with one lease each: whoever works on a port holds it, everybody else is refused in words.
 * Opening a port can disturb what hangs on it, so nothing here opens one unless a person or a run asks.
 */
export function createPorts(options: PortsOptions) {
  const { registry, drivers } = options;
  const lives = new Map<string, Live>();

  function live(id: string): Live {
    let entry = lives.get(id);
    if (!entry) {
      entry = {
        state: 'unread',
        trouble: null,
        identity: null,
        family: null,
        unitId: null,
        caseId: null,
        caseNumber: null,
        run: null,
        holder: null,
        lastSeenAt: null,
      };
      lives.set(id, entry);
    }
    return entry;
  }

  function view(record: PortRecord): PortView {
    const now = live(record.id);
    return {
      ...record,
      family: record.family ?? now.family,
      hasPassword: registry.password(record.id) !== null,
      virtual: options.isVirtual(record.address),
      state: now.run?.prompt ? 'needs-you' : now.state,
      trouble: now.trouble,
      identity: now.identity,
      confirmWith: now.identity && options.confirmWith(now.identity),
      unitId: now.unitId,
      caseId: now.caseId,
      caseNumber: now.caseNumber,
      runId: now.run?.id ?? null,
      runTitle: now.run?.title ?? null,
      progress: now.run?.progress ?? null,
      prompt: now.run?.prompt ?? null,
      lastSeenAt: now.lastSeenAt,
    };
  }

  function change(id: string, patch: Partial<Live>): void {
    Object.assign(live(id), patch);
    options.notify({ type: 'port', port: view(registry.get(id)) });
  }

  /** Holds the port while `work` runs. Throws `port.in-use` at once when somebody else does. */
  async function lease<T>(id: string, by: string, work: (record: PortRecord) => Promise<T>): Promise<T> {
    const record = registry.get(id);
    const now = live(id);
    if (now.holder !== null) throw new BenchError('port.in-use', { label: record.label, by: now.holder });
    now.holder = by;
    change(id, { state: 'working', trouble: null });
    try {
      return await work(record);
    } finally {
      now.holder = null;
    }
  }

  /** Opens the port and the conversation with what hangs on it, working out the family when unknown. */
  async function openSession(record: PortRecord, signal: AbortSignal): Promise<UnitSession> {
    const family = record.family ?? live(record.id).family;
    const login = { login: record.login, password: registry.password(record.id) };
    const log = (line: string) => options.log(line, { port: record.label });
    const reopen = (again: AbortSignal) => options.open(record, again);
    if (family) {
      const driver = drivers.find((candidate) => candidate.family === family);
      if (!driver) throw new Error(`no driver for “${family}”`);
      return driver.open(await options.open(record, signal), { signal, log, reopen, ...login });
    }
    for (const driver of drivers) {
      const transport = await options.open(record, signal);
      let yes = false;
      try {
        yes = await driver.probe(transport, signal);
      } finally {
        if (!yes) await transport.close();
      }
      if (yes) return driver.open(transport, { signal, log, reopen, ...login });
    }
    throw new BenchError('unit.unknown-family', { address: record.address });
  }

  function seen(actor: Actor, record: PortRecord, session: UnitSession, identity: Identity): void {
    const known = options.onIdentified(actor, record.id, session.family, identity);
    change(record.id, { ...known, identity, family: session.family, lastSeenAt: options.now() });
  }

  /** Opens a session, reads who the unit is, lets `use` work on it and closes, whatever happens. */
  async function withSession<T>(
    actor: Actor,
    record: PortRecord,
    signal: AbortSignal,
    use: (session: UnitSession, identity: Identity) => Promise<T>,
  ): Promise<T> {
    const session = await openSession(record, signal);
    try {
      const identity = await session.identify(signal);
      seen(actor, record, session, identity);
      return await use(session, identity);
    } finally {
      await session.close().catch((error: unknown) => options.log('closing a session failed', { error }));
    }
  }

  function showTrouble(id: string, error: unknown): void {
    const problem = toBenchError(error);
    const { code, message, hint } = problem;
    change(id, { state: troubleState(problem), trouble: { code, message, hint } });
  }

  return {
    list: (): PortView[] => registry.list().map(view),
    get: (id: string): PortView => view(registry.get(id)),
    findByAddress: (address: string): PortView | null => {
      const record = registry.findByAddress(address);
      return record && view(record);
    },
    changed: (id: string): void => change(id, {}),
    isWorking: (id: string): boolean => live(id).holder !== null,

    forget(id: string): void {
      lives.delete(id);
      options.notify({ type: 'port-gone', portId: id });
    },

    /** Asks what hangs on the port. Trouble is shown on the port and thrown. */
    async identify(actor: Actor, id: string): Promise<PortView> {
      const signal = AbortSignal.timeout(IDENTIFY_MS);
      await lease(id, 'identifying', async (record) => {
        try {
          await withSession(actor, record, signal, async () => {});
          change(id, { state: 'ready', trouble: null });
        } catch (error) {
          const problem = signal.aborted
            ? new BenchError('port.timeout', {
                address: record.address,
                seconds: IDENTIFY_MS / 1000,
                what: 'identification',
              })
            : error;
          showTrouble(id, problem);
          throw problem;
        }
      });
      return view(registry.get(id));
    },

    /** A short look that is no run (the list of wipe targets, say); leaves the port as it was. */
    async look<T>(
      actor: Actor,
      id: string,
      title: string,
      use: (session: UnitSession, identity: Identity, signal: AbortSignal) => Promise<T>,
    ): Promise<T> {
      const before = live(id).state;
      const signal = AbortSignal.timeout(IDENTIFY_MS);
      return lease(id, title, async (record) => {
        try {
          const result = await withSession(actor, record, signal, (session, identity) =>
            use(session, identity, signal),
          );
          change(id, { state: before === 'unread' ? 'ready' : before });
          return result;
        } catch (error) {
          showTrouble(id, error);
          throw error;
        }
      });
    },

    /** The lease of a run: `work` opens sessions as often as it needs (a unit may reboot in between). */
    withRun<T>(
      id: string,
      run: { id: string; title: string },
      work: (
        session: (
          actor: Actor,
          signal: AbortSignal,
          use: (session: UnitSession, identity: Identity) => Promise<void>,
        ) => Promise<void>,
      ) => Promise<T>,
    ): Promise<T> {
      return lease(id, run.title, async (record) => {
        change(id, { run: { ...run, progress: null, prompt: null } });
        try {
          return await work((actor, signal, use) => withSession(actor, record, signal, use));
        } finally {
          change(id, { run: null });
        }
      });
    },

    runProgress(id: string, progress: Progress | null, prompt: PromptView | null): void {
      const { run } = live(id);
      if (run) change(id, { run: { ...run, progress, prompt } });
    },

    runEnded(id: string, outcome: Outcome, error: BenchError | null): void {
      const trouble = error && { code: error.code, message: error.message, hint: error.hint };
      change(id, { state: OUTCOME_STATES[outcome], trouble });
    },

    /** The unit's case changed (opened, closed): shown on the card. */
    caseChanged(unitId: string, caseId: string | null, caseNumber: string | null): void {
      for (const [id, now] of lives) {
        if (now.unitId === unitId && now.caseId !== caseId) change(id, { caseId, caseNumber });
      }
    },

    /** Looks which remembered ports are there; called every second, opens nothing. */
    async refreshPresence(): Promise<void> {
      for (const record of registry.list()) {
        const now = live(record.id);
        if (now.holder !== null) continue;
        const present = await options.isPresent(record.address);
        if (now.holder !== null || present === null) continue;
        if (!present && now.state !== 'absent') {
          change(record.id, {
            state: 'absent',
            trouble: null,
            identity: null,
            unitId: null,
            caseId: null,
            caseNumber: null,
            family: null,
          });
        } else if (present && now.state === 'absent') {
          change(record.id, { state: 'unread', lastSeenAt: options.now() });
        }
      }
    },
  };
}

function troubleState(error: BenchError): PortState {
  switch (error.code) {
    case 'port.not-found':
    case 'port.gone':
      return 'absent';
    case 'port.busy':
      return 'busy';
    case 'port.no-permission':
      return 'no-permission';
    case 'port.timeout':
    case 'unit.unknown-family':
      return 'silent';
    default:
      return 'error';
  }
}
