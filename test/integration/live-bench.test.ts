import { expect, it, onTestFinished } from 'vitest';
import { makeBench } from '../support/bench.ts';
import { startRackProcess } from '../support/rack.ts';

it('takes no virtual unit for a real one, wherever its rack has registered it', async () => {
  // The rack has a home and a run-time folder of its own: this process does not see its registration.
  const rack = await startRackProcess(['--console', '0']);
  const bench = await makeBench('live');
  onTestFinished(() => bench.close());
  const { address } = rack.unit('at');
  await expect(bench.client.ports.add({ address })).rejects.toMatchObject({
    data: { code: 'port.virtual-on-live' },
  });

  // Nor one that was not there when it was added.
  await rack.fault(rack.unit('at'), 'unplug', 'on');
  const port = await bench.client.ports.add({ address });
  await rack.fault(rack.unit('at'), 'unplug', 'off');
  await expect(bench.client.ports.identify({ id: port.id })).rejects.toMatchObject({
    data: { code: 'port.virtual-on-live' },
  });
});
