import { implement } from '@orpc/server';
import type { CallContext, StationRouter } from '../../electron/station/serve.ts';
import { contract } from '../../shared/contract/index.ts';

/** What a test of transports needs of a station: calls that answer, fail, wait, stream and carry bytes. */
export interface TinyStation {
  readonly router: StationRouter;
  /** The Authorization headers of the calls to `session.me`, in order. */
  readonly seen: unknown[];
  /** Answers every `station.settings` call that waits. */
  release(): void;
}

/** Only the calls below exist; the rest of the contract is not there. */
export function tinyStation(): TinyStation {
  const os = implement(contract).$context<CallContext>();
  const seen: unknown[] = [];
  const waiting: (() => void)[] = [];
  const calls = {
    station: {
      hello: os.station.hello.handler(({ input }) => ({
        protocol: input.protocol,
        version: '1',
        state: 'new' as const,
        keyElsewhere: false,
        mode: null,
        stationName: null,
        people: [],
      })),
      activeRuns: os.station.activeRuns.handler(() => []),
      settings: os.station.settings.handler(async () => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        return {
          stationName: 'Bench 1',
          benchPrefix: 'B1',
          timeZone: 'UTC',
          sessionMinutes: 60,
          productSafetyContact: null,
        };
      }),
      events: os.station.events.handler(async function* ({ input }) {
        for (let cursor = input.cursor ?? 0; cursor < 3; cursor++) yield { type: 'reset' as const, cursor };
      }),
    },
    session: {
      me: os.session.me.handler(({ context, errors }) => {
        seen.push(context.headers.authorization);
        throw errors.SIGNED_OUT({ data: { code: 'people.signed-out', hint: 'Sign in.' } });
      }),
    },
    artifacts: {
      read: os.artifacts.read.handler(
        ({ input }) => new Blob([new Uint8Array(input.length).fill(input.offset)]),
      ),
      append: os.artifacts.append.handler(async ({ input }) => ({
        received: input.offset + input.bytes.size,
      })),
    },
  };
  return {
    router: calls as unknown as StationRouter,
    seen,
    release: () => {
      for (const answer of waiting.splice(0)) answer();
    },
  };
}
