import { expect, it } from 'vitest';
import { RACK_PASSWORD } from '../../electron/rack/console/index.ts';
import { startRack } from '../../electron/rack/rack.ts';
import { makeBench } from '../support/bench.ts';
import { describeWith } from '../support/parts.ts';
import { waitForRun } from '../support/runs.ts';

describeWith(['busybox'], 'a unit with several media', () => {
  it('that is a router with a wiped memory card does not leave with its own storage', async () => {
    const rack = await startRack({ units: [{ family: 'console' }] });
    const bench = await makeBench();
    const { client } = bench;
    try {
      const address = rack.units[0]?.address ?? '';
      const login = { login: 'root', password: RACK_PASSWORD };
      const port = await client.ports.add({ address, family: 'console', ...login });
      await client.ports.identify({ id: port.id });
      const { id: caseId, serial } = await client.cases.open({ portId: port.id });
      await client.cases.consent({ id: caseId, by: 'C. Customer', ref: 'mail' });
      const run = await waitForRun(
        client,
        await client.runs.start({
          procedureId: 'console-wipe',
          caseId,
          portId: port.id,
          inputs: { target: '/dev/mmcblk1' },
          confirm: serial?.slice(-4) ?? '',
        }),
      );
      expect(run).toMatchObject({ outcome: 'pass' });
      const view = await client.cases.get({ id: caseId });
      expect(view.records).toMatchObject([{ verdict: 'verified' }]);
      const leaving = view.moves.find((move) => move.to === 'returned-unrepaired');
      expect(leaving).toMatchObject({ allowed: false, reasons: [{ code: 'case.not-wiped' }] });
    } finally {
      await bench.close();
      await rack.close();
    }
  });
});
