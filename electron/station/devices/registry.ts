import { BenchError } from '../../../shared/errors/index.ts';
import { given } from '../../../shared/given.ts';
import { DEFAULT_LINE, type LineSettings } from '../../../shared/model/ports.ts';
import type { Family } from '../../../shared/model/units.ts';
import type { Actor, Projection, Store } from '../storage/store.ts';

/** A remembered port: what the person (or hotplug) said of it. */
export interface PortRecord {
  readonly id: string;
  readonly address: string;
  readonly label: string;
  readonly family: Family | null;
  readonly line: LineSettings;
  readonly login: string | null;
  readonly origin: 'hotplug' | 'added';
}

interface PortRow extends Omit<PortRecord, 'line'> {
  line: string;
}

export interface NewPort {
  address: string;
  label: string;
  family: Family | null;
  line: Partial<LineSettings>;
  login: string | null;
  password: string | null;
  origin: 'hotplug' | 'added';
}

export interface PortChange {
  label?: string | undefined;
  family?: Family | null | undefined;
  line?: Partial<LineSettings> | undefined;
  login?: string | null | undefined;
  password?: string | null | undefined;
}

const toRecord = (row: PortRow): PortRecord => ({
  id: row.id,
  address: row.address,
  label: row.label,
  family: row.family,
  line: JSON.parse(row.line) as LineSettings,
  login: row.login,
  origin: row.origin,
});

export const portsProjection: Projection = {
  tables: ['ports'],
  projectors: {
    'port.added': (db, op) => {
      const body = op.body as Omit<PortRecord, 'id'>;
      db.prepare('INSERT INTO ports VALUES (?, ?, ?, ?, ?, ?, ?, ?)').run(
        op.entityId,
        body.address,
        body.label,
        body.family,
        JSON.stringify(body.line),
        body.login,
        body.origin,
        op.at,
      );
    },
    'port.changed': (db, op) => {
      const body = op.body as PortChange;
      const set = (column: string, value: unknown) =>
        db.prepare(`UPDATE ports SET ${column} = ? WHERE id = ?`).run(value, op.entityId);
      if (body.label !== undefined) set('label', body.label);
      if (body.family !== undefined) set('family', body.family);
      if (body.line !== undefined) set('line', JSON.stringify(body.line));
      if (body.login !== undefined) set('login', body.login);
    },
    'port.forgotten': (db, op) => {
      db.prepare('DELETE FROM ports WHERE id = ?').run(op.entityId);
    },
  },
};

export type PortRegistry = ReturnType<typeof createPortRegistry>;

/** The ports this bench remembers, with speed, format and login for each. */
export function createPortRegistry(store: Store) {
  const { db } = store;
  const byId = db.prepare('SELECT * FROM ports WHERE id = ?');
  const byAddress = db.prepare('SELECT * FROM ports WHERE address = ?');
  const secret = db.prepare('SELECT password FROM port_secrets WHERE port_id = ?');

  function get(id: string): PortRecord {
    const row = byId.get(id) as PortRow | undefined;
    if (!row) throw new BenchError('input.not-found', { what: 'port', id });
    return toRecord(row);
  }

  function setPassword(id: string, password: string | null): void {
    if (password === null) db.prepare('DELETE FROM port_secrets WHERE port_id = ?').run(id);
    else db.prepare('INSERT OR REPLACE INTO port_secrets VALUES (?, ?)').run(id, password);
  }

  return {
    get,
    list: (): PortRecord[] =>
      (db.prepare('SELECT * FROM ports ORDER BY added_at, id').all() as PortRow[]).map(toRecord),
    findByAddress: (address: string): PortRecord | null => {
      const row = byAddress.get(address) as PortRow | undefined;
      return row ? toRecord(row) : null;
    },
    password: (id: string): string | null =>
      (secret.get(id) as { password: string } | undefined)?.password ?? null,
    add: (actor: Actor, port: NewPort): PortRecord =>
      store.transaction(() => {
        const known = byAddress.get(port.address) as PortRow | undefined;
        if (known) throw new BenchError('port.known', { address: port.address, label: known.label });
        const id = store.clock.id();
        const { password, ...body } = { ...port, line: { ...DEFAULT_LINE, ...given(port.line) } };
        store.append(actor, [{ kind: 'port.added', entityId: id, body }]);
        setPassword(id, password);
        return get(id);
      }),
    update: (actor: Actor, id: string, change: PortChange): PortRecord =>
      store.transaction(() => {
        const before = get(id);
        const { password, line, ...rest } = change;
        const body = {
          ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)),
          ...(line ? { line: { ...before.line, ...given(line) } } : {}),
        };
        if (Object.keys(body).length > 0) {
          store.append(actor, [{ kind: 'port.changed', entityId: id, body }]);
        }
        if (password !== undefined) setPassword(id, password);
        return get(id);
      }),
    forget: (actor: Actor, id: string): void =>
      store.transaction(() => {
        const { address } = get(id);
        store.append(actor, [{ kind: 'port.forgotten', entityId: id, body: { address } }]);
        setPassword(id, null);
      }),
  };
}
