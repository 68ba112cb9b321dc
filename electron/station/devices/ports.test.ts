import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Outcome } from '../../../shared/model/runs.ts';
import { emptyIdentity } from '../../../shared/model/units.ts';
import type { Driver } from '../drivers/driver.ts';
import { type TestStore, testStore } from '../testing/store.ts';
import type { Transport } from '../transports/transport.ts';
import { createPorts } from './ports.ts';
import { createPortRegistry } from './registry.ts';

const ADA = { id: 'person', name: 'Ada' };

/** A family whose units say their serial number: what hangs on the address now. */
function benchOf(test: TestStore) {
  const plugged = new Map<string, string>();
  const driver: Driver = {
    family: 'at',
    title: 'Test',
    actions: {},
    probe: async () => true,
    open: async (transport) => ({
      family: 'at',
      identify: async () => ({ ...emptyIdentity(), serial: plugged.get(transport.address) ?? null }),
      run: async () => ({ values: {} }),
      wipeTargets: async () => [],
      close: async () => {},
    }),
  };
  const registry = createPortRegistry(test.store);
  const ports = createPorts({
    registry,
    drivers: [driver],
    open: async ({ address }) => ({ address, close: async () => {} }) as unknown as Transport,
    plugAt: async (address) => plugged.get(address) ?? null,
    deviceAt: (address) => address,
    isVirtual: () => true,
    now: () => '2026-01-02T10:00:00.000Z',
    onIdentified: (_actor, _port, _family, { serial }) => ({
      unitId: `unit-${serial}`,
      caseId: `case-${serial}`,
      caseNumber: `B1-${serial}`,
    }),
    confirmWith: () => null,
    notify: () => {},
    log: () => {},
  });
  const add = (address: string): string =>
    registry.add(ADA, {
      address,
      label: address,
      family: 'at',
      line: {},
      login: null,
      password: null,
      origin: 'added',
    }).id;
  const run = async (id: string, outcome: Outcome): Promise<void> => {
    await ports.withRun(id, { id: 'run', title: 'A run' }, async () => {});
    ports.runEnded(id, outcome, null);
  };
  return { ports, plugged, add, run };
}

describe('a port after a run', () => {
  let test: TestStore;
  beforeEach(() => {
    test = testStore();
  });
  afterEach(() => test.dispose());

  it('says that a wipe is unverified, which is not failed', async () => {
    const { ports, plugged, add, run } = benchOf(test);
    const id = add('/dev/a');
    plugged.set('/dev/a', '1');
    await ports.identify(ADA, id);
    await run(id, 'unverified');
    expect(ports.get(id).state).toBe('unverified');
  });

  it('keeps whose run was cut off while nothing is plugged in', async () => {
    const { ports, plugged, add, run } = benchOf(test);
    const id = add('/dev/a');
    plugged.set('/dev/a', '1');
    await ports.identify(ADA, id);
    plugged.delete('/dev/a');
    await run(id, 'interrupted');
    await ports.refreshPresence();
    expect(ports.get(id)).toMatchObject({ state: 'absent', caseId: 'case-1', identity: { serial: '1' } });

    // What is plugged in next may be another unit: nothing is known of it until somebody asks.
    plugged.set('/dev/a', '2');
    await ports.refreshPresence();
    expect(ports.get(id)).toMatchObject({ state: 'unread', caseId: null, identity: null, unitId: null });
  });

  it('does so too when the unplugging is noticed before the run has ended', async () => {
    const { ports, plugged, add } = benchOf(test);
    const id = add('/dev/a');
    plugged.set('/dev/a', '1');
    await ports.identify(ADA, id);
    await ports.withRun(id, { id: 'run', title: 'A run' }, async () => {
      plugged.delete('/dev/a');
    });
    await ports.refreshPresence();
    ports.runEnded(id, 'interrupted', null);
    await ports.refreshPresence();
    expect(ports.get(id)).toMatchObject({ state: 'absent', caseId: 'case-1' });
  });

  it('forgets a unit that has turned up at another port', async () => {
    const { ports, plugged, add } = benchOf(test);
    const [a, b] = [add('/dev/a'), add('/dev/b')];
    plugged.set('/dev/a', '1');
    await ports.identify(ADA, a);
    plugged.delete('/dev/a');
    plugged.set('/dev/b', '1');
    await ports.refreshPresence();
    await ports.identify(ADA, b);
    expect(ports.get(a)).toMatchObject({ state: 'absent', caseId: null });
    expect(ports.get(b)).toMatchObject({ state: 'ready', caseId: 'case-1' });
  });
});
