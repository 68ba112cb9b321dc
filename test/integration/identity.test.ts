import { expect, it } from 'vitest';
import { startRack } from '../../electron/rack/rack.ts';
import { makeBench } from '../support/bench.ts';
import { waitForRun } from '../support/runs.ts';

it('stops on a unit that is not the case’s, says why, and goes on once the right one is there', async () => {
  const rack = await startRack({ units: [{ family: 'at' }] });
  const bench = await makeBench();
  const { client } = bench;
  try {
    const [unit] = rack.units;
    if (!unit) throw new Error('no unit');
    const port = await client.ports.add({ address: unit.address, family: 'at' });
    await client.ports.identify({ id: port.id });
    const { id: caseId } = await client.cases.open({ portId: port.id });
    await client.cases.consent({ id: caseId, by: 'C. Customer', ref: 'mail' });

    unit.setFault('wrong-imei', true);
    const start = (procedureId: string, confirm: string | null = null) =>
      client.runs.start({ procedureId, caseId, portId: port.id, confirm });
    const refused = await waitForRun(client, await start('at-intake'));
    expect(refused).toMatchObject({ outcome: 'error', errorCode: 'run.identity-conflict' });
    const shown = await client.cases.get({ id: caseId });
    expect(shown.flags).toContain('identity-conflict');
    expect(shown.conflicts[0]?.waysOut).toContain('re-read');
    expect(shown.moves.find((move) => move.to === 'diagnosing')).toMatchObject({ allowed: false });
    const digits = unit.identity.imei1?.slice(-4) ?? '';
    const wipe = await waitForRun(client, await start('at-wipe', digits));
    expect(wipe.outcome).toBe('error');
    expect(wipe.phases.find((phase) => phase.id === 'reset')?.state).toBe('skipped');

    unit.setFault('wrong-imei', false);
    expect(await waitForRun(client, await start('at-intake'))).toMatchObject({ outcome: 'pass' });
    const again = await client.cases.get({ id: caseId });
    expect(again.conflicts).toEqual([]);
    expect(again.moves.find((move) => move.to === 'diagnosing')).toMatchObject({ allowed: true });
  } finally {
    await bench.close();
    await rack.close();
  }
});
