import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import { openStation, type Station } from '../../electron/station/index.ts';
import { keyFileProtector } from '../../electron/station/storage/key-file.ts';
import type { StationClient } from '../../shared/contract/index.ts';
import type { StationSettings } from '../../shared/contract/station.ts';

/** A training bench in folders of its own, signed in as its administrator. */
export interface TestBench {
  readonly station: Station;
  readonly client: StationClient;
  readonly dataDir: string;
  readonly keysDir: string;
  readonly recoveryKey: string;
  readonly token: string;
  /** A client with another session, or none. */
  clientAs(token: string | null): StationClient;
  close(): Promise<void>;
}

export const root = new URL('../../', import.meta.url);

export function openTestStation(dataDir: string, keysDir: string): Promise<Station> {
  return openStation({
    dataDir,
    protector: keyFileProtector(keysDir),
    resourcesDir: join(root.pathname, 'resources'),
    workerUrl: new URL('electron/station/evidence/worker.ts', root),
    version: 'test',
    holder: 'a test',
  });
}

export const clientOf = (station: Station, token: string | null): StationClient =>
  createRouterClient(station.router, {
    context: { headers: token ? { authorization: `Bearer ${token}` } : {} },
  }) as unknown as StationClient;

export async function makeBench(
  mode: 'live' | 'training' = 'training',
  settings: Partial<StationSettings> = {},
): Promise<TestBench> {
  const folder = mkdtempSync(join(tmpdir(), 'repairbench-bench-'));
  const dataDir = join(folder, 'data');
  const keysDir = join(folder, 'keys');
  const station = await openTestStation(dataDir, keysDir);
  const made = await clientOf(station, null).station.init({
    mode,
    admin: { name: 'Ada', pin: '2468' },
    settings,
  });
  const { token } = made.session;
  return {
    station,
    client: clientOf(station, token),
    dataDir,
    keysDir,
    recoveryKey: made.recoveryKey,
    token,
    clientAs: (other) => clientOf(station, other),
    async close() {
      await station.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
