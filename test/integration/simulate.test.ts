import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

/* A slice of the simulator: `npm run simulate` runs as much as there is time for, with any seed. */

const simulator = fileURLToPath(new URL('../simulate/index.ts', import.meta.url));
const simulate = async (...args: string[]): Promise<string> => {
  const run = promisify(execFile)(process.execPath, [simulator, ...args], { maxBuffer: 16 * 1024 * 1024 });
  return run.then(
    ({ stdout }) => stdout,
    // What it found is on standard output, and the exit code says that it found something.
    (error: { stdout?: string; stderr?: string }) => `${error.stdout}${error.stderr}`,
  );
};

describe('the simulator', () => {
  it('finds nothing wrong in universes of fixed seeds', async () => {
    expect(await simulate('--ops', '5000', '--seed', 'slice', '--real-share', '0.2')).toContain(
      'Everything that must hold did.',
    );
  });

  it('comes to the same from the same seed', async () => {
    const universe = ['--universe', 'slice/again', '--ops', '300', '--benches', '3', '--real', '1'];
    const [one, two] = await Promise.all([simulate(...universe), simulate(...universe)]);
    expect(one).toBe(two);
    expect(one.split('\n').length).toBeGreaterThan(300);
  });

  it.each([
    'the site’s row is not locked',
    'it acknowledges one more than it has',
    'a second bench with one identity is not noticed',
    'benches are not told that the hub was restored',
    'an edit that lost is not told',
    'a bench says that it has read more than it has',
    'own operations are left out when they are read',
  ])('finds the planted bug: %s', async (bug) => {
    expect(await simulate('--planted', bug)).toContain('1 of 1 planted bugs were found.');
  });
});
