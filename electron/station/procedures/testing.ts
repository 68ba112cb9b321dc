import { z } from 'zod';
import { BenchError } from '../../../shared/errors/index.ts';
import { emptyIdentity, type Family, type Identity } from '../../../shared/model/units.ts';
import type { Action, ActionContext, UnitSession, Value } from '../drivers/driver.ts';
import type { Timers } from './timers.ts';

/** What the tests' unit can do: a small family of its own under the name “at”. */
const none = z.strictObject({});
export const testAtActions = {
  identify: { title: 'Identify', args: none, values: ['serial', 'imei1'] },
  battery: { title: 'Battery', args: none, values: ['level', 'voltage'] },
  lock: { title: 'Lock', args: none, values: ['state', 'deviceLock'] },
  logs: { title: 'Logs', args: none, values: ['bytes'] },
  at: { title: 'Ask', args: z.strictObject({ command: z.string().min(2) }), values: ['ok', 'text'] },
  shell: {
    title: 'Command',
    args: z.strictObject({ command: z.string().min(1) }),
    values: ['exitCode'],
    free: true,
  },
  erase: {
    title: 'Erase',
    args: z.strictObject({ target: z.string().optional() }),
    values: ['done'],
    destructive: true,
  },
  'factory-reset': { title: 'Reset', args: none, values: ['directed', 'answer'], destructive: true },
  'reset-proof': { title: 'Proof', args: none, values: ['proven', 'evidence'] },
} as const satisfies Readonly<Record<string, Action>>;
export const testActions: ReadonlyMap<Family, Readonly<Record<string, Action>>> = new Map<
  Family,
  Readonly<Record<string, Action>>
>([
  ['at', testAtActions],
  ['console', { identify: testAtActions.identify }],
]);

export type Handler = (args: unknown, context: ActionContext) => Promise<Readonly<Record<string, Value>>>;

export const testIdentity = (over: Partial<Identity> = {}): Identity => ({
  ...emptyIdentity(),
  maker: 'Testmaker',
  model: 'T1',
  serial: 'SER12345',
  imei1: '490154203237518',
  firmware: '1.0',
  ...over,
});

/** A unit that answers from a script, always asynchronously, as real ones do. */
export function scriptedUnit(handlers: Readonly<Record<string, Handler>> = {}, identity = testIdentity()) {
  const calls: string[] = [];
  let who: Identity | BenchError = identity;
  let opened = 0;
  let closed = 0;
  const session: UnitSession = {
    family: 'at',
    async identify() {
      await tick();
      if (who instanceof BenchError) throw who;
      return who;
    },
    async run(action, args, context) {
      calls.push(action);
      await tick();
      const handler = handlers[action];
      if (!handler) throw new BenchError('unit.unsupported', { family: 'at', action });
      return { values: await handler(args, context) };
    },
    async wipeTargets() {
      await tick();
      return [
        {
          id: 'phone',
          title: 'Phone',
          kind: 'phone',
          bytes: null,
          model: null,
          serial: null,
          allowed: true,
          reasons: [],
        },
      ];
    },
    async close() {
      closed += 1;
    },
  };
  return {
    session,
    calls,
    get opened() {
      return opened;
    },
    get closed() {
      return closed;
    },
    /** From now on the unit is somebody else, or fails to say who it is. */
    becomes(next: Identity | BenchError) {
      who = next;
    },
    /** As the ports do it: opens, identifies, closes when `use` ends. */
    async open(
      signal: AbortSignal,
      use: (session: UnitSession, identity: Identity) => Promise<void>,
    ): Promise<void> {
      await tick();
      signal.throwIfAborted();
      opened += 1;
      try {
        await use(session, await session.identify(signal));
      } finally {
        await session.close();
      }
    },
  };
}

export const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Lets everything that waits for nothing but the event loop happen. */
export async function settle(turns = 30): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await tick();
}

/** Rejects when the signal says stop, as a driver does at its next safe point. */
export const untilStopped = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => setImmediate(() => reject(signal.reason)), { once: true });
  });

/** Time by hand: nothing fires until `advance`. */
export function manualTime() {
  let now = 0;
  const due: { at: number; act: () => void }[] = [];
  const timers: Timers = {
    after(milliseconds, act) {
      const entry = { at: now + milliseconds, act };
      due.push(entry);
      return () => {
        const index = due.indexOf(entry);
        if (index >= 0) due.splice(index, 1);
      };
    },
  };
  return {
    timers,
    now: () => now,
    /** How many delays are waiting. */
    get waiting() {
      return due.length;
    },
    /** Lets time pass, firing what is due in order, with the event loop in between. */
    async advance(milliseconds: number): Promise<void> {
      const until = now + milliseconds;
      await settle();
      for (;;) {
        const next = due.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        due.splice(due.indexOf(next), 1);
        now = next.at;
        next.act();
        await settle();
      }
      now = until;
    },
  };
}
