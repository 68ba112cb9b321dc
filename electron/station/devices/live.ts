import type { BenchError } from '../../../shared/errors/index.ts';
import type { PortState, PortView, Progress, PromptView } from '../../../shared/model/ports.ts';
import type { Outcome } from '../../../shared/model/runs.ts';
import type { Family, Identity } from '../../../shared/model/units.ts';
import type { PortRecord, PortRegistry } from './registry.ts';

/** What is known of a port beyond its record; gone when the station ends. */
export interface Live {
  state: PortState;
  trouble: PortView['trouble'];
  identity: Identity | null;
  family: Family | null;
  unitId: string | null;
  caseId: string | null;
  caseNumber: string | null;
  run: { id: string; title: string; progress: Progress | null; prompt: PromptView | null } | null;
  /** What somebody who asks the unit something waits for; null when that needs no word. */
  waiting: string | null;
  /** Who works on the port, and on which device behind its address. */
  held: { readonly by: string; readonly device: string } | null;
  /** The plug that all of this is about; null: nothing is plugged in; undefined: not known. */
  plug: string | null | undefined;
  lastSeenAt: string | null;
}

/** Nothing is known of what hangs on the port. */
export const NOBODY = { identity: null, family: null, unitId: null, caseId: null, caseNumber: null } as const;

/** A port that nobody has looked at. */
const newLive = (): Live => ({
  ...NOBODY,
  state: 'unread',
  trouble: null,
  run: null,
  waiting: null,
  held: null,
  plug: undefined,
  lastSeenAt: null,
});

export const OUTCOME_STATES: Readonly<Record<Outcome, PortState>> = {
  pass: 'passed',
  fail: 'failed',
  error: 'error',
  timeout: 'error',
  aborted: 'ready',
  interrupted: 'interrupted',
  unverified: 'unverified',
};

const READ: readonly PortState[] = ['ready', 'passed', 'failed', 'error', 'interrupted', 'unverified'];

/** Whether the port shows a unit that was read and is there still, as far as can be told without opening it. */
export const isRead = ({ state, plug, identity }: Live): boolean =>
  READ.includes(state) && plug !== null && identity !== null;

/** How a port looks when asking what hangs on it failed. */
export function troubleState(error: BenchError): PortState {
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

export interface LivesOptions {
  readonly registry: PortRegistry;
  readonly isVirtual: (address: string) => boolean;
  readonly confirmWith: (identity: Identity) => 'imei' | 'serial' | null;
  readonly notify: (event: { type: 'port'; port: PortView } | { type: 'port-gone'; portId: string }) => void;
}

/** What is known of each port, and how it is shown. */
export function createLives({ registry, isVirtual, confirmWith, notify }: LivesOptions) {
  const lives = new Map<string, Live>();

  function live(id: string): Live {
    const known = lives.get(id) ?? newLive();
    lives.set(id, known);
    return known;
  }

  function view(record: PortRecord): PortView {
    const now = live(record.id);
    return {
      ...record,
      family: record.family ?? now.family,
      hasPassword: registry.password(record.id) !== null,
      virtual: isVirtual(record.address),
      state: now.run?.prompt ? 'needs-you' : now.state,
      trouble: now.trouble,
      identity: now.identity,
      confirmWith: now.identity && confirmWith(now.identity),
      unitId: now.unitId,
      caseId: now.caseId,
      caseNumber: now.caseNumber,
      runId: now.run?.id ?? null,
      runTitle: now.run?.title ?? null,
      progress: now.run?.progress ?? (now.waiting === null ? null : waitingFor(now.waiting)),
      prompt: now.run?.prompt ?? null,
      lastSeenAt: now.lastSeenAt,
    };
  }

  return {
    live,
    view,
    all: (): ReadonlyMap<string, Live> => lives,
    /** Notes what became known, and shows it. */
    change(id: string, patch: Partial<Live>): void {
      Object.assign(live(id), patch);
      notify({ type: 'port', port: view(registry.get(id)) });
    },
    forget(id: string): void {
      lives.delete(id);
      notify({ type: 'port-gone', portId: id });
    },
  };
}

const waitingFor = (what: string): Progress => ({
  label: `The unit is ${what}`,
  done: 0,
  total: null,
  unit: 'steps',
  rate: null,
  secondsLeft: null,
});
