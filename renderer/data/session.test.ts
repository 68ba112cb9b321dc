import { describe, expect, it } from 'vitest';
import type { Session } from '../../shared/model/people.ts';
import { createSessionStore } from './session.ts';

function memory(initial?: string) {
  let held = initial ?? null;
  return {
    getItem: () => held,
    setItem: (_key: string, value: string) => {
      held = value;
    },
    removeItem: () => {
      held = null;
    },
    held: () => held,
  };
}
const session: Session = {
  token: 't'.repeat(40),
  person: {
    id: '0190a0a0-0000-7000-8000-000000000001',
    name: 'Ada',
    role: 'technician',
    active: true,
    createdAt: '2025-01-01T00:00:00.000Z',
    lastSignInAt: null,
  },
  expiresAt: '2025-01-01T01:00:00.000Z',
};

describe('the session of a window', () => {
  it('outlives a reload', () => {
    const storage = memory();
    createSessionStore(storage).begin(session);
    expect(createSessionStore(storage).get().session?.token).toBe(session.token);
  });
  it('keeps the person, not the token, when it expires', () => {
    const storage = memory(JSON.stringify(session));
    const store = createSessionStore(storage);
    store.expire();
    expect(store.get()).toEqual({ session: null, last: session.person, ended: 'expired' });
    expect(storage.held()).toBeNull();
  });
  it('keeps nothing after signing out', () => {
    const store = createSessionStore(memory(JSON.stringify(session)));
    store.end();
    expect(store.get()).toEqual({ session: null, last: null, ended: null });
  });
  it('tells its listeners, once', () => {
    const store = createSessionStore(memory());
    let told = 0;
    const stop = store.subscribe(() => {
      told += 1;
    });
    store.begin(session);
    stop();
    store.end();
    expect(told).toBe(1);
  });
  it('ignores what it cannot read', () => {
    expect(createSessionStore(memory('{"token":5}')).get().session).toBeNull();
    expect(createSessionStore(memory('not json')).get().session).toBeNull();
  });
});
