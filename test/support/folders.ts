import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** An empty folder, removed when the test has finished. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'repairbench-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** A user's home in a folder: nothing of the real user is read or written. */
export function homeIn(folder: string): Record<string, string> {
  return {
    HOME: folder,
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_DATA_HOME: join(folder, 'data'),
    REPAIRBENCH_DATA: join(folder, 'bench'),
    REPAIRBENCH_KEYS: join(folder, 'keys'),
    // Where racks register: only this test's own are seen.
    XDG_RUNTIME_DIR: folder,
  };
}
