import type { z } from 'zod';
import { type Person, Session } from '../../shared/model/people.ts';

/** Who is signed in, as the page remembers it. */
export interface SessionState {
  readonly session: Session | null;
  /** The last person, so that their place and drafts are still there when they sign in again. */
  readonly last: Person | null;
  /** Why nobody is signed in: null at the start and after signing out on purpose. */
  readonly ended: 'expired' | null;
}

const KEY = 'repairbench.session';

export type SessionStore = ReturnType<typeof createSessionStore>;

/**
 * The session of this window. It lives as long as the window: a reload and a restart of the station keep it,
 * a closed window forgets it.
 */
export function createSessionStore(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>) {
  const listeners = new Set<() => void>();
  const session = restore(storage);
  let state: SessionState = { session, last: session?.person ?? null, ended: null };

  function set(next: SessionState): void {
    state = next;
    if (next.session) storage.setItem(KEY, JSON.stringify(next.session));
    else storage.removeItem(KEY);
    for (const listener of listeners) listener();
  }

  return {
    get: (): SessionState => state,
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    begin: (next: z.infer<typeof Session>): void => set({ session: next, last: next.person, ended: null }),
    /** The station says until when it lasts now. */
    renew: (expiresAt: string): void => {
      if (state.session) set({ ...state, session: { ...state.session, expiresAt } });
    },
    /** It ran out, or the station ended it: the place is kept. */
    expire: (): void => {
      if (state.session) set({ session: null, last: state.last, ended: 'expired' });
    },
    /** The person ended it: nothing is kept. */
    end: (): void => set({ session: null, last: null, ended: null }),
  };
}

function restore(storage: Pick<Storage, 'getItem'>): Session | null {
  const text = storage.getItem(KEY);
  if (!text) return null;
  try {
    const parsed = Session.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
