import type { Actor } from '../storage/store.ts';
import { listPorts } from '../transports/list.ts';
import { type FoundPort, isSharedLink } from '../transports/sysfs.ts';
import type { Ports } from './ports.ts';
import type { PortRegistry } from './registry.ts';

const LOOK_EVERY_MS = 1_000;
const MAX_LABEL = 60;

export interface PresenceOptions {
  readonly registry: PortRegistry;
  readonly ports: Pick<Ports, 'changed' | 'refreshPresence'>;
  readonly actor: Actor;
  readonly log: { error(details: object, message: string): void };
  /** Addresses of virtual units to show as if they were plugged in; none on a live bench. */
  readonly virtual: () => readonly string[];
  /** The same text for all addresses that lead to one device now. */
  readonly deviceAt: (address: string) => string;
  /** What is plugged in; replaceable for tests. */
  readonly list?: () => Promise<readonly FoundPort[]>;
  readonly isShared?: (link: string) => Promise<boolean>;
}

/** Something that is plugged in and may become a port of the bench. */
interface Plug {
  /** The same as long as it stays in. */
  readonly key: string;
  readonly address: string;
  readonly path: string;
  readonly label: string;
}

export interface Presence {
  /** Looks now. Never rejects: what goes wrong is logged, and tried again at the next turn. */
  look(): Promise<void>;
  close(): void;
}

/**
 * Remembers ports as they are plugged in, and shows within a second which remembered ones are there.
 * It lists and looks; it never opens one.
 */
export function watchPresence(options: PresenceOptions): Presence {
  const { registry, ports, actor, log, deviceAt, list = listPorts, isShared = isSharedLink } = options;
  /** The plugs that were remembered since they are in: one that a person forgets stays forgotten until re-plugged. */
  let handled = new Set<string>();
  /** What went wrong at the turn before, and at this one. */
  let before = new Set<string>();
  let troubles = new Set<string>();
  let looking: Promise<void> | null = null;
  let closed = false;

  /** Trouble that stays, such as a full disk, is said once, not every second. */
  function complain(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const isNew = !before.has(message) && !troubles.has(message);
    if (isNew && !closed) log.error({ err: error }, 'looking at the ports failed');
    troubles.add(message);
  }

  /** The devices that have a card. A link that may lead to either of two adapters stands for none of them. */
  async function devicesKnown(): Promise<Set<string>> {
    const known = new Set<string>();
    for (const { address } of registry.list()) {
      if (!(await isShared(address))) known.add(deviceAt(address));
    }
    return known;
  }

  function remember({ address, path, label }: Plug, known: ReadonlySet<string>): void {
    if (registry.findByAddress(address) !== null || known.has(deviceAt(path))) return;
    const record = registry.add(actor, {
      address,
      label: label.slice(0, MAX_LABEL),
      family: null,
      line: {},
      login: null,
      password: null,
      origin: 'hotplug',
    });
    ports.changed(record.id);
  }

  async function turn(): Promise<void> {
    // A port that no adapter is behind (the board's own, say) is added by whoever uses it.
    const adapters = (await list()).filter(({ vendorId }) => vendorId !== null);
    const plugs = [...adapters.map(plugOf), ...options.virtual().map(virtualPlug)];
    const fresh = plugs.filter(({ key }) => !handled.has(key));
    handled = new Set(plugs.map(({ key }) => key).filter((key) => handled.has(key)));
    const known = fresh.length > 0 ? await devicesKnown() : new Set<string>();
    if (closed) return;
    for (const plug of fresh) {
      try {
        remember(plug, known);
        handled.add(plug.key);
      } catch (error) {
        complain(error);
      }
    }
    await ports.refreshPresence();
  }

  function look(): Promise<void> {
    looking ??= turn()
      .catch(complain)
      .finally(() => {
        [before, troubles] = [troubles, new Set()];
        looking = null;
      });
    return looking;
  }

  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  timer.unref();
  void look();
  return {
    look,
    close() {
      closed = true;
      clearInterval(timer);
    },
  };
}

const lastPart = (path: string): string => path.split('/').at(-1) || path;

/** The adapter by its name and number, or its socket: `/dev/ttyUSB0` may be another one's after a re-plug. */
function plugOf({ path, stablePath, usb, product, serialNumber }: FoundPort): Plug {
  const which = stablePath.includes('/by-id/') ? serialNumber : usb && `socket ${lastPart(usb)}`;
  return {
    key: [path, stablePath, usb].join('\n'),
    address: stablePath,
    path,
    label: product && which ? `${product}, ${which}` : lastPart(path),
  };
}

const virtualPlug = (address: string): Plug => ({
  key: address,
  address,
  path: address,
  label: lastPart(address),
});
