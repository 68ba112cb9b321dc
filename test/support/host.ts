import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { homeIn, temporaryFolder } from './folders.ts';
import { ROOT } from './parts.ts';
import { endProcess, lineMatching, startProcess } from './processes.ts';

export interface RunningHost {
  /** Works once: it carries the one-time token. */
  readonly address: string;
  /** The same without the token. */
  readonly origin: string;
  readonly dataDir: string;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

/**
 * Starts the loopback host as `npm start -- --host` does; it ends with the test.
 * @param home a folder to use again, to start on the data of an earlier host
 */
export async function startHost(
  options: { readonly args?: readonly string[]; readonly home?: string } = {},
): Promise<RunningHost> {
  const home = options.home ?? (await temporaryFolder());
  const env = { ...process.env, ...homeIn(home) };
  const child = startProcess(process.execPath, ['electron/host/index.ts', ...(options.args ?? [])], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (!child.stdout) throw new Error('the host has no output');
  const [, address = ''] = await lineMatching(
    child.stdout,
    /(http:\/\/bench-[0-9a-f]{12}\.localhost:\d+\/\?token=\S+)/,
  );
  return {
    address,
    origin: new URL(address).origin,
    dataDir: join(home, 'bench'),
    process: child,
    stop: () => endProcess(child),
  };
}
