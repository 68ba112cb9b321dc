import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from 'react';
import type { StationClient } from '../../shared/contract/index.ts';
import type { Person } from '../../shared/model/people.ts';
import { createAttendance } from './attendance.ts';
import type { Connection, ConnectionStatus } from './connection.ts';
import { followEvents, retryDelay } from './events.ts';
import { asFailure, isSignedOut } from './failures.ts';
import { keys } from './keys.ts';
import { createSessionStore, type SessionState, type SessionStore } from './session.ts';

interface Station {
  readonly client: StationClient;
  readonly status: ConnectionStatus;
  readonly session: SessionState;
  readonly sessions: SessionStore;
}

const StationContext = createContext<Station | null>(null);

/** The station this page talks to. */
export function useStation(): Station {
  const station = useContext(StationContext);
  if (!station) throw new Error('StationProvider is missing above this component');
  return station;
}

/** The signed-in person; only under the signed-in part of the page. */
export function useMe(): Person {
  const { session } = useStation();
  if (!session.last) throw new Error('Nobody is signed in');
  return session.last;
}

const wait = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });

function createCache(onSignedOut: () => void): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => {
        if (isSignedOut(error)) onSignedOut();
      },
    }),
    defaultOptions: {
      queries: {
        // The station tells what changed; nothing is read again without a reason.
        staleTime: Number.POSITIVE_INFINITY,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        networkMode: 'always',
        // A station that restarts is back in seconds; an answer of the domain will not change by asking again.
        retry: (failures, error) => asFailure(error).code === 'offline' && failures < 20,
        retryDelay,
      },
      mutations: {
        networkMode: 'always',
        onError: (error) => {
          if (isSignedOut(error)) onSignedOut();
        },
      },
    },
  });
}

/** How often a window looks whether its session is over, in milliseconds. */
const LOOK_EVERY = 10_000;

/** Ends the session of a window that nobody uses, and keeps that of one in use. */
function useAttendance(connection: Connection, sessions: SessionStore, token: string | null): void {
  const attendance = useMemo(createAttendance, []);
  useEffect(() => {
    const { session } = sessions.get();
    if (!token || !session) return;
    attendance.begin(session.expiresAt);
    connection.setIdle(attendance.idleSeconds);
    let telling = false;
    const tell = async () => {
      if (telling) return;
      telling = true;
      const toldAt = attendance.now();
      try {
        const { expiresAt } = await connection.client.session.me();
        attendance.granted(expiresAt, toldAt);
        sessions.renew(expiresAt);
      } catch (error) {
        if (isSignedOut(error)) sessions.expire();
      } finally {
        telling = false;
      }
    };
    const look = () => {
      const needed = attendance.needed();
      if (needed === 'end') sessions.expire();
      if (needed === 'telling') void tell();
    };
    const onUse = () => {
      // Whoever comes too late finds the session over.
      look();
      attendance.use();
      look();
    };
    look();
    const timer = setInterval(look, LOOK_EVERY);
    const uses = ['keydown', 'pointerdown', 'wheel'] as const;
    for (const use of uses) window.addEventListener(use, onUse, { capture: true, passive: true });
    return () => {
      clearInterval(timer);
      for (const use of uses) window.removeEventListener(use, onUse, { capture: true });
    };
  }, [attendance, connection, sessions, token]);
}

/** Connection, session, cache and the station's events, for everything below. */
export function StationProvider({ connection, children }: { connection: Connection; children: ReactNode }) {
  const { client } = connection;
  const [status, setStatus] = useState<ConnectionStatus>('connecting');
  const sessions = useMemo(() => createSessionStore(sessionStorage), []);
  const session = useSyncExternalStore(sessions.subscribe, sessions.get);
  const cache = useMemo(() => createCache(sessions.expire), [sessions]);
  const token = session.session?.token ?? null;

  // Before any child asks anything: effects of children run first, so this cannot wait for an effect.
  connection.setToken(token);

  useEffect(
    () =>
      connection.onStatus((next) => {
        setStatus(next);
        // After a break it may be another version, with other people.
        if (next === 'online') void cache.invalidateQueries({ queryKey: keys.hello });
      }),
    [connection, cache],
  );
  useEffect(() => {
    // Nobody was told of changes while nobody was signed in.
    if (!token) void cache.invalidateQueries({ queryKey: keys.hello });
  }, [cache, token]);
  useAttendance(connection, sessions, token);

  useEffect(() => {
    if (!token) return;
    const stop = new AbortController();
    void followEvents({
      client,
      cache,
      signal: stop.signal,
      wait,
      onFailure: (error) => {
        if (isSignedOut(error)) sessions.expire();
        return isSignedOut(error);
      },
    });
    return () => stop.abort();
  }, [client, cache, sessions, token]);

  const station = useMemo(() => ({ client, status, session, sessions }), [client, status, session, sessions]);
  return (
    <StationContext value={station}>
      <QueryClientProvider client={cache}>{children}</QueryClientProvider>
    </StationContext>
  );
}
