import { join } from 'node:path';
import { z } from 'zod';
import { ROOT } from './parts.ts';
import { lineMatching, startProcess } from './processes.ts';

const Listed = z.object({ units: z.array(z.object({ family: z.string(), address: z.string() })) });

/** A virtual rack with one phone and one console, as a process of its own; it ends with the test. */
export async function startRackProcess(env: NodeJS.ProcessEnv) {
  const child = startProcess(
    process.execPath,
    ['electron/rack/index.ts', '--link', join(env.HOME ?? '', 'units')],
    {
      cwd: ROOT,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  if (!child.stdout) throw new Error('the rack has no output');
  const [line] = await lineMatching(child.stdout, /^\{.*\}$/);
  return Listed.parse(JSON.parse(line)).units;
}
