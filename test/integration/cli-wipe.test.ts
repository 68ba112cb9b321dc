import { describe, expect, it } from 'vitest';
import type { CaseView } from '../../shared/model/cases.ts';
import type { RunView } from '../../shared/model/runs.ts';
import { commandLine } from '../support/cli.ts';
import { startRackProcess } from '../support/rack.ts';

describe('a router on the rack', () => {
  it('is wiped with proof: exit code 0 and a verified record', async () => {
    const cli = await commandLine();
    await cli.expect(0, ['init', '--admin', 'Ada', '--training']);
    const rack = await startRackProcess(['--at', '0'], cli.env);
    const router = rack.unit('console');
    const { address } = router;
    const login = ['--login', 'root', '--password-env', 'CONSOLE_PASSWORD'];
    await cli.expect(0, ['port', 'add', address, '--driver', 'console', ...login], {
      CONSOLE_PASSWORD: 'training',
    });
    const { number } = await cli.expect<CaseView>(0, [
      'case',
      'open',
      '--port',
      address,
      '--fault',
      'Reboots',
    ]);
    await cli.expect(0, ['case', 'consent', number, '--by', 'C. Customer', '--ref', 'mail of 3 March']);
    await cli.expect(0, ['case', 'move', number, 'wiping']);
    const targets = await cli.says(0, ['targets', '--port', address, '--case', number]);
    expect(targets).toMatch(/\/dev\/mmcblk1 .* yes/);
    const wiped = await cli.expect<{ run: RunView; record: { summary: { id: string; verdict: string } } }>(
      0,
      [
        ...['wipe', '--port', address, '--case', number, '--target', '/dev/mmcblk1'],
        ...['--confirm', router.identity.serial?.slice(-4) ?? ''],
      ],
    );
    expect(wiped.run.outcome).toBe('pass');
    expect(wiped.record.summary.verdict).toBe('verified');
    await cli.expect(0, ['verify', 'record', wiped.record.summary.id]);
    // The maker is said once.
    expect(await cli.says(0, ['case', 'show', number])).toMatch(/^unit {6}Fieldgate FG-220/m);
  }, 120_000);
});
