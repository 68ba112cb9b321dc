/**
 * Who waits for something new in a site's feed. A push on this hub wakes them at once; one on another hub of the same
 * database is seen by looking once a second, which every engine can do.
 */
export function createWaiting(look: (siteId: string) => Promise<number>, everyMs = 1000) {
  const waiting = new Map<string, Set<(n: number) => void>>();
  let timer: NodeJS.Timeout | null = null;

  function tell(siteId: string, n: number): void {
    for (const wake of waiting.get(siteId) ?? []) wake(n);
  }

  async function lookAt(siteId: string): Promise<void> {
    // A database that is away for a moment is the next request's trouble, not that of whoever waits.
    const n = await look(siteId).catch(() => null);
    if (n !== null) tell(siteId, n);
  }

  async function lookAll(): Promise<void> {
    for (const siteId of waiting.keys()) await lookAt(siteId);
    timer = waiting.size > 0 ? setTimeout(() => void lookAll(), everyMs) : null;
  }

  return {
    tell,
    /** Resolves when the feed goes beyond `after`, when the time is up, or when the reader went away. */
    beyond(siteId: string, after: number, timeoutMs: number, gone: AbortSignal): Promise<void> {
      return new Promise((resolve) => {
        const here = waiting.get(siteId) ?? new Set();
        waiting.set(siteId, here);
        const end = () => {
          clearTimeout(late);
          gone.removeEventListener('abort', end);
          here.delete(wake);
          if (here.size === 0) waiting.delete(siteId);
          resolve();
        };
        const wake = (n: number) => {
          if (n > after) end();
        };
        const late = setTimeout(end, timeoutMs);
        gone.addEventListener('abort', end);
        here.add(wake);
        timer ??= setTimeout(() => void lookAll(), everyMs);
        // Something may have come since the caller looked.
        void lookAt(siteId);
      });
    },
    close(): void {
      if (timer) clearTimeout(timer);
      timer = null;
      for (const here of waiting.values()) for (const wake of [...here]) wake(Number.POSITIVE_INFINITY);
      waiting.clear();
    },
  };
}

export type Waiting = ReturnType<typeof createWaiting>;
