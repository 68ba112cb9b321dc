import { createHash } from 'node:crypto';
import { BenchError } from '../../../shared/errors/index.ts';
import type { Person, Role, Session } from '../../../shared/model/people.ts';
import type { Actor, Projection, Store } from '../storage/store.ts';
import { diskTrouble } from '../storage/trouble.ts';
import { hashPin, verifyPin } from './pin.ts';

/** Wrong PINs in a row before a name is locked, and for how long: doubling from 30 s to 15 min. */
const FREE_TRIES = 5;
const FIRST_LOCK_SECONDS = 30;
const LONGEST_LOCK_SECONDS = 15 * 60;
/** PIN checks at once; each takes 64 MiB, so a storm of sign-ins must not take the memory. */
const CHECKS_AT_ONCE = 2;
const CHECKS_WAITING = 32;

interface PersonRow {
  id: string;
  name: string;
  role: Role;
  active: 0 | 1;
  created_at: string;
  last_sign_in_at: string | null;
}
interface Credential {
  person_id: string;
  pin_hash: string;
  failures: number;
  locked_until: string | null;
}

interface SessionRow {
  person_id: string;
  expires_at: string;
}

const nameKey = (name: string) => name.trim().normalize('NFKC').toLocaleLowerCase('en');
const tokenHash = (token: string) => createHash('sha256').update(token).digest();
const toPerson = (row: PersonRow): Person => ({
  id: row.id,
  name: row.name,
  role: row.role,
  active: row.active === 1,
  createdAt: row.created_at,
  lastSignInAt: row.last_sign_in_at,
});

export const peopleProjection: Projection = {
  tables: ['people'],
  projectors: {
    'person.added': (db, op) => {
      const { name, role } = op.body as { name: string; role: Role };
      db.prepare('INSERT INTO people VALUES (?, ?, ?, ?, 1, ?, NULL)').run(
        op.entityId,
        name,
        nameKey(name),
        role,
        op.at,
      );
    },
    'person.changed': (db, op) => {
      const { role, active } = op.body as { role?: Role; active?: boolean };
      if (role) db.prepare('UPDATE people SET role = ? WHERE id = ?').run(role, op.entityId);
      if (active !== undefined) {
        db.prepare('UPDATE people SET active = ? WHERE id = ?').run(active ? 1 : 0, op.entityId);
      }
    },
    'person.signed-in': (db, op) => {
      db.prepare('UPDATE people SET last_sign_in_at = ? WHERE id = ?').run(op.at, op.entityId);
    },
    'person.pin-set': () => {},
    'person.locked-out': () => {},
  },
};

export type People = ReturnType<typeof createPeople>;

/** People, their PINs and their sessions. PINs and sessions never enter the log. */
export function createPeople(store: Store, sessionMinutes: () => number) {
  const { db, clock } = store;
  const byName = db.prepare('SELECT * FROM people WHERE name_key = ?');
  const byId = db.prepare('SELECT * FROM people WHERE id = ?');
  const all = db.prepare('SELECT * FROM people ORDER BY active DESC, name_key');
  const credential = db.prepare('SELECT * FROM credentials WHERE person_id = ?');
  const setPinHash = db.prepare(
    `INSERT INTO credentials (person_id, pin_hash) VALUES (?, ?)
     ON CONFLICT DO UPDATE SET pin_hash = excluded.pin_hash, failures = 0, locked_until = NULL`,
  );
  const setFailures = db.prepare('UPDATE credentials SET failures = ?, locked_until = ? WHERE person_id = ?');
  const session = db.prepare('SELECT person_id, expires_at FROM sessions WHERE token_hash = ?');
  const dropSessions = db.prepare('DELETE FROM sessions WHERE person_id = ?');
  const dropOtherSessions = db.prepare('DELETE FROM sessions WHERE person_id = ? AND token_hash IS NOT ?');
  const checks = gate(CHECKS_AT_ONCE, CHECKS_WAITING);
  let nobodysHash: Promise<string> | undefined;

  /** Whether the session lasts longer now: a disk that takes nothing must not keep people from reading. */
  const extend = (hash: Buffer, until: string): boolean => {
    try {
      db.prepare('UPDATE sessions SET expires_at = ? WHERE token_hash = ?').run(until, hash);
      return true;
    } catch (error) {
      if (diskTrouble(error, db.name) === error) throw error;
      return false;
    }
  };

  const find = (id: string): PersonRow => {
    const row = byId.get(id) as PersonRow | undefined;
    if (!row) throw new BenchError('input.not-found', { what: 'person', id });
    return row;
  };

  /**
   * Who has this name and PIN. Throws `people.wrong-pin`, `people.locked-out`, `people.busy`.
   * A name that nobody has costs the same time, so that names cannot be found by trying.
   */
  async function verify(name: string, pin: string): Promise<Person> {
    return checks(async () => {
      const row = byName.get(nameKey(name)) as PersonRow | undefined;
      const entry = row?.active === 1 ? (credential.get(row.id) as Credential | undefined) : undefined;
      if (entry) refuseIfLocked(entry, name);
      nobodysHash ??= hashPin('nobody');
      const fits = await verifyPin(pin, entry?.pin_hash ?? (await nobodysHash));
      if (!row || !entry) throw new BenchError('people.wrong-pin', { left: FREE_TRIES - 1 });
      if (fits) {
        setFailures.run(0, null, row.id);
        return toPerson(row);
      }
      throw countFailure(row);
    });
  }

  function refuseIfLocked(entry: Credential, name: string): void {
    const left = entry.locked_until ? Date.parse(entry.locked_until) - Date.parse(clock.now()) : 0;
    if (left > 0) throw new BenchError('people.locked-out', { name, seconds: Math.ceil(left / 1000) });
  }

  function countFailure(row: PersonRow): BenchError {
    return store.transaction(() => {
      // Read again: other tries may have been counted while this one was being checked.
      const failures = (credential.get(row.id) as Credential).failures + 1;
      if (failures < FREE_TRIES) {
        setFailures.run(failures, null, row.id);
        return new BenchError('people.wrong-pin', { left: FREE_TRIES - failures });
      }
      const seconds = Math.min(FIRST_LOCK_SECONDS * 2 ** (failures - FREE_TRIES), LONGEST_LOCK_SECONDS);
      const until = new Date(Date.parse(clock.now()) + seconds * 1000).toISOString();
      setFailures.run(failures, until, row.id);
      const body = { failures, seconds };
      store.append({ id: 'station', name: 'station' }, [
        { kind: 'person.locked-out', entityId: row.id, body },
      ]);
      return new BenchError('people.locked-out', { name: row.name, seconds });
    });
  }

  const expiry = (idleSeconds = 0) =>
    new Date(Date.parse(clock.now()) + sessionMinutes() * 60_000 - idleSeconds * 1000).toISOString();

  /** The row of a session that has not ended. */
  const sessionOf = (token: string): SessionRow | null => {
    const row = session.get(tokenHash(token)) as SessionRow | undefined;
    return row && row.expires_at >= clock.now() ? row : null;
  };

  function startSession(person: Person): Session {
    const token = Buffer.from(clock.random(32)).toString('base64url');
    const expiresAt = expiry();
    return store.transaction(() => {
      db.prepare('DELETE FROM sessions WHERE expires_at < ?').run(clock.now());
      db.prepare('INSERT INTO sessions VALUES (?, ?, ?, ?)').run(
        tokenHash(token),
        person.id,
        clock.now(),
        expiresAt,
      );
      store.append(person, [{ kind: 'person.signed-in', entityId: person.id, body: {} }]);
      return { token, person: toPerson(find(person.id)), expiresAt };
    });
  }

  async function add(actor: Actor, input: { name: string; role: Role; pin: string }): Promise<Person> {
    const pinHash = await hashPin(input.pin);
    return store.transaction(() => {
      const name = input.name.trim();
      if (byName.get(nameKey(name))) throw new BenchError('people.name-taken', { name });
      const id = clock.id();
      store.append(actor, [
        { kind: 'person.added', entityId: id, body: { name, role: input.role } },
        { kind: 'person.pin-set', entityId: id, body: {} },
      ]);
      setPinHash.run(id, pinHash);
      return toPerson(find(id));
    });
  }

  async function update(
    actor: Actor,
    id: string,
    change: { role?: Role | undefined; active?: boolean | undefined; pin?: string | undefined },
  ): Promise<Person> {
    const pinHash = change.pin === undefined ? null : await hashPin(change.pin);
    if (pinHash && id === actor.id) throw new BenchError('people.own-pin');
    return store.transaction(() => {
      const row = find(id);
      const staysAdministrator =
        (change.role ?? row.role) === 'administrator' && (change.active ?? row.active === 1);
      if (row.role === 'administrator' && row.active === 1 && !staysAdministrator) keepOne(row);
      const body = {
        ...(change.role === undefined ? {} : { role: change.role }),
        ...(change.active === undefined ? {} : { active: change.active }),
      };
      if (Object.keys(body).length > 0) store.append(actor, [{ kind: 'person.changed', entityId: id, body }]);
      if (pinHash) setPin(actor, id, pinHash);
      // A new PIN, role or a leaver ends what was open under the old one.
      if (id !== actor.id || change.active === false) dropSessions.run(id);
      return toPerson(find(id));
    });
  }

  function setPin(actor: Actor, id: string, pinHash: string, body: { byRecoveryKey?: true } = {}): void {
    store.append(actor, [{ kind: 'person.pin-set', entityId: id, body }]);
    setPinHash.run(id, pinHash);
  }

  function keepOne(row: PersonRow): void {
    const others = db
      .prepare("SELECT count(*) AS n FROM people WHERE role = 'administrator' AND active = 1 AND id <> ?")
      .get(row.id) as { n: number };
    if (others.n === 0) throw new BenchError('people.last-administrator', { name: row.name });
  }

  return {
    verify,
    add,
    update,
    list: (): Person[] => (all.all() as PersonRow[]).map(toPerson),
    get: (id: string): Person => toPerson(find(id)),
    signIn: async (name: string, pin: string): Promise<Session> => startSession(await verify(name, pin)),
    startSession,
    /**
     * The person of a token, and when the session ends: so many minutes after its last use. Null when it has ended.
     * @param idleSeconds how long nobody has used the window that calls: what a window reads by itself, because
     * somebody else changed something, prolongs nothing
     */
    resume(token: string, idleSeconds = 0): { person: Person; expiresAt: string } | null {
      const row = sessionOf(token);
      const next = expiry(idleSeconds);
      if (!row || next < clock.now()) return null;
      const person = toPerson(find(row.person_id));
      if (!person.active) return null;
      // Once a minute is enough; a write for each call would cost a disk sync.
      const isDue = Math.abs(Date.parse(next) - Date.parse(row.expires_at)) > 60_000;
      return { person, expiresAt: isDue && extend(tokenHash(token), next) ? next : row.expires_at };
    },
    /** Whether a session lasts, without using it. */
    isSignedIn: (token: string): boolean => sessionOf(token) !== null,
    signOut: (token: string): void => {
      db.prepare('DELETE FROM sessions WHERE token_hash = ?').run(tokenHash(token));
    },
    /** Ends the person's other sessions: whoever changes a PIN may do so because somebody else knows it. */
    async setMyPin(person: Person, current: string, next: string, token: string | null): Promise<void> {
      await verify(person.name, current);
      const pinHash = await hashPin(next);
      store.transaction(() => {
        setPin(person, person.id, pinHash);
        dropOtherSessions.run(person.id, token === null ? null : tokenHash(token));
      });
    },
    /** For an administrator who forgot it; the caller has made sure of the recovery key. Throws `people.not-administrator`. */
    async resetPin(actor: Actor, name: string, next: string): Promise<void> {
      const pinHash = await hashPin(next);
      const row = byName.get(nameKey(name)) as PersonRow | undefined;
      if (!row || row.active === 0 || row.role !== 'administrator') {
        throw new BenchError('people.not-administrator', { name });
      }
      store.transaction(() => {
        setPin(actor, row.id, pinHash, { byRecoveryKey: true });
        dropSessions.run(row.id);
      });
    },
  };
}

/** Runs at most `width` at once and lets `waiting` queue; more are refused as `people.busy`. */
function gate(width: number, waiting: number) {
  let running = 0;
  const queue: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= width) {
      if (queue.length >= waiting) throw new BenchError('people.busy');
      await new Promise<void>((resolve) => queue.push(resolve));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
