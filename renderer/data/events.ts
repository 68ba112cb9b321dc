import type { QueryClient } from '@tanstack/react-query';
import type { StationClient } from '../../shared/contract/index.ts';
import type { StationEvent } from '../../shared/contract/station.ts';
import type { PortView } from '../../shared/model/ports.ts';
import type { RunView } from '../../shared/model/runs.ts';
import { keys, topicKey } from './keys.ts';

/** Brings the cache up to date with one event. */
export function applyEvent(cache: QueryClient, event: StationEvent): void {
  switch (event.type) {
    case 'changed':
      for (const topic of event.topics) void cache.invalidateQueries({ queryKey: topicKey(topic) });
      // Names and people stand on the sign-in screen too.
      if (event.topics.some((topic) => topic === 'people' || topic === 'settings')) {
        void cache.invalidateQueries({ queryKey: keys.hello });
      }
      // What benches disagree in comes and goes with cases, and with how far the hub's history was read.
      if (event.topics.some((topic) => topic === 'cases' || topic === 'hub')) {
        void cache.invalidateQueries({ queryKey: keys.conflicts });
      }
      // Whatever changed waits for the hub, where there is one, until that has it.
      if (cache.getQueryData(keys.hub)) void cache.invalidateQueries({ queryKey: keys.hub });
      return;
    case 'reset':
      void cache.invalidateQueries();
      return;
    case 'port':
      cache.setQueryData<PortView[]>(keys.ports, (ports) => ports && withPort(ports, event.port));
      return;
    case 'port-gone':
      cache.setQueryData<PortView[]>(keys.ports, (ports) => ports?.filter(({ id }) => id !== event.portId));
      return;
    case 'run':
      cache.setQueryData<RunView>(
        keys.run(event.runId),
        (run) => run && { ...run, progress: event.progress, prompt: event.prompt },
      );
      return;
  }
}

/** Every other port stays the same object, so that its card is not drawn again. */
function withPort(ports: PortView[], port: PortView): PortView[] {
  return ports.some(({ id }) => id === port.id)
    ? ports.map((other) => (other.id === port.id ? port : other))
    : [...ports, port];
}

/** Milliseconds to wait before the next try: quick at first, never more than 5 s. */
export const retryDelay = (failures: number): number => Math.min(5_000, 250 * 2 ** Math.min(failures, 5));

export interface FollowOptions {
  readonly client: Pick<StationClient, 'station'>;
  readonly cache: QueryClient;
  readonly signal: AbortSignal;
  /** Resolves after the time or as soon as the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Called with each failure; true stops following (the session is over). */
  readonly onFailure: (error: unknown) => boolean;
}

/**
 * Follows the station's events until the signal aborts. After a break it goes on at the last cursor, so that
 * nothing is missed; ports, runs and the hub's state, which have no cursor, are read again.
 */
export async function followEvents({ client, cache, signal, wait, onFailure }: FollowOptions): Promise<void> {
  let cursor: number | null = null;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const events = await client.station.events({ cursor }, { signal });
      if (cursor !== null) {
        void cache.invalidateQueries({ queryKey: keys.ports });
        void cache.invalidateQueries({ queryKey: ['run'] });
        void cache.invalidateQueries({ queryKey: keys.hub });
      }
      for await (const event of events) {
        failures = 0;
        if (event.type === 'changed' || event.type === 'reset') cursor = event.cursor;
        applyEvent(cache, event);
      }
    } catch (error) {
      if (signal.aborted || onFailure(error)) return;
    }
    await wait(retryDelay(failures++), signal);
  }
}
