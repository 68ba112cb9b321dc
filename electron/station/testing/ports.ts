import { BenchError } from '../../../shared/errors/index.ts';
import type { PortView } from '../../../shared/model/ports.ts';
import { emptyIdentity, type Family } from '../../../shared/model/units.ts';
import { createPorts, type PortsOptions } from '../devices/ports.ts';
import { createPortRegistry } from '../devices/registry.ts';
import type { Driver } from '../drivers/driver.ts';
import { createMemoryLine } from '../transports/memory.ts';
import type { TestStore } from './store.ts';

/** What hangs on a test's address. */
export interface TestUnit {
  readonly family: Family;
  readonly serial: string;
  /** It says nothing to anybody. */
  readonly silent?: boolean;
  /** It never gets past its start. */
  readonly boots?: boolean;
}

export const ADA = { id: 'person', name: 'Ada' };

/** Ports with units that are plugged in and out by hand; every opening and question to a family is written down. */
export function testPorts(test: TestStore, options: Partial<PortsOptions> = {}) {
  const plugged = new Map<string, { unit: TestUnit; plug: string }>();
  const asked: string[] = [];
  const shown: PortView[] = [];
  let plugs = 0;
  const at = (address: string): TestUnit => {
    const there = plugged.get(address);
    if (!there) throw new BenchError('port.gone', { address });
    return there.unit;
  };

  const driver = (family: Family): Driver => ({
    family,
    title: family,
    actions: {},
    async probe(transport) {
      asked.push(`probe ${family}`);
      const unit = at(transport.address);
      return unit.family === family && !unit.silent;
    },
    async open(transport, { signal, booting }) {
      asked.push(`open ${family}`);
      const { address } = transport;
      const unit = at(address);
      if (unit.boots) {
        booting?.();
        await new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        });
      }
      if (unit.silent || unit.family !== family) {
        await transport.close();
        throw new BenchError('port.timeout', { address, seconds: 4, what: family });
      }
      return {
        family,
        identify: async () => ({ ...emptyIdentity(), serial: at(address).serial }),
        run: async () => ({ values: {} }),
        wipeTargets: async () => [],
        close: () => transport.close(),
      };
    },
  });

  const registry = createPortRegistry(test.store);
  const ports = createPorts({
    registry,
    drivers: [driver('console'), driver('at')],
    async open({ address }) {
      if (!plugged.has(address)) throw new BenchError('port.not-found', { address });
      return createMemoryLine(address).transport;
    },
    plugAt: async (address) =>
      address.startsWith('tcp:') ? undefined : (plugged.get(address)?.plug ?? null),
    deviceAt: (address) => address,
    isVirtual: () => true,
    now: () => '2026-01-02T10:00:00.000Z',
    onIdentified: (_actor, _port, _family, { serial }) => ({
      unitId: `unit-${serial}`,
      caseId: `case-${serial}`,
      caseNumber: `B1-${serial}`,
    }),
    confirmWith: () => null,
    notify: (event) => {
      if (event.type === 'port') shown.push(event.port);
    },
    log: () => {},
    ...options,
  });

  return {
    ports,
    registry,
    /** What the families were asked, in order. */
    asked,
    /** Every state of a port that a window was told. */
    shown,
    plugIn(address: string, unit: TestUnit): void {
      plugs += 1;
      plugged.set(address, { unit, plug: String(plugs) });
    },
    /** Another unit on the same adapter: nothing is plugged in or out on this side. */
    swap(address: string, unit: TestUnit): void {
      plugged.set(address, { unit, plug: String(plugs) });
    },
    unplug: (address: string): void => void plugged.delete(address),
    add: (address: string, family: Family | null = null): string =>
      registry.add(ADA, {
        address,
        label: address,
        family,
        line: {},
        login: null,
        password: null,
        origin: 'added',
      }).id,
  };
}
