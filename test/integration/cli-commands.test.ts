import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { CaseView } from '../../shared/model/cases.ts';
import type { Person } from '../../shared/model/people.ts';
import type { PortView } from '../../shared/model/ports.ts';
import type { RunView } from '../../shared/model/runs.ts';
import { type Cli, commandLine } from '../support/cli.ts';
import { startHost } from '../support/host.ts';
import { startRackProcess } from '../support/rack.ts';

// Each command is a process of its own.
vi.setConfig({ testTimeout: 120_000 });

/** A bench that runs: commands attach to it, which is quicker than opening it for each. */
async function bench(): Promise<Cli> {
  const cli = await commandLine();
  await cli.expect(0, ['init', '--admin', 'Ada', '--training']);
  await startHost({ home: cli.home });
  return cli;
}

describe('causes', () => {
  it('confirms and removes only what was named', async () => {
    const cli = await bench();
    await cli.expect(0, ['case', 'open', '--serial', 'X1234567']);
    await cli.expect(0, ['case', 'cause', 'B1-1', 'HW.BATTERY.CAPACITY']);
    const confirm = ['--confirm', 'measured: 61 %'];
    expect(await cli.fails(2, ['case', 'cause', 'B1-1', 'HW.BATTERY.CAPCITY', ...confirm])).toBe(
      'input.not-found',
    );
    await cli.expect(0, ['case', 'cause', 'B1-1', 'HW.CHARGING.PORT', '--contributing']);
    expect(await cli.fails(2, ['case', 'cause', 'B1-1', ...confirm])).toBe('input.invalid');
    const remove = ['case', 'cause-remove', 'B1-1', 'HW.CHARGING.PORT', '--reason', 'it was dirt'];
    const left = await cli.expect<CaseView>(0, remove);
    expect(left.causes.map(({ code, certainty }) => [code, certainty])).toEqual([
      ['HW.BATTERY.CAPACITY', 'suspected'],
    ]);
    const { causes } = await cli.expect<CaseView>(0, ['case', 'cause', 'B1-1', ...confirm]);
    expect(causes[0]).toMatchObject({ code: 'HW.BATTERY.CAPACITY', certainty: 'confirmed' });
    expect(await cli.fails(2, remove)).toBe('input.not-found');
  });
});

describe('intake', () => {
  it('receives an announced case only for its own unit, and keeps the fault that the case has', async () => {
    const cli = await bench();
    const rack = await startRackProcess(['--console', '0'], cli.env);
    const { address, identity } = rack.unit('at');
    await cli.expect(0, ['case', 'open', '--serial', 'ANOTHER12345', '--announced']);
    const status = async (number: string) => (await cli.expect<CaseView>(0, ['case', 'show', number])).status;
    const other = ['intake', '--port', address, '--case', 'B1-1'];
    expect(await cli.fails(4, other)).toBe('run.identity-conflict');
    expect(await status('B1-1')).toBe('announced');

    await cli.expect(0, ['case', 'open', '--serial', identity.serial ?? '', '--announced']);
    const taken = await cli.expect<{ case: CaseView }>(0, [
      ...['intake', '--port', address, '--case', 'B1-2', '--fault', 'Does not charge'],
    ]);
    expect(taken.case).toMatchObject({ status: 'received', fault: 'Does not charge' });
    const kept = await cli.says(0, ['intake', '--port', address, '--fault', 'Gets hot']);
    expect(kept).toContain('B1-2 keeps the fault it has: Does not charge');
  });
});

describe('what the screen can do, the command line can', () => {
  it('changes settings and people', async () => {
    const cli = await bench();
    const changed = await cli.expect(0, [
      'settings',
      'stationName=Bench 7',
      'timeZone=Asia/Tokyo',
      'sessionMinutes=30',
    ]);
    expect(changed).toMatchObject({ stationName: 'Bench 7', timeZone: 'Asia/Tokyo', sessionMinutes: 30 });
    expect(await cli.says(0, ['settings'])).toMatch(/^stationName +Bench 7$/m);
    expect(await cli.fails(2, ['settings', 'colour=red'])).toBe('input.invalid');
    expect(await cli.fails(2, ['settings', 'sessionMinutes=soon'])).toBe('input.invalid');

    const grace = await cli.expect<Person>(0, ['person', 'add', 'Grace', '--role', 'technician'], {
      REPAIRBENCH_NEW_PIN: '1234',
    });
    const ada = ['--as', 'Ada'];
    expect(await cli.says(0, ['person', 'list', ...ada])).toContain(grace.id);
    const as = (pin: string) => ({ REPAIRBENCH_PIN: pin });
    await cli.expect(0, ['person', 'pin', '--as', 'Grace'], { ...as('1234'), REPAIRBENCH_NEW_PIN: '5678' });
    expect(await cli.fails(4, ['devices', '--as', 'Grace'], as('1234'))).toBe('people.wrong-pin');
    const set = (...change: string[]) => ['person', 'set', 'grace', ...change, ...ada];
    await cli.expect(0, set('--role', 'qa', '--new-pin'), { REPAIRBENCH_NEW_PIN: '2222' });
    expect(await cli.expect(0, set('--leave'))).toMatchObject({ active: false, role: 'qa' });
    await cli.fails(4, ['devices', '--as', 'Grace'], as('2222'));
    expect(await cli.expect(0, set('--return'))).toMatchObject({ active: true });
    expect(await cli.fails(2, set())).toBe('input.invalid');
    expect(await cli.fails(2, ['person', 'set', 'Nobody', '--leave', ...ada])).toBe('input.not-found');
  });

  it('assigns cases by name, lists them by what they are, opens claims', async () => {
    const cli = await bench();
    await cli.expect(0, ['case', 'open', '--serial', 'X1234567']);
    const mine = await cli.expect<CaseView>(0, ['case', 'set', 'B1-1', 'assignee=ada', 'priority=P1']);
    expect(mine).toMatchObject({ assignee: 'Ada', priority: 'P1' });
    expect(await cli.expect(0, ['case', 'list', '--assignee', 'Ada'])).toMatchObject({ total: 1 });
    expect(await cli.expect(0, ['case', 'set', 'B1-1', 'assignee='])).toMatchObject({ assignee: null });
    expect(await cli.says(0, ['case', 'list', '--assignee', 'Ada'])).toContain('No case fits.');
    expect(await cli.fails(2, ['case', 'list', '--flag', 'nonsense'])).toBe('input.invalid');
    const claim = ['case', 'open', '--without-unit', '--customer', 'C. Customer', '--fault', 'Lost'];
    expect(await cli.expect(0, claim)).toMatchObject({ withoutUnit: true });
  });

  it('changes a port, and forgets only one that it knows', async () => {
    const cli = await bench();
    const port = join(cli.home, 'no-port-yet');
    await cli.expect(0, ['port', 'add', port, '--driver', 'at', '--baud', '9600', '--format', '7E1']);
    const set = await cli.expect<PortView>(0, [
      'port',
      'set',
      port,
      '--driver',
      'console',
      '--baud',
      '57600',
    ]);
    expect(set).toMatchObject({ family: 'console', line: { baudRate: 57_600, dataBits: 7, parity: 'even' } });
    expect(await cli.says(0, ['port', 'set', port, '--driver', 'auto', '--format', '8n1.5'])).toContain(
      'family open, 57600 baud, 8N1.5, flow control none',
    );
    expect(await cli.fails(2, ['port', 'set', port, '--format', '9X1'])).toBe('input.invalid');
    expect(await cli.fails(2, ['port', 'set', port, '--baud', 'fast'])).toBe('input.invalid');
    expect(await cli.fails(2, ['port', 'forget', `${port}x`])).toBe('input.not-found');
    expect(await cli.expect<PortView[]>(0, ['devices'])).toHaveLength(1);
    await cli.expect(0, ['port', 'forget', port]);
    expect(await cli.expect<PortView[]>(0, ['devices'])).toHaveLength(0);
  });

  it('lists and stops runs', async () => {
    const cli = await bench();
    await cli.expect(0, ['case', 'open', '--serial', 'X1234567']);
    const terminal = cli.terminal(['run', 'manual-inspection', '--case', 'B1-1']);
    await terminal.shows(/swollen/);
    const [run] = await cli.expect<RunView[]>(0, ['runs']);
    expect(run).toMatchObject({ state: 'running', caseNumber: 'B1-1' });
    await cli.expect(0, ['abort', run?.id ?? '']);
    expect(await terminal.ended).toBe(130);
    expect(await cli.fails(4, ['abort', run?.id ?? ''])).toBe('run.already-ended');
    expect(await cli.says(0, ['runs', '--case', 'B1-1', '--limit', '1'])).toMatch(
      /Inspection by hand +aborted/,
    );
  });
});

describe('what was typed', () => {
  it('is never taken for something else', async () => {
    const cli = await bench();
    expect(await cli.says(2, ['person'])).toMatch(/Usage: repairbench person/);
    expect(await cli.fails(2, ['person'])).toBe('input.invalid');
    expect(await cli.fails(2, [])).toBe('input.invalid');
    expect(await cli.says(0, ['person', '--help'])).toMatch(/Usage: repairbench person/);
    const photo = join(cli.home, 'front.png');
    writeFileSync(photo, 'a picture');
    await cli.expect(0, ['case', 'open', '--serial', 'X1234567']);
    expect(await cli.fails(2, ['case', 'attach', 'B1-1', photo, '--kind', 'vidoe'])).toBe('input.invalid');
    const label = ['case', 'label', 'B1-1'];
    await cli.expect(0, [...label, '--serial', 'X1234567', '--model', 'SM-1']);
    expect(await cli.expect(0, [...label, '--model', 'SM-2'])).toMatchObject({ serial: 'X1234567' });
  });

  it('is answered in the site’s own time', async () => {
    const cli = await bench();
    await cli.expect(0, ['settings', 'timeZone=Asia/Tokyo']);
    await cli.expect(0, ['case', 'open', '--serial', 'X1234567']);
    await cli.expect(0, ['case', 'safety-stop', 'B1-1', '--reason', 'swollen']);
    const refused = await cli.says(4, ['case', 'move', 'B1-1', 'diagnosing']);
    expect(refused).toMatch(/due \d+ \w+ \d{4}, \d\d:\d\d:\d\d/);
    expect(refused).not.toMatch(/\dZ/);
    expect(await cli.says(0, ['case', 'timeline', 'B1-1'])).not.toMatch(/\dT\d\d:.*Z/);
  });
});
