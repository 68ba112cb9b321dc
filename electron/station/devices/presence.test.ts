import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { ADA, testPorts } from '../testing/ports.ts';
import { type TestStore, testStore } from '../testing/store.ts';
import type { FoundPort } from '../transports/sysfs.ts';
import { type PresenceOptions, watchPresence } from './presence.ts';

let test: TestStore;
beforeEach(() => {
  test = testStore();
});
afterEach(() => test.dispose());

const adapter = (tty: string, socket: string, more: Partial<FoundPort> = {}): FoundPort => ({
  path: `/dev/${tty}`,
  stablePath: `/dev/serial/by-path/${socket}`,
  usb: `/sys/devices/usb1/${socket}`,
  vendorId: '1a86',
  productId: '7523',
  serialNumber: null,
  product: 'USB Serial',
  ...more,
});

/** A bench that looks when it is told to, at adapters that are plugged in and out by hand. */
function watched(options: Partial<PresenceOptions> = {}) {
  const { ports, registry, add } = testPorts(test, { plugAt: async () => 'a plug' });
  const plugged: FoundPort[] = [];
  const links = new Map<string, string>();
  const troubles: string[] = [];
  const presence = watchPresence({
    registry,
    ports,
    actor: ADA,
    log: { error: (details) => void troubles.push(String((details as { err: Error }).err.message)) },
    virtual: () => [],
    deviceAt: (address) =>
      links.get(address) ??
      plugged.find(({ path, stablePath }) => address === path || address === stablePath)?.path ??
      address,
    list: async () => plugged,
    isShared: async () => false,
    ...options,
  });
  onTestFinished(() => presence.close());
  const addresses = () => registry.list().map(({ address }) => address);
  return { presence, registry, ports, add, plugged, links, troubles, addresses };
}

describe('an adapter that is plugged in', () => {
  it('becomes a port of its own, named after itself', async () => {
    const { presence, registry, plugged } = watched();
    await presence.look();
    const named = { stablePath: '/dev/serial/by-id/usb-FTDI_A5', serialNumber: 'A5', product: 'TTL232R' };
    plugged.push(adapter('ttyUSB0', '1-1'), adapter('ttyUSB1', '1-2', named));
    await presence.look();
    expect(registry.list()).toMatchObject([
      { address: '/dev/serial/by-path/1-1', label: 'USB Serial, socket 1-1', origin: 'hotplug' },
      { address: '/dev/serial/by-id/usb-FTDI_A5', label: 'TTL232R, A5' },
    ]);
  });

  it('does not when a port leads to it already, by whatever link', async () => {
    const { presence, plugged, links, add, addresses } = watched();
    await presence.look();
    add('/home/ada/router');
    links.set('/home/ada/router', '/dev/ttyUSB0');
    plugged.push(adapter('ttyUSB0', '1-1'));
    await presence.look();
    expect(addresses()).toEqual(['/home/ada/router']);
  });

  it('does when the link that leads to it may lead to another one', async () => {
    const shared = '/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0';
    const bench = watched({ isShared: async (link) => link === shared });
    const { presence, plugged, links, add, addresses } = bench;
    await presence.look();
    add(shared);
    links.set(shared, '/dev/ttyUSB1');
    plugged.push(adapter('ttyUSB0', '1-1'), adapter('ttyUSB1', '1-2'));
    await presence.look();
    expect(addresses()).toEqual([shared, '/dev/serial/by-path/1-1', '/dev/serial/by-path/1-2']);
  });

  it('stays forgotten when a person forgets it, until it is plugged in again', async () => {
    const { presence, registry, ports, plugged, addresses } = watched();
    plugged.push(adapter('ttyUSB0', '1-1'));
    await presence.look();
    await presence.look();
    const [record] = registry.list();
    registry.forget(ADA, record?.id ?? '');
    ports.forget(record?.id ?? '');
    await presence.look();
    expect(addresses()).toEqual([]);
    const [unplugged] = plugged.splice(0);
    await presence.look();
    if (unplugged) plugged.push(unplugged);
    await presence.look();
    expect(addresses()).toEqual(['/dev/serial/by-path/1-1']);
  });
});

describe('a plug that cannot be remembered', () => {
  it.each(['an adapter', 'a virtual unit'])('ends nothing and is remembered later: %s', async (kind) => {
    const virtual: string[] = [];
    const { presence, plugged, troubles, addresses } = watched({ virtual: () => virtual });
    await presence.look();
    if (kind === 'an adapter') plugged.push(adapter('ttyUSB0', '1-1'), adapter('ttyUSB1', '1-2'));
    else virtual.push('/run/rack/at-1', '/run/rack/at-2');
    test.db.pragma('query_only = ON');
    await presence.look();
    await presence.look();
    expect(addresses()).toEqual([]);
    // Said once, not every second.
    expect(troubles).toHaveLength(1);
    test.db.pragma('query_only = OFF');
    await presence.look();
    expect(addresses()).toHaveLength(2);
  });

  it('is logged as trouble of the listing is', async () => {
    const { presence, troubles } = watched({
      list: async () => {
        throw new Error('no sysfs');
      },
    });
    await presence.look();
    await presence.look();
    expect(troubles).toEqual(['no sysfs']);
  });
});
