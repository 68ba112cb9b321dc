import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect } from '../../electron/cli/connect.ts';
import { signIn } from '../../electron/cli/context.ts';
import type { RunSummary } from '../../shared/model/runs.ts';
import { type Cli, commandLine } from '../support/cli.ts';
import { startHost } from '../support/host.ts';
import { ROOT } from '../support/parts.ts';
import { openTerminal } from '../support/terminal.ts';

/** A bench with a case whose unit is here, without a port: everything about it is asked. */
async function withCase(): Promise<Cli> {
  const cli = await commandLine();
  await cli.expect(0, ['init', '--admin', 'Ada', '--training']);
  await cli.expect(0, ['case', 'open', '--serial', 'FG2200041007']);
  return cli;
}
const INSPECTION = ['run', 'manual-inspection', '--case', 'B1-1'];
const lastRun = async (cli: Cli): Promise<RunSummary | undefined> =>
  (await cli.expect<RunSummary[]>(0, ['runs', '--case', 'B1-1']))[0];

describe('the command line at a terminal', () => {
  it('keeps the rack’s units alive in the background of a shell', async () => {
    const cli = await commandLine();
    const shell = openTerminal('bash', ['--norc', '--noprofile', '-i'], { ...cli.env, PS1: '$ ' });
    const program = `"${process.execPath}" "${join(ROOT, 'electron/cli/index.ts')}"`;
    shell.enter(`${program} rack --console 0 &`);
    const [, address = ''] = await shell.shows(/"address":"([^"]+)"/);
    shell.enter(`${program} init --admin Ada --training && echo made-$((1 + 1))`);
    await shell.shows(/made-2/);
    shell.enter(
      `${program} port add ${address} --driver at && ${program} port identify ${address}; echo read-$?`,
    );
    await shell.shows(/IMEI +\d{15}/);
    await shell.shows(/read-0/);
    shell.enter('jobs');
    await shell.shows(/Running/);
    shell.enter('kill %1; wait; exit');
    expect(await shell.ended).toBe(0);
  });

  it('asks again, saying why, until an answer fits', async () => {
    const cli = await withCase();
    const photo = join(cli.home, 'front.png');
    writeFileSync(photo, 'a picture');
    const terminal = cli.terminal(INSPECTION);
    await terminal.shows(/swollen[\s\S]*> /);
    terminal.enter('prehaps');
    await terminal.shows(/does not fit: choose one of no, yes[\s\S]*> /);
    terminal.enter('no');
    await terminal.shows(/Photograph[\s\S]*> /);
    terminal.enter(`${photo}x`);
    await terminal.shows(/front\.pngx cannot be used[\s\S]*> /);
    terminal.enter(photo);
    await terminal.shows(/parcel[\s\S]*> /);
    terminal.enter('');
    // Whatever else it asks may be left out or is a choice.
    await terminal.shows(/serial number[\s\S]*> /);
    terminal.press('\x03\x03');
    expect(await terminal.ended).toBe(130);
    const run = await lastRun(cli);
    expect(run).toMatchObject({ state: 'ended', outcome: 'aborted' });
    expect(run?.message).toContain('interrupted at the keyboard');
    expect(await cli.says(0, ['case', 'show', 'B1-1'])).toContain('front.png  9 bytes');
  });

  it('stops the run at Ctrl-D, naming what was not answered', async () => {
    const cli = await withCase();
    const terminal = cli.terminal(INSPECTION);
    await terminal.shows(/swollen[\s\S]*> /);
    terminal.press('\x04');
    await terminal.shows(/Give --answer swelling=VALUE/);
    expect(await terminal.ended).toBe(2);
    expect(await lastRun(cli)).toMatchObject({ state: 'ended', outcome: 'aborted' });
  });

  it('lets go of a question that was answered elsewhere, and of a run that was stopped elsewhere', async () => {
    const cli = await withCase();
    await startHost({ home: cli.home });
    const terminal = cli.terminal(INSPECTION);
    await terminal.shows(/swollen[\s\S]*> /);
    const run = await lastRun(cli);
    const other = await signedIn(cli);
    await other.client.runs.answer({ id: run?.id ?? '', promptId: 'swelling', value: 'no' });
    await terminal.shows(/Answered elsewhere/);
    await terminal.shows(/Photograph[\s\S]*> /);
    await other.close();
    expect(await cli.says(0, ['abort', run?.id ?? '', '--reason', 'enough'])).toContain('stops at its next');
    expect(await terminal.ended).toBe(130);
    expect((await lastRun(cli))?.message).toContain('enough');
  });

  it('says that the station went away', async () => {
    const cli = await withCase();
    const host = await startHost({ home: cli.home });
    const terminal = cli.terminal(INSPECTION);
    await terminal.shows(/swollen[\s\S]*> /);
    host.process.kill('SIGKILL');
    await terminal.shows(/\[bench\.interrupted\]/);
    expect(await terminal.ended).toBe(3);
    expect(await lastRun(cli)).toMatchObject({ state: 'ended', outcome: 'interrupted' });
  });
});

/** Somebody else on the same station. */
async function signedIn(cli: Cli) {
  process.env.REPAIRBENCH_PIN = cli.env.REPAIRBENCH_PIN;
  const folder = cli.env.REPAIRBENCH_DATA ?? '';
  return signIn(await connect(folder), undefined, folder);
}
