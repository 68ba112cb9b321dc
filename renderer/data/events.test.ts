import { ORPCError } from '@orpc/client';
import { QueryClient } from '@tanstack/react-query';
import { describe, expect, it } from 'vitest';
import type { StationEvent } from '../../shared/contract/station.ts';
import type { PortView } from '../../shared/model/ports.ts';
import { applyEvent, type FollowOptions, followEvents, retryDelay } from './events.ts';
import { keys } from './keys.ts';

const port = (id: string, state: PortView['state']) => ({ id, state }) as PortView;
const stale = (cache: QueryClient, key: readonly unknown[]) => cache.getQueryState(key)?.isInvalidated;

function filled(): QueryClient {
  const cache = new QueryClient();
  cache.setQueryData(keys.ports, [port('a', 'ready'), port('b', 'working')]);
  for (const key of [
    keys.cases,
    keys.case('1'),
    keys.timeline('1'),
    keys.case('2'),
    keys.run('r'),
    keys.people,
  ]) {
    cache.setQueryData(key, {});
  }
  return cache;
}

describe('events and the cache', () => {
  it('makes stale what the topics name, and nothing else', () => {
    const cache = filled();
    applyEvent(cache, { type: 'changed', cursor: 5, topics: ['cases', 'case:1'] });
    expect([keys.cases, keys.case('1'), keys.timeline('1')].map((key) => stale(cache, key))).toEqual([
      true,
      true,
      true,
    ]);
    expect([keys.case('2'), keys.people, keys.ports].map((key) => stale(cache, key))).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('asks how much waits for the hub after every change, where there is one', () => {
    const cache = filled();
    const change: StationEvent = { type: 'changed', cursor: 5, topics: ['cases'] };
    cache.setQueryData(keys.hub, null);
    applyEvent(cache, change);
    expect(stale(cache, keys.hub)).toBe(false);
    cache.setQueryData(keys.hub, { pending: 0 });
    applyEvent(cache, change);
    expect(stale(cache, keys.hub)).toBe(true);
    cache.setQueryData(keys.hub, null);
    applyEvent(cache, { type: 'changed', cursor: 6, topics: ['hub'] });
    expect(stale(cache, keys.hub)).toBe(true);
  });

  it('asks anew what benches disagree in when cases change or the hub was heard', () => {
    const cache = filled();
    const keysOf = [keys.conflicts, keys.caseConflicts('1')];
    const read = () => {
      for (const key of keysOf) cache.setQueryData(key, []);
    };
    const isStale = () => keysOf.map((key) => stale(cache, key));
    read();
    applyEvent(cache, { type: 'changed', cursor: 5, topics: ['people'] });
    expect(isStale()).toEqual([false, false]);
    applyEvent(cache, { type: 'changed', cursor: 6, topics: ['cases', 'case:2'] });
    expect(isStale()).toEqual([true, true]);
    read();
    applyEvent(cache, { type: 'changed', cursor: 6, topics: ['hub'] });
    expect(isStale()).toEqual([true, true]);
  });

  it('reads everything again after a reset', () => {
    const cache = filled();
    applyEvent(cache, { type: 'reset', cursor: 9 });
    expect([keys.case('2'), keys.people, keys.ports].every((key) => stale(cache, key))).toBe(true);
  });

  it('puts a port in its place and leaves the others as they are', () => {
    const cache = filled();
    const before = cache.getQueryData<PortView[]>(keys.ports);
    applyEvent(cache, { type: 'port', port: port('b', 'failed') });
    const after = cache.getQueryData<PortView[]>(keys.ports);
    expect(after?.map(({ state }) => state)).toEqual(['ready', 'failed']);
    expect(after?.[0]).toBe(before?.[0]);
    applyEvent(cache, { type: 'port', port: port('c', 'unread') });
    applyEvent(cache, { type: 'port-gone', portId: 'a' });
    expect(cache.getQueryData<PortView[]>(keys.ports)?.map(({ id }) => id)).toEqual(['b', 'c']);
  });

  it('does not invent a run that nobody looks at', () => {
    const cache = filled();
    applyEvent(cache, { type: 'run', runId: 'other', caseId: '1', progress: null, prompt: null });
    expect(cache.getQueryData(keys.run('other'))).toBeUndefined();
  });
});

describe('following events', () => {
  /** Each entry is one subscription: events, then the stream breaks with the error, or ends. */
  function follow(
    script: { events: StationEvent[]; error?: Error }[],
    onFailure: FollowOptions['onFailure'],
  ) {
    const stop = new AbortController();
    const cursors: (number | null)[] = [];
    const waits: number[] = [];
    const client = {
      station: {
        events: async ({ cursor }: { cursor: number | null }) => {
          cursors.push(cursor);
          const part = script[cursors.length - 1];
          if (!part) {
            stop.abort();
            throw new Error('aborted');
          }
          return (async function* () {
            yield* part.events;
            if (part.error) throw part.error;
          })();
        },
      },
    } as unknown as FollowOptions['client'];
    const wait = async (ms: number) => {
      waits.push(ms);
    };
    return followEvents({ client, cache: filled(), signal: stop.signal, wait, onFailure }).then(() => ({
      cursors,
      waits,
    }));
  }

  it('goes on at the last cursor after a break', async () => {
    const { cursors } = await follow(
      [
        { events: [{ type: 'reset', cursor: 10 }], error: new Error('gone') },
        { events: [{ type: 'changed', cursor: 12, topics: [] }] },
      ],
      () => false,
    );
    expect(cursors).toEqual([null, 10, 12]);
  });

  it('waits longer while nothing comes back', async () => {
    const gone = { events: [], error: new Error('gone') };
    const { waits } = await follow([gone, gone, gone], () => false);
    expect(waits).toEqual([250, 500, 1000]);
    expect(retryDelay(50)).toBe(5000);
  });

  it('stops when the session is over', async () => {
    const over = new ORPCError('SIGNED_OUT', { status: 401 });
    const { cursors } = await follow(
      [{ events: [], error: over }, { events: [] }],
      (error) => error === over,
    );
    expect(cursors).toEqual([null]);
  });
});
