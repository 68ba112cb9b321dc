import type { z } from 'zod';
import type { Hello } from '../../../shared/contract/station.ts';
import { PROTOCOL } from '../../../shared/contract/station.ts';
import { BenchError } from '../../../shared/errors/index.ts';
import type { Bench } from '../bench.ts';
import { doctor } from '../doctor.ts';
import type { StationLife } from '../life.ts';
import { actorOf, type guarded } from './call.ts';

type Guarded = ReturnType<typeof guarded>;

/** Calls about the station itself, people and ports. */
export function stationCalls(os: Guarded, life: StationLife) {
  const bench = (): Bench => life.bench();

  const hello = (): z.infer<typeof Hello> => {
    const open = life.opened();
    return {
      protocol: PROTOCOL,
      version: life.version,
      state: life.state(),
      // Of an empty folder: what it was started for.
      mode: open?.mode ?? (life.training && life.state() === 'new' ? 'training' : null),
      stationName: open?.settings.get().stationName ?? null,
      people: (open?.people.list() ?? [])
        .filter((person) => person.active)
        .map(({ name, role }) => ({ name, role })),
    };
  };

  return {
    station: {
      hello: os.station.hello.handler(hello),
      init: os.station.init.handler(({ input }) => life.init(input)),
      unlock: os.station.unlock.handler(async ({ input }) => {
        await life.unlock(input.recoveryKey);
        return { ok: true as const };
      }),
      events: os.station.events.handler(({ input, signal }) => bench().events.watch(input.cursor, signal)),
      settings: os.station.settings.handler(() => bench().settings.get()),
      setSettings: os.station.setSettings.handler(({ input, context }) =>
        bench().settings.set(actorOf(context), definedOnly(input)),
      ),
      doctor: os.station.doctor.handler(() => doctor(life)),
      backup: os.station.backup.handler(({ input }) => bench().backup(input.path)),
      activeRuns: os.station.activeRuns.handler(() => life.opened()?.activeRuns() ?? []),
    },
    session: {
      signIn: os.session.signIn.handler(({ input }) => bench().people.signIn(input.name, input.pin)),
      signOut: os.session.signOut.handler(({ context }) => {
        if (context.caller.token) bench().people.signOut(context.caller.token);
        return { ok: true as const };
      }),
      me: os.session.me.handler(({ context }) => {
        const { expiresAt } = context.caller;
        if (!expiresAt) throw new BenchError('people.signed-out');
        return { person: actorOf(context), expiresAt };
      }),
      setMyPin: os.session.setMyPin.handler(async ({ input, context }) => {
        await bench().people.setMyPin(actorOf(context), input.current, input.next);
        return { ok: true as const };
      }),
    },
    people: {
      list: os.people.list.handler(() => bench().people.list()),
      add: os.people.add.handler(({ input, context }) => bench().people.add(actorOf(context), input)),
      update: os.people.update.handler(({ input: { id, ...change }, context }) =>
        bench().people.update(actorOf(context), id, change),
      ),
    },
    ports: {
      list: os.ports.list.handler(() => bench().ports.list()),
      add: os.ports.add.handler(({ input, context }) => bench().addPort(actorOf(context), input)),
      update: os.ports.update.handler(({ input: { id, ...change }, context }) =>
        bench().updatePort(actorOf(context), id, change),
      ),
      forget: os.ports.forget.handler(({ input, context }) => {
        bench().forgetPort(actorOf(context), input.id);
        return { ok: true as const };
      }),
      identify: os.ports.identify.handler(({ input, context }) =>
        bench().ports.identify(actorOf(context), input.id),
      ),
    },
  };
}

/** A partial without its undefined members. */
function definedOnly<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as never;
}
