import type { z } from 'zod';
import type { Hello } from '../../../shared/contract/station.ts';
import { PROTOCOL } from '../../../shared/contract/station.ts';
import { BenchError } from '../../../shared/errors/index.ts';
import { given } from '../../../shared/given.ts';
import type { Bench } from '../bench.ts';
import { doctor } from '../doctor.ts';
import type { StationLife } from '../life.ts';
import { actorOf, type guarded, whileSignedIn } from './call.ts';

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
      keyElsewhere: life.state() === 'locked' && life.whyClosed() === 'storage.keychain-elsewhere',
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
      newRecoveryKey: os.station.newRecoveryKey.handler(async ({ input, context }) => {
        const person = actorOf(context);
        await bench().people.verify(person.name, input.pin);
        // In the log first: were the entry refused afterwards, the old key would be gone and the new one shown to nobody.
        bench().recoveryKeyMade(person);
        return { recoveryKey: await life.newRecoveryKey() };
      }),
      events: os.station.events.handler(({ input, signal, context }) => {
        const { events, people } = bench();
        const { token } = context.caller;
        return whileSignedIn(
          events.watch(input.cursor, signal),
          () => token !== null && people.isSignedIn(token),
        );
      }),
      settings: os.station.settings.handler(() => bench().settings.get()),
      setSettings: os.station.setSettings.handler(({ input, context }) =>
        bench().settings.set(actorOf(context), given(input)),
      ),
      doctor: os.station.doctor.handler(() => doctor(life)),
      backup: os.station.backup.handler(({ input }) => bench().backup(input.path)),
      activeRuns: os.station.activeRuns.handler(() => life.opened()?.activeRuns() ?? []),
    },
    session: {
      signIn: os.session.signIn.handler(({ input }) => bench().people.signIn(input.name, input.pin)),
      resetPin: os.session.resetPin.handler(async ({ input }) => {
        life.checkRecoveryKey(input.recoveryKey);
        await bench().resetPin(input.name, input.pin);
        return { ok: true as const };
      }),
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
        await bench().people.setMyPin(actorOf(context), input.current, input.next, context.caller.token);
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
