import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../storage/clock.ts';
import { type TestStore, testStore } from '../testing/store.ts';
import { createPeople, type People } from './service.ts';

const STATION = { id: 'station', name: 'station' };
let now: number;
let test: TestStore;
let people: People;
beforeEach(() => {
  now = Date.parse('2026-03-01T08:00:00.000Z');
  test = testStore({}, [], { ...systemClock, now: () => new Date(now).toISOString() });
  people = createPeople(test.store, () => 60);
});
afterEach(() => test.dispose());

const code = (expected: string) => expect.objectContaining({ code: expected });
const ada = () => people.add(STATION, { name: 'Ada', role: 'administrator', pin: '2468' });

describe('signing in', () => {
  it('takes the name in any case, and only the right PIN', async () => {
    await ada();
    const session = await people.signIn('  aDA ', '2468');
    expect(session.person).toMatchObject({ name: 'Ada', role: 'administrator' });
    expect(people.resume(session.token)?.person.name).toBe('Ada');
    await expect(people.signIn('Ada', '2469')).rejects.toThrow(code('people.wrong-pin'));
    await expect(people.signIn('Nobody', '2468')).rejects.toThrow(code('people.wrong-pin'));
  });

  it('survives the station being opened again, and ends by time, sign-out and leaving', async () => {
    const admin = await ada();
    const tech = await people.add(admin, { name: 'Tom', role: 'technician', pin: '1111' });
    const one = await people.signIn('Tom', '1111');
    people = createPeople(test.reopen(), () => 60);
    expect(people.resume(one.token)?.person.id).toBe(tech.id);
    people.signOut(one.token);
    expect(people.resume(one.token)).toBeNull();
    const two = await people.signIn('Tom', '1111');
    now += 61 * 60_000;
    expect(people.resume(two.token)).toBeNull();
    const three = await people.signIn('Tom', '1111');
    await people.update(admin, tech.id, { active: false });
    expect(people.resume(three.token)).toBeNull();
    await expect(people.signIn('Tom', '1111')).rejects.toThrow(code('people.wrong-pin'));
  });

  it('stays open while it is used', async () => {
    await ada();
    const { token } = await people.signIn('Ada', '2468');
    for (let i = 0; i < 5; i++) {
      now += 50 * 60_000;
      expect(people.resume(token)).not.toBeNull();
    }
  });

  it('is not kept open by what a window reads by itself', async () => {
    await ada();
    const { token } = await people.signIn('Ada', '2468');
    const start = now;
    const unattended = () => people.resume(token, (now - start) / 1000);
    for (let minutes = 5; minutes <= 55; minutes += 5) {
      now = start + minutes * 60_000;
      expect(unattended()).not.toBeNull();
    }
    now = start + 61 * 60_000;
    expect(people.isSignedIn(token)).toBe(false);
    expect(unattended()).toBeNull();
  });

  it('ends sooner once the station allows fewer minutes', async () => {
    let minutes = 60;
    people = createPeople(test.store, () => minutes);
    await ada();
    const { token } = await people.signIn('Ada', '2468');
    now += 10 * 60_000;
    minutes = 5;
    expect(people.resume(token, 10 * 60)).toBeNull();
    expect(people.resume(token, 60)).not.toBeNull();
    now += 4 * 60_000 + 1;
    expect(people.isSignedIn(token)).toBe(false);
  });

  it('can still be read with when the disk takes nothing', async () => {
    await ada();
    const { token, expiresAt } = await people.signIn('Ada', '2468');
    now += 50 * 60_000;
    test.db.pragma('query_only = ON');
    expect(people.resume(token)).toMatchObject({ person: { name: 'Ada' }, expiresAt });
    test.db.pragma('query_only = OFF');
    expect(people.resume(token)?.expiresAt).not.toBe(expiresAt);
  });

  it('keeps neither PIN nor token in the clear', async () => {
    await ada();
    const { token } = await people.signIn('Ada', '2468');
    const everything = ['ops', 'people', 'credentials', 'sessions'].flatMap((table) =>
      test.db.prepare(`SELECT * FROM ${table}`).all(),
    );
    const text = JSON.stringify(everything);
    expect(text).not.toContain('2468');
    expect(text).not.toContain(token);
    expect(JSON.stringify(test.db.prepare('SELECT body FROM ops').all())).not.toContain('scrypt');
  });
});

describe('a storm of wrong PINs', () => {
  it('locks the name for longer and longer, also when all come at once', async () => {
    await ada();
    const tries = await Promise.allSettled(Array.from({ length: 12 }, () => people.signIn('Ada', '0000')));
    expect(tries.every((result) => result.status === 'rejected')).toBe(true);
    await expect(people.signIn('Ada', '2468')).rejects.toThrow(code('people.locked-out'));
    const locks = test.store.after(0, 100).filter((op) => op.kind === 'person.locked-out');
    expect(locks.length).toBeGreaterThan(0);
    const seconds = locks.map((op) => (op.body as { seconds: number }).seconds);
    expect(seconds).toEqual([...seconds].sort((a, b) => a - b));
  });

  it('lets the right PIN in after the wait, and a new PIN at once', async () => {
    const admin = await ada();
    const tom = await people.add(admin, { name: 'Tom', role: 'technician', pin: '1111' });
    for (let i = 0; i < 5; i++) await people.signIn('Tom', '0000').catch(() => {});
    await expect(people.signIn('Tom', '1111')).rejects.toThrow(code('people.locked-out'));
    now += 31_000;
    await people.signIn('Tom', '1111');
    for (let i = 0; i < 5; i++) await people.signIn('Tom', '0000').catch(() => {});
    await people.update(admin, tom.id, { pin: '2222' });
    await people.signIn('Tom', '2222');
  });

  it('is still counted after a restart', async () => {
    await ada();
    for (let i = 0; i < 5; i++) await people.signIn('Ada', '0000').catch(() => {});
    people = createPeople(test.reopen(), () => 60);
    await expect(people.signIn('Ada', '2468')).rejects.toThrow(code('people.locked-out'));
  });

  it('turns a flood away instead of filling the memory', async () => {
    await ada();
    const flood = await Promise.allSettled(Array.from({ length: 60 }, () => people.verify('Nobody', '0000')));
    const reasons = flood.map((result) => (result as PromiseRejectedResult).reason.code);
    expect(reasons.filter((reason) => reason === 'people.busy').length).toBe(60 - 34);
  });
});

describe('people', () => {
  it('have names of their own', async () => {
    await ada();
    await expect(people.add(STATION, { name: 'ADA', role: 'qa', pin: '1234' })).rejects.toThrow(
      code('people.name-taken'),
    );
  });

  it('always include an administrator', async () => {
    const admin = await ada();
    await expect(people.update(admin, admin.id, { role: 'qa' })).rejects.toThrow(
      code('people.last-administrator'),
    );
    const second = await people.add(admin, { name: 'Bea', role: 'administrator', pin: '1234' });
    await people.update(second, admin.id, { active: false });
    await expect(people.update(second, second.id, { active: false })).rejects.toThrow(
      code('people.last-administrator'),
    );
  });

  it('change their own PIN with the old one', async () => {
    const admin = await ada();
    const here = await people.signIn('Ada', '2468');
    const elsewhere = await people.signIn('Ada', '2468');
    await expect(people.setMyPin(admin, '0000', '9999', here.token)).rejects.toThrow(
      code('people.wrong-pin'),
    );
    await expect(people.update(admin, admin.id, { pin: '9999' })).rejects.toThrow(code('people.own-pin'));
    await people.setMyPin(admin, '2468', '9999', here.token);
    await people.signIn('Ada', '9999');
    expect(people.resume(here.token)).not.toBeNull();
    expect(people.resume(elsewhere.token)).toBeNull();
  });

  it('who administer get a new PIN with the recovery key, nobody else does', async () => {
    const admin = await ada();
    await people.add(admin, { name: 'Tom', role: 'technician', pin: '1111' });
    const { token } = await people.signIn('Ada', '2468');
    for (let i = 0; i < 5; i++) await people.signIn('Ada', '0000').catch(() => {});
    await people.resetPin(STATION, 'ada', '9999');
    expect(people.resume(token)).toBeNull();
    await people.signIn('Ada', '9999');
    await expect(people.resetPin(STATION, 'Tom', '9999')).rejects.toThrow(code('people.not-administrator'));
  });
});
