import { StationSettings } from '../../shared/contract/station.ts';
import type { Actor, Projection, Store } from './storage/store.ts';

const DEFAULTS: StationSettings = {
  stationName: 'Bench 1',
  benchPrefix: 'B1',
  timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC',
  sessionMinutes: 12 * 60,
  productSafetyContact: null,
};

const OneSetting = StationSettings.partial();

export const stationProjection: Projection = {
  tables: ['settings'],
  projectors: {
    'station.made': () => {},
    'station.restored': () => {},
    'station.key-rotated': () => {},
    'station.recovery-key-made': () => {},
    'station.hub-joined': () => {},
    'station.hub-left': () => {},
    'station.settings': (db, op) => {
      const set = db.prepare(
        'INSERT INTO settings VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
      );
      for (const [name, value] of Object.entries(op.body as object)) set.run(name, JSON.stringify(value));
    },
  },
};

/** The station's settings, each change an operation. */
export function createSettings(store: Store & { stationId: string }) {
  const all = store.db.prepare('SELECT name, value FROM settings');
  let cached: StationSettings | null = null;
  store.onCommitted((ops) => {
    if (ops.some((op) => op.entity === 'station')) cached = null;
  });
  const get = (): StationSettings => {
    if (cached) return cached;
    const stored = (all.all() as { name: string; value: string }[]).map(
      (row) => [row.name, JSON.parse(row.value)] as const,
    );
    // What an earlier program let in and this one does not must not keep the bench from working.
    const valid = stored.filter(([name, value]) => OneSetting.safeParse({ [name]: value }).success);
    cached = StationSettings.parse({ ...DEFAULTS, ...Object.fromEntries(valid) });
    return cached;
  };
  return {
    get,
    set(actor: Actor, change: Partial<StationSettings>): StationSettings {
      if (Object.keys(change).length > 0) {
        store.append(actor, [{ kind: 'station.settings', entityId: store.stationId, body: change }]);
      }
      return get();
    },
  };
}
