import { createContext, type ReactNode, useContext, useSyncExternalStore } from 'react';
import { formatAgo, formatInstant } from './format.ts';

const ZoneContext = createContext<string | undefined>(undefined);
/** The site's zone for every time on the page. */
export const ZoneProvider = ({ zone, children }: { zone: string | undefined; children: ReactNode }) => (
  <ZoneContext value={zone}>{children}</ZoneContext>
);
export const useZone = (): string | undefined => useContext(ZoneContext);

const TICK = 15_000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | null = null;
let current = Date.now();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    current = Date.now();
    for (const each of listeners) each();
  }, TICK);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0 && timer) {
      clearInterval(timer);
      timer = null;
    }
  };
}

/** The time, renewed every 15 s by one timer for the whole page. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => {
    // A page that had no clock for a while must not start with an old time.
    if (listeners.size === 0) current = Math.floor(Date.now() / TICK) * TICK;
    return current;
  });
}

/** A past instant in people's words, the exact one in its title. */
export function When({ at }: { at: string }) {
  const zone = useZone();
  const now = useNow();
  return (
    <time dateTime={at} title={formatInstant(at, zone)} className="rb-figures">
      {formatAgo(at, Math.max(now, Date.parse(at)), zone)}
    </time>
  );
}
