import { describe, expect, it, vi } from 'vitest';
import { commandLine } from '../support/cli.ts';
import { startHost } from '../support/host.ts';

// Each command is a process of its own.
vi.setConfig({ testTimeout: 120_000 });

const GROUPS = /(?:[0-9A-Z]{5}-){6}[0-9A-Z]{5}/;

/** A bench that runs, and its recovery key. */
async function bench() {
  const cli = await commandLine();
  const { recoveryKey } = await cli.expect<{ recoveryKey: string }>(0, [
    'init',
    '--admin',
    'Ada',
    '--training',
  ]);
  await startHost({ home: cli.home });
  return { cli, recoveryKey };
}

describe('a new recovery key', () => {
  it('is made by an administrator, and the old one opens nothing', async () => {
    const { cli, recoveryKey: first } = await bench();
    const made = await cli.expect<{ recoveryKey: string }>(0, ['recovery-key']);
    expect(Object.keys(made)).toEqual(['recoveryKey']);
    expect(made.recoveryKey).toMatch(GROUPS);
    const said = await cli.says(0, ['recovery-key']);
    const [last = ''] = GROUPS.exec(said) ?? [];
    const reset = (key: string) => ({ REPAIRBENCH_RECOVERY_KEY: key, REPAIRBENCH_NEW_PIN: '9753' });
    for (const old of [first, made.recoveryKey]) {
      expect(await cli.fails(4, ['person', 'reset-pin', 'Ada'], reset(old))).toBe(
        'storage.wrong-recovery-key',
      );
    }
    await cli.expect(0, ['person', 'reset-pin', 'Ada'], reset(last));

    const ada = { REPAIRBENCH_PIN: '9753' };
    const add = ['person', 'add', 'Grace', '--role', 'qa', '--as', 'Ada'];
    await cli.expect(0, add, { ...ada, REPAIRBENCH_NEW_PIN: '1234' });
    const grace = { REPAIRBENCH_PIN: '1234' };
    expect(await cli.fails(4, ['recovery-key', '--as', 'Grace'], grace)).toBe('people.not-allowed');
    expect(await cli.expect(0, ['verify', 'log', '--as', 'Ada'], ada)).toMatchObject({ ok: true });
  });
});

describe('a forgotten PIN', () => {
  it('is set anew for an administrator, locked out or not, and for nobody else', async () => {
    const { cli, recoveryKey } = await bench();
    await cli.expect(0, ['person', 'add', 'Grace', '--role', 'qa'], { REPAIRBENCH_NEW_PIN: '1234' });
    const devices = ['devices', '--as', 'Ada'];
    for (let left = 4; left > 0; left--) {
      expect(await cli.fails(4, devices, { REPAIRBENCH_PIN: '0000' })).toBe('people.wrong-pin');
    }
    expect(await cli.fails(4, devices, { REPAIRBENCH_PIN: '0000' })).toBe('people.locked-out');

    const reset = (name: string) => ['person', 'reset-pin', name];
    const both = { REPAIRBENCH_RECOVERY_KEY: recoveryKey, REPAIRBENCH_NEW_PIN: '9753' };
    expect(await cli.fails(2, reset('Ada'))).toBe('input.invalid');
    expect(await cli.fails(2, reset('Ada'), { REPAIRBENCH_RECOVERY_KEY: recoveryKey })).toBe('input.invalid');
    expect(await cli.fails(2, reset('Ada'), { ...both, REPAIRBENCH_NEW_PIN: '1' })).toBe('input.invalid');
    expect(await cli.fails(4, reset('Grace'), both)).toBe('people.not-administrator');
    expect(await cli.says(0, reset('ada'), both)).toContain('ada has a new PIN');
    expect(await cli.fails(4, devices)).toBe('people.wrong-pin');
    await cli.expect(0, devices, { REPAIRBENCH_PIN: '9753' });
  });
});
