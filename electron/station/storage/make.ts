import { generateKeyPairSync } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { Clock } from './store.ts';

/** Writes the station's one row: its id, first incarnation, mode and signing key. */
export function makeStation(db: Database, clock: Clock, stationId: string, mode: 'live' | 'training'): void {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  db.prepare('INSERT INTO station VALUES (1, ?, ?, ?, ?, ?, ?)').run(
    stationId,
    clock.id(),
    mode,
    publicKey.export({ format: 'der', type: 'spki' }),
    privateKey.export({ format: 'der', type: 'pkcs8' }),
    clock.now(),
  );
}
