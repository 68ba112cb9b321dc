import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * Where a bench keeps its data: what was asked for, else `REPAIRBENCH_DATA`, else the user's own folder.
 * A training bench has a folder of its own beside the live one.
 */
export function dataFolder(
  options: { readonly data?: string | undefined; readonly training?: boolean },
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const named = options.data || env.REPAIRBENCH_DATA;
  if (named) return resolve(named);
  return join(userDataRoot(env, platform), options.training ? 'repairbench-training' : 'repairbench');
}

/** The platform's place for an application's data. */
function userDataRoot(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support');
  if (platform === 'win32') return env.APPDATA || join(homedir(), 'AppData', 'Roaming');
  return env.XDG_DATA_HOME || join(homedir(), '.local', 'share');
}

/**
 * Where the shell keeps the window of a bench: its place and its preferences. Apart from the data folder,
 * which a person may copy, back up and restore.
 */
export function profileFolder(
  dataDir: string,
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const name = createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 16);
  return join(configRoot(env, platform), 'repairbench', 'windows', name);
}

function configRoot(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  if (platform !== 'linux') return userDataRoot(env, platform);
  return env.XDG_CONFIG_HOME || join(homedir(), '.config');
}
