import { once } from 'node:events';
import { symlink } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { RACK_PASSWORD } from '../../electron/rack/console/index.ts';
import { type RackUnitSpec, startRack } from '../../electron/rack/rack.ts';
import { makeBench } from '../support/bench.ts';
import { temporaryFolder } from '../support/folders.ts';
import { describeWith } from '../support/parts.ts';
import { startProcess } from '../support/processes.ts';
import { startRackProcess } from '../support/rack.ts';

/** The error of a call, as a window gets it. */
const coded = (code: string) => ({ data: { code } });
const LOGIN = { login: 'root', password: RACK_PASSWORD };

async function training() {
  const bench = await makeBench();
  onTestFinished(() => bench.close());
  return bench.client;
}

async function rackOf(...units: RackUnitSpec[]) {
  const rack = await startRack({ units });
  onTestFinished(() => rack.close());
  return rack.units;
}

/** A processor that never rests until the test has finished. */
async function startBusyProcess(): Promise<void> {
  const busy = startProcess(process.execPath, ['-e', 'process.stdout.write("."); for (;;);'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (busy.stdout) await once(busy.stdout, 'data');
}

/** One address behind which a unit can be exchanged for another without anything being plugged in or out here. */
async function exchangeable(...targets: string[]) {
  const [first = '', second = ''] = targets.map((target) => target.split(':').at(-1) ?? '');
  let port = first;
  const server = createServer((near) => {
    const far = connect({ host: '127.0.0.1', port: Number(port) });
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  return {
    address: `tcp:127.0.0.1:${bound.port}`,
    exchange: () => {
      port = second;
    },
  };
}

describeWith(['busybox'], 'working out what hangs on a port', () => {
  it('finds either family on a machine whose processors are all taken', async () => {
    const rack = await startRackProcess(['--at', '1', '--console', '1']);
    const client = await training();
    await Promise.all([startBusyProcess(), startBusyProcess()]);
    for (const unit of rack.units) {
      const port = await client.ports.add({ address: unit.address, family: null, ...LOGIN });
      // The second time somebody has been logged in to the console.
      for (let time = 0; time < 2; time += 1) {
        expect(await client.ports.identify({ id: port.id })).toMatchObject({
          state: 'ready',
          family: unit.family,
          identity: { serial: unit.identity.serial },
        });
      }
    }
  }, 120_000);

  it.each([
    ['at', 'console'],
    ['console', 'at'],
  ] as const)(
    'finds out that behind the same adapter %s became %s',
    async (before, after) => {
      const units = await rackOf({ family: before, over: 'tcp' }, { family: after, over: 'tcp' });
      const line = await exchangeable(...units.map(({ address }) => address));
      const client = await training();
      const port = await client.ports.add({ address: line.address, family: null, ...LOGIN });
      expect(await client.ports.identify({ id: port.id })).toMatchObject({ family: before });
      line.exchange();
      expect(await client.ports.identify({ id: port.id })).toMatchObject({
        family: after,
        identity: { serial: units[1]?.identity.serial },
      });
    },
    60_000,
  );
});

it('opens no case with the identifiers of a unit that is no longer there', async () => {
  const [one, two] = await rackOf({ family: 'at' }, { family: 'at' });
  if (!one || !two) throw new Error('two units expected');
  const client = await training();
  const folder = await temporaryFolder();
  const address = join(folder, 'adapter');
  await symlink(one.address, address);
  const port = await client.ports.add({ address, family: 'at' });
  expect(await client.ports.identify({ id: port.id })).toMatchObject({
    identity: { serial: one.identity.serial },
  });
  one.setFault('unplug', true);
  await expect(client.ports.identify({ id: port.id })).rejects.toMatchObject(coded('port.not-found'));
  await expect(client.cases.open({ portId: port.id })).rejects.toMatchObject(coded('case.port-unread'));
  one.setFault('unplug', false);
  const state = async () => (await client.ports.list()).find(({ id }) => id === port.id);
  await expect.poll(async () => (await state())?.state, { timeout: 10_000 }).toBe('unread');
  expect(await state()).toMatchObject({ identity: null, unitId: null, caseId: null });
  await expect(client.cases.open({ portId: port.id })).rejects.toMatchObject(coded('case.port-unread'));
});

it('shows a re-plugged port as unread, however quick the re-plugging was', async () => {
  const [unit] = await rackOf({ family: 'at' });
  if (!unit) throw new Error('no unit');
  const client = await training();
  const port = await client.ports.add({ address: unit.address, family: 'at' });
  expect(await client.ports.identify({ id: port.id })).toMatchObject({ state: 'ready' });
  unit.setFault('unplug', true);
  unit.setFault('unplug', false);
  const shown = async () => (await client.ports.list()).find(({ id }) => id === port.id);
  await expect.poll(async () => (await shown())?.state, { timeout: 10_000 }).toBe('unread');
  expect(await shown()).toMatchObject({ identity: null, unitId: null });
});
