import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { TimelineEntry } from '../../shared/model/cases.ts';
import type { Conflict, SyncReport } from '../../shared/model/sync.ts';
import { makeBench } from '../support/bench.ts';
import { commandLine } from '../support/cli.ts';
import { temporaryFolder } from '../support/folders.ts';
import { testHub } from '../support/hub.ts';

it('where benches disagree is told and settled by command line', { timeout: 120_000 }, async () => {
  const folder = await temporaryFolder();
  // As root, PostgreSQL runs as a user of its own and has to get there.
  await chmod(folder, 0o711);
  let hub = await testHub(folder);
  const [cli, other, admin] = await Promise.all([commandLine(), makeBench('live'), hub.admin()]);
  try {
    await other.client.station.setSettings({ stationName: 'Bench 7', benchPrefix: 'B7' });
    await other.client.hub.enrol({ url: hub.address, code: await admin.code() });
    const { id } = await other.client.cases.open({ label: { serial: 'R58T90KKL21' } });
    await other.client.hub.sync();
    await cli.expect(0, ['init', '--admin', 'Tess', '--name', 'Bench 2', '--prefix', 'B2']);
    await cli.expect(0, ['hub', 'enrol', hub.address, await admin.code()]);
    expect(await cli.says(0, ['sync', '--once'])).toMatch(
      /^\d+ sent, \d+ read\. “Lab” at .*: everything is there, everything is here\.\n$/,
    );
    expect(await cli.says(0, ['conflicts'])).toBe('All benches agree.\n');

    const { port } = new URL(hub.address);
    await hub.close();
    await cli.expect(0, ['case', 'set', 'B7-1', 'place=Shelf 4']);
    const photo = join(folder, 'box.jpg');
    await writeFile(photo, 'a picture');
    await cli.expect(0, ['case', 'attach', 'B7-1', photo]);
    expect(await cli.expect(0, ['hub', 'state'])).toMatchObject({ files: { pending: 1, pendingBytes: 9 } });
    expect(await cli.says(0, ['hub', 'state'])).toContain('1 file (9 bytes) waits to be sent.');
    await other.client.cases.edit({ id, fields: { place: 'Quarantine' } });
    hub = await testHub(folder, Number(port));
    await other.client.hub.sync();
    const report = await cli.expect<SyncReport>(0, ['sync', '--once']);
    expect(report).toMatchObject({
      ...{ pushed: expect.any(Number), pulled: expect.any(Number) },
      ...{ pending: 0, unread: 0, conflicts: 1, toLookAt: 0 },
    });
    expect(await cli.says(0, ['hub', 'state'])).toContain(
      'For somebody to settle: 1 in conflict (see “conflicts”).',
    );

    const [open] = await cli.expect<Conflict[]>(0, ['conflicts', '--case', 'B7-1']);
    expect(open).toMatchObject({ caseNumber: 'B7-1', needsChoice: true });
    const said = await cli.says(0, ['conflicts', 'list']);
    expect(said).toMatch(/^B7-1 {2}Changed on two benches at once: “place”\n/);
    expect(said).toMatch(/first: Changed place to Quarantine \(Ada on Bench 7, .*\)/);
    expect(said).toMatch(/did not hold: Changed place to Shelf 4 \(Tess on Bench 2, .*\)/);
    expect(said).toContain('place: stands “Quarantine”, wanted “Shelf 4”');
    expect(said).toContain(`conflicts settle ${open?.id} [--take place]`);

    const settle = ['conflicts', 'settle', open?.id ?? ''];
    expect(await cli.fails(2, [...settle, '--take', 'plaice'])).toBe('input.invalid');
    expect(await cli.says(0, [...settle, '--take', 'place', '--reason', 'It is there'])).toBe(
      'Settled: place taken over.\n',
    );
    expect(await cli.expect(0, ['conflicts'])).toEqual([]);
    expect(await cli.fails(2, settle)).toBe('input.not-found');
    const timeline = await cli.expect<TimelineEntry[]>(0, ['case', 'timeline', 'B7-1']);
    expect(timeline.map(({ outcome }) => outcome)).toContain('conflict');
    expect(await cli.says(0, ['case', 'timeline', 'B7-1'])).toMatch(
      /Tess +Changed place to Shelf 4 \[did not hold\]\n/,
    );

    await cli.expect(0, ['sync', '--once']);
    await other.client.hub.sync();
    expect((await other.client.cases.get({ id })).fields.place).toBe('Shelf 4');
    expect(await other.client.conflicts.list({})).toEqual([]);

    // A prefix that another bench has keeps nothing from being sent or read.
    await cli.expect(0, ['settings', 'benchPrefix=B7']);
    await other.client.cases.note({ id, text: 'Read all the same' });
    await other.client.hub.sync();
    expect(await cli.fails(4, ['sync', '--once'])).toBe('sync.prefix-taken');
    expect(await cli.says(0, ['case', 'timeline', 'B7-1'])).toContain('Read all the same');
  } finally {
    await other.close();
    await hub.close();
  }
});
