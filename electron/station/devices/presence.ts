import type { Actor } from '../storage/store.ts';
import { type FoundPort, watchPorts } from '../transports/list.ts';
import type { Ports } from './ports.ts';
import type { PortRegistry } from './registry.ts';

const LOOK_EVERY_MS = 1_000;

export interface PresenceOptions {
  readonly registry: PortRegistry;
  readonly ports: Ports;
  readonly actor: Actor;
  readonly log: { error(details: object, message: string): void };
  /** Addresses of virtual units to show as if they were plugged in; none on a live bench. */
  readonly virtual: () => readonly string[];
}

/**
 * Remembers ports as they are plugged in, and shows within a second which remembered ones are there.
 * It lists and looks; it never opens one.
 */
export function watchPresence({ registry, ports, actor, log, virtual }: PresenceOptions): { close(): void } {
  const add = (address: string, label: string) => {
    const record = registry.add(actor, {
      address,
      label,
      family: null,
      line: {},
      login: null,
      password: null,
      origin: 'hotplug',
    });
    ports.changed(record.id);
  };
  const remember = (found: readonly FoundPort[]) => {
    for (const port of found) {
      if (registry.findByAddress(port.stablePath) || registry.findByAddress(port.path)) continue;
      // A port that no adapter is behind (the board's own, say) is added by whoever uses it.
      if (port.vendorId === null) continue;
      add(port.stablePath, lastPart(port.path));
    }
  };
  let virtualBefore: readonly string[] = [];
  const rememberVirtual = () => {
    const now = virtual();
    for (const address of now) {
      // One that a person has forgotten stays forgotten until it is plugged in again.
      if (virtualBefore.includes(address) || registry.findByAddress(address)) continue;
      add(address, lastPart(address));
    }
    virtualBefore = now;
  };
  const hotplug = watchPorts(({ added }) => remember(added), { intervalMs: LOOK_EVERY_MS });
  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    rememberVirtual();
    ports
      .refreshPresence()
      .catch((error: unknown) => log.error({ err: error }, 'looking at the ports failed'))
      .finally(() => {
        looking = false;
      });
  }, LOOK_EVERY_MS);
  timer.unref();
  return {
    close() {
      hotplug.close();
      clearInterval(timer);
    },
  };
}

const lastPart = (path: string): string => path.split('/').at(-1) || path;
