import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CaseView } from '../../shared/model/cases.ts';
import type { RunView } from '../../shared/model/runs.ts';
import { commandLine } from '../support/cli.ts';
import { startRackProcess } from '../support/rack.ts';

describe('the command line', () => {
  it('takes a phone from the plug to a closed RMA', async () => {
    const cli = await commandLine();
    const made = await cli.expect<{ recoveryKey: string }>(0, ['init', '--admin', 'Ada', '--training']);
    expect(made.recoveryKey).toMatch(/^([0-9A-Z]{5}-){6}[0-9A-Z]{5}$/);
    const rack = await startRackProcess(['--console', '0'], cli.env);
    const phone = rack.unit('at');
    const port = phone.address;
    await cli.expect(0, ['port', 'add', port, '--driver', 'at']);

    const opened = await cli.expect<CaseView>(0, [
      'case',
      'open',
      '--port',
      port,
      '--fault',
      'Does not charge',
    ]);
    expect(opened).toMatchObject({ number: 'B1-1', status: 'received', serial: phone.identity.serial });
    const { case: known, run } = await cli.expect<{ case: CaseView; run: RunView }>(0, [
      'intake',
      '--port',
      port,
    ]);
    expect(known.id).toBe(opened.id);
    expect(run).toMatchObject({ outcome: 'pass', procedureId: 'at-intake' });
    expect(run.procedureHash).toMatch(/^[0-9a-f]{64}$/);

    const [artifact] = known.artifacts;
    if (!artifact) throw new Error('intake left no log');
    const out = join(cli.home, 'trace.log');
    expect(await cli.expect(0, ['artifact', 'get', artifact.id, '--out', out])).toMatchObject({
      ok: true,
    });
    expect(statSync(out).size).toBe(artifact.size);
    expect(readFileSync(out, 'utf8')).toContain('AT+CGSN');
    expect(await cli.fails(2, ['artifact', 'get', artifact.id, '--out', out])).toBe('input.file');
    await cli.expect(0, ['verify', 'artifact', artifact.id]);

    await cli.expect(0, ['case', 'move', 'B1-1', 'diagnosing']);
    await cli.expect(0, ['run', 'at-quick-diagnosis', '--port', port, '--case', phone.identity.serial ?? '']);
    expect(await cli.fails(4, ['case', 'move', 'B1-1', 'wiping'])).toMatch(/^case\./);
    await cli.expect(0, ['case', 'consent', 'B1-1', '--by', 'C. Customer', '--ref', 'mail of 3 March']);
    await cli.expect(0, ['case', 'move', 'B1-1', 'wiping']);

    const digits = phone.identity.imei1?.slice(-4) ?? '';
    const wrong = digits === '0000' ? '1111' : '0000';
    await cli.expect(4, ['wipe', '--port', port, '--case', 'B1-1', '--confirm', wrong]);
    const wiped = await cli.expect<{ run: RunView; record: { summary: { verdict: string; id: string } } }>(
      1,
      ['wipe', '--port', port, '--case', 'B1-1', '--confirm', digits],
    );
    expect(wiped.run.outcome).toBe('unverified');
    expect(wiped.record.summary.verdict).toBe('unverified');
    await cli.expect(0, ['verify', 'record', wiped.record.summary.id]);

    expect(await cli.fails(4, ['case', 'move', 'B1-1', 'replaced'])).toMatch(/^case\./);
    await cli.expect(0, [
      'case',
      'exception',
      'B1-1',
      '--reason',
      'reset watched on the screen',
      '--ref',
      'form 7',
    ]);
    for (const status of ['final-check', 'ready', 'shipped']) {
      await cli.expect(0, ['case', 'move', 'B1-1', status]);
    }
    expect(await cli.fails(4, ['case', 'move', 'B1-1', 'closed'])).toMatch(/cause/);
    expect(await cli.fails(2, ['case', 'cause', 'B1-1', 'NO.SUCH.CODE'])).toBe('cause.unknown');
    await cli.expect(0, ['case', 'cause', 'B1-1', 'HW.BATTERY.CAPACITY', '--symptom', 'dies at 40 %']);
    const closed = await cli.expect<CaseView>(0, ['case', 'move', 'B1-1', 'closed']);
    expect(closed.status).toBe('closed');
    expect(await cli.expect(0, ['verify', 'log'])).toMatchObject({ ok: true });

    const backup = join(cli.home, 'backup');
    await cli.expect(0, ['backup', backup]);
    const elsewhere = join(cli.home, 'elsewhere');
    await cli.expect(0, ['restore', backup, '--data', elsewhere]);
    const restored = await cli.expect<CaseView>(0, ['case', 'show', 'B1-1', '--data', elsewhere]);
    expect(restored).toMatchObject({ status: 'closed', artifacts: closed.artifacts });
    await cli.expect(0, ['verify', 'artifact', artifact.id, '--data', elsewhere]);
    expect(await cli.expect(0, ['verify', 'log', '--data', elsewhere])).toMatchObject({ ok: true });
  }, 300_000);

  it('says what is wrong with what was typed, as one document with its exit code', async () => {
    const cli = await commandLine();
    expect(await cli.fails(2, ['devices'])).toBe('storage.not-initialised');
    await cli.expect(0, ['init', '--admin', 'Ada', '--training']);
    expect(await cli.fails(4, ['init', '--admin', 'Ada'])).toBe('storage.already-initialised');
    expect(await cli.fails(4, ['devices'], { REPAIRBENCH_PIN: '1357' })).toBe('people.wrong-pin');
    expect(await cli.fails(2, ['frobnicate'])).toBe('input.invalid');
    expect(await cli.fails(2, ['intake'])).toBe('input.invalid');
    expect(await cli.fails(2, ['case', 'show', 'B1-7'])).toBe('input.not-found');
    expect(await cli.fails(2, ['case', 'open', '--imei', '490154203237517'])).toBe('identity.check-digit');
    expect(await cli.fails(4, ['port', 'add', 'tcp:192.0.2.1:5'])).toMatch(/^port\./);
    expect(await cli.fails(3, ['port', 'identify', '/dev/no-such-port'])).toBe('port.not-found');
    const file = join(cli.home, 'not-a-port');
    writeFileSync(file, '');
    expect(await cli.fails(2, ['port', 'identify', file])).toBe('port.not-a-port');
    expect(await cli.fails(2, ['verify', 'nothing'])).toBe('input.invalid');
    expect(await cli.fails(2, ['restore', cli.home, '--data', join(cli.home, 'x')])).toBe(
      'storage.not-a-backup',
    );
    await cli.expect(0, ['person', 'add', 'Audrey', '--role', 'auditor'], {
      REPAIRBENCH_NEW_PIN: '1234',
    });
    expect(
      await cli.fails(4, ['case', 'open', '--serial', 'X1', '--as', 'Audrey'], {
        REPAIRBENCH_PIN: '1234',
      }),
    ).toBe('people.not-allowed');
  }, 180_000);

  it('refuses virtual units on a live bench', async () => {
    const cli = await commandLine();
    await cli.expect(0, ['init', '--admin', 'Ada']);
    const rack = await startRackProcess(['--console', '0'], cli.env);
    const address = rack.unit('at').address;
    expect(await cli.fails(4, ['port', 'add', address])).toBe('port.virtual-on-live');
  }, 180_000);
});
