import { z } from 'zod';
import { Identity } from '../../shared/model/units.ts';
import { homeIn, temporaryFolder } from './folders.ts';
import { ROOT } from './parts.ts';
import { lineMatching, startProcess } from './processes.ts';

const RackUnit = z.object({ family: z.enum(['at', 'console']), address: z.string(), identity: Identity });
const Listed = z.object({ units: z.array(RackUnit) });

/** A unit as the rack's one line names it. */
export type RackUnit = z.infer<typeof RackUnit>;

export interface RackProcess {
  readonly units: readonly RackUnit[];
  /** The first unit of a family. */
  unit(family: RackUnit['family']): RackUnit;
  /** Switches a fault of a unit; resolves when it is switched. */
  fault(unit: RackUnit, name: string, state: 'on' | 'off'): Promise<void>;
}

/**
 * The virtual rack as `repairbench rack` starts it, a process of its own that ends with the test.
 * @param env names the home (`homeIn`) where it says what it has; one of its own unless given
 */
export async function startRackProcess(
  args: readonly string[] = [],
  env?: NodeJS.ProcessEnv,
): Promise<RackProcess> {
  const where = env ?? { ...process.env, ...homeIn(await temporaryFolder()) };
  const { stdin, stdout, stderr } = startProcess(
    process.execPath,
    ['electron/cli/index.ts', 'rack', ...args],
    { cwd: ROOT, env: where, stdio: 'pipe' },
  );
  if (!stdin || !stdout || !stderr) throw new Error('the rack has no streams');
  const [line] = await lineMatching(stdout, /^\{.*\}$/);
  const { units } = Listed.parse(JSON.parse(line));
  return {
    units,
    unit(family) {
      const unit = units.find((candidate) => candidate.family === family);
      if (!unit) throw new Error(`no ${family} unit in the rack`);
      return unit;
    },
    async fault({ address }, name, state) {
      const done = lineMatching(stderr, new RegExp(`^${name} is ${state} at`));
      stdin.write(`fault ${address} ${name} ${state}\n`);
      await done;
    },
  };
}
