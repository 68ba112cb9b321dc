import { BenchError, isBenchError, toBenchError } from '../../../shared/errors/index.ts';
import type { PortView, Progress, PromptView } from '../../../shared/model/ports.ts';
import type { Outcome } from '../../../shared/model/runs.ts';
import type { Family, Identity } from '../../../shared/model/units.ts';
import type { Driver, UnitSession } from '../drivers/driver.ts';
import type { Actor } from '../storage/store.ts';
import type { Transport } from '../transports/transport.ts';
import { startLimit } from './limit.ts';
import { createLives, isRead, type LivesOptions, NOBODY, OUTCOME_STATES, troubleState } from './live.ts';
import type { PortRecord } from './registry.ts';
import { openSession } from './sessions.ts';

/** What the port manager needs from the rest; given by the composition root. */
export interface PortsOptions extends LivesOptions {
  readonly drivers: readonly Driver[];
  readonly open: (record: PortRecord, signal: AbortSignal) => Promise<Transport>;
  /**
   * Which plug is there now, another text after every plugging-in; never opens it. Null: nothing is there.
   * Undefined: cannot be told without opening.
   */
  readonly plugAt: (address: string) => Promise<string | null | undefined>;
  /** The same text for all addresses that lead to one device now. */
  readonly deviceAt: (address: string) => string;
  readonly now: () => string;
  /** Records the sighting; says which unit and open case it is. */
  readonly onIdentified: (
    actor: Actor,
    portId: string,
    family: Family,
    identity: Identity,
  ) => { unitId: string; caseId: string | null; caseNumber: string | null };
  /** A line for the program's own log. */
  readonly log: (message: string, details: Record<string, unknown>) => void;
  /** How long asking a unit of a family may take, in milliseconds; for tests. */
  readonly limits?: Readonly<Record<Family, number>>;
}

/** One holding of a port, from its beginning to its end. */
interface Hold {
  readonly record: PortRecord;
  /** The family of the unit that was read meanwhile; null until then. */
  read: Family | null;
}

/** Who wants to know how a session comes about. */
interface Watcher {
  onFamily?(family: Family): void;
  booting?(): void;
}

type Use<T> = (session: UnitSession, identity: Identity) => Promise<T>;

/** A phone answers at once. A console may be starting up: that alone is waited for two minutes. */
const LIMITS: Readonly<Record<Family, number>> = { at: 30_000, console: 150_000 };
const BOOTING = 'still booting';

export type Ports = ReturnType<typeof createPorts>;

/**
 * Ports with one lease each: whoever works on a port holds it, everybody else is refused in words.
 * Opening a port can disturb what hangs on it, so nothing here opens one unless a person or a run asks.
 */
export function createPorts(options: PortsOptions) {
  const { registry, drivers, limits = LIMITS } = options;
  const { live, view, change, all, forget } = createLives(options);

  /**
   * Holds the port while `work` runs. Throws `port.in-use` at once when somebody else holds it, by whatever
   * address.
   */
  async function lease<T>(id: string, by: string, work: (hold: Hold) => Promise<T>): Promise<T> {
    const record = registry.get(id);
    const device = options.deviceAt(record.address);
    for (const [otherId, { held }] of all()) {
      if (held === null || (otherId !== id && held.device !== device)) continue;
      throw new BenchError('port.in-use', { label: registry.get(otherId).label, by: held.by });
    }
    const now = live(id);
    const { state } = now;
    now.held = { by, device };
    try {
      change(id, { state: 'working', trouble: null });
    } catch (error) {
      Object.assign(now, { held: null, state });
      throw error;
    }
    try {
      return await work({ record, read: null });
    } finally {
      now.held = null;
    }
  }

  /** Opens the port, noting which plug everything that follows is about. */
  async function openPort(record: PortRecord, signal: AbortSignal): Promise<Transport> {
    live(record.id).plug = await options.plugAt(record.address);
    return options.open(record, signal);
  }

  function seen(actor: Actor, { record }: Hold, session: UnitSession, identity: Identity): void {
    const known = options.onIdentified(actor, record.id, session.family, identity);
    // An empty port that remembers this unit forgets it: here it is.
    for (const [id, now] of all()) {
      if (id !== record.id && now.state === 'absent' && now.unitId === known.unitId)
        change(id, { ...NOBODY });
    }
    const lastSeenAt = options.now();
    change(record.id, { ...known, identity, family: session.family, waiting: null, lastSeenAt });
  }

  /** Forgets who was there where trouble leaves that in doubt. */
  function doubt({ record, read }: Hold, error: unknown): void {
    const isGone = isBenchError(error, 'port.gone', 'port.not-found');
    // Who was there stays on show until something is plugged in, where that can be told.
    if (isGone && live(record.id).plug !== undefined) change(record.id, { plug: null });
    else if (isGone || read === null) change(record.id, { ...NOBODY });
  }

  /** Opens a session, reads who the unit is, lets `use` work on it and closes, whatever happens. */
  async function withSession<T>(
    actor: Actor,
    hold: Hold,
    signal: AbortSignal,
    use: Use<T>,
    watcher: Watcher = {},
  ): Promise<T> {
    const { record } = hold;
    try {
      const session = await openSession(drivers, {
        address: record.address,
        family: record.family ?? hold.read,
        login: record.login,
        password: registry.password(record.id),
        signal,
        reopen: (again) => openPort(record, again),
        log: (line) => options.log(line, { port: record.label }),
        onFamily: (family) => watcher.onFamily?.(family),
        booting: () => watcher.booting?.(),
      });
      try {
        const identity = await session.identify(signal);
        seen(actor, hold, session, identity);
        hold.read = session.family;
        return await use(session, identity);
      } finally {
        await session.close().catch((error: unknown) => options.log('closing a session failed', { error }));
      }
    } catch (error) {
      doubt(hold, error);
      throw error;
    }
  }

  /** Asks the unit something that is no run. Trouble, and that its time is up, is shown on the port and thrown. */
  async function ask<T>(
    actor: Actor,
    hold: Hold,
    what: string,
    use: (session: UnitSession, identity: Identity, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { id, address } = hold.record;
    const limit = startLimit(limits.at);
    const { signal } = limit;
    try {
      return await withSession(actor, hold, signal, (session, identity) => use(session, identity, signal), {
        onFamily: (family) => limit.set(limits[family]),
        booting: () => change(id, { waiting: BOOTING }),
      });
    } catch (error) {
      const late = { address, seconds: limit.length / 1000, what: live(id).waiting ?? what };
      const problem = toBenchError(signal.aborted ? new BenchError('port.timeout', late) : error);
      const { code, message, hint } = problem;
      change(id, { state: troubleState(problem), waiting: null, trouble: { code, message, hint } });
      throw problem;
    } finally {
      limit.end();
    }
  }

  return {
    list: (): PortView[] => registry.list().map(view),
    get: (id: string): PortView => view(registry.get(id)),
    findByAddress: (address: string): PortView | null => {
      const record = registry.findByAddress(address);
      return record && view(record);
    },
    changed: (id: string): void => change(id, {}),
    isWorking: (id: string): boolean => live(id).held !== null,

    /** The unit on the port, as it was read from it; null when that is not certain. */
    unitRead(id: string): (Pick<PortView, 'unitId'> & { identity: Identity; family: Family }) | null {
      const now = live(registry.get(id).id);
      const { identity, family, unitId } = now;
      return isRead(now) && identity && family ? { identity, family, unitId } : null;
    },

    forget,

    /** Asks what hangs on the port. Trouble is shown on the port and thrown. */
    async identify(actor: Actor, id: string): Promise<PortView> {
      await lease(id, 'identifying', async (hold) => {
        await ask(actor, hold, 'identifying', async () => {});
        change(id, { state: 'ready', trouble: null });
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
      const before = { ...live(id) };
      return lease(id, title, async (hold) => {
        const result = await ask(actor, hold, title, use);
        const isSame = isRead(before) && before.unitId === live(id).unitId;
        const { state, trouble } = before;
        change(id, isSame ? { state, trouble } : { state: 'ready', trouble: null });
        return result;
      });
    },

    /** The lease of a run: `work` opens sessions as often as it needs (a unit may reboot in between). */
    withRun<T>(
      id: string,
      run: { id: string; title: string },
      work: (session: (actor: Actor, signal: AbortSignal, use: Use<void>) => Promise<void>) => Promise<T>,
    ): Promise<T> {
      return lease(id, run.title, async (hold) => {
        change(id, { run: { ...run, progress: null, prompt: null } });
        try {
          return await work((actor, signal, use) => withSession(actor, hold, signal, use));
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
      for (const [id, now] of all()) {
        if (now.unitId === unitId && now.caseId !== caseId) change(id, { caseId, caseNumber });
      }
    },

    /** Looks which remembered ports are there; called every second, opens nothing. */
    async refreshPresence(): Promise<void> {
      for (const record of registry.list()) {
        const now = live(record.id);
        if (now.held !== null) continue;
        const plug = await options.plugAt(record.address);
        // Meanwhile somebody may have begun to work on it, or forgotten it.
        if (plug === undefined || now.held !== null || all().get(record.id) !== now) continue;
        const isNew = plug !== now.plug && now.plug !== undefined;
        now.plug = plug;
        if (plug === null) {
          // Who was here stays until something is plugged in again: a run that was cut off belongs to them.
          if (now.state !== 'absent') change(record.id, { state: 'absent', trouble: null });
        } else if (isNew || now.state === 'absent') {
          change(record.id, { ...NOBODY, state: 'unread', trouble: null, lastSeenAt: options.now() });
        }
      }
    },
  };
}
