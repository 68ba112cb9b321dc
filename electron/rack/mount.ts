import { renameSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { Cable, type Random, type RawLine, seededRandom } from './cable.ts';
import { openPty, type Pty } from './pty.ts';
import { type FaultName, isWireFault, type Mount, type UnitCore, type WireFault } from './unit.ts';

/** Where the cable ends on the bench's side: something that can be there or not. */
interface Outlet {
  readonly address: string;
  readonly aliases: () => readonly string[];
  /** The port is there now; each connection is told through `onLine`. */
  appear(onLine: (line: RawLine) => void): void;
  /** The port is gone; open connections are hung up. */
  vanish(): void;
}

export interface MountOptions {
  /** Randomness of the wire's noise. */
  readonly random?: Random;
}

/**
 * A unit on a cable: plugs it in, keeps the faults of the wire, and pulls the cable when a fault or the
 * unit itself wants that. The unit's core stays the same across all of it.
 */
function mount(core: UnitCore, outlet: Outlet, options: MountOptions): Mount {
  const random = options.random ?? seededRandom(1);
  const wireFaults = new Set<WireFault>();
  let died = false;
  let rebooting: NodeJS.Timeout | null = null;
  let there = false;
  let closed = false;

  function settle(): void {
    const wanted = !closed && !died && rebooting === null && !wireFaults.has('unplug');
    if (wanted === there) return;
    there = wanted;
    if (wanted) outlet.appear(connect);
    else outlet.vanish();
  }

  function connect(line: RawLine): void {
    const cable = new Cable(line, wireFaults, random, () => {
      died = true;
      settle();
    });
    const detach = core.attach({
      channel: cable,
      reconnect(afterMs) {
        if (rebooting !== null || closed) return;
        rebooting = setTimeout(() => {
          rebooting = null;
          settle();
        }, afterMs);
        settle();
      },
    });
    void line.closed.then(detach);
  }

  settle();
  return {
    address: outlet.address,
    aliases: outlet.aliases,
    setFault(name: FaultName, on: boolean) {
      if (isWireFault(name)) {
        if (on) wireFaults.add(name);
        else wireFaults.delete(name);
        if (name === 'die-mid-answer' && !on) died = false;
        settle();
      } else if (core.faults.includes(name)) {
        core.setFault(name, on);
      } else {
        throw new Error(`a unit of the family “${core.family}” has no fault “${name}”`);
      }
    },
    async close() {
      closed = true;
      if (rebooting !== null) clearTimeout(rebooting);
      settle();
      await core.close();
    },
  };
}

/**
 * Mounts a unit on PTYs behind one stable link: every plugging-in makes a new PTY, as a real adapter may get
 * another number. While unplugged the link is not there.
 * @param link the path that benches open
 * @param onAliases told the PTY behind the link, before the link is made, and nothing when it is gone
 */
export function mountOnPty(
  core: UnitCore,
  link: string,
  onAliases: (ptys: readonly string[]) => void,
  options: MountOptions = {},
): Mount {
  let pty: Pty | null = null;
  return mount(
    core,
    {
      address: link,
      aliases: () => (pty === null ? [link] : [link, pty.path]),
      appear(onLine) {
        const now = openPty();
        pty = now;
        try {
          onAliases([now.path]);
          onLine(now.line);
          symlinkSync(now.path, `${link}.new`);
          renameSync(`${link}.new`, link);
        } catch (error) {
          rmSync(`${link}.new`, { force: true });
          now.line.hangUp();
          throw error;
        }
      },
      vanish() {
        rmSync(link, { force: true });
        pty?.line.hangUp();
        pty = null;
        onAliases([]);
      },
    },
    options,
  );
}

class SocketLine implements RawLine {
  readonly closed: Promise<void>;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.once('close', () => resolve());
    });
    // An error is followed by “close”.
    socket.on('error', () => {});
  }

  get queued(): number {
    return this.#socket.writableLength;
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#socket.removeAllListeners('data');
    this.#socket.on('data', listener);
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.destroyed) resolve();
      else this.#socket.write(bytes.slice(), () => resolve());
    });
  }

  hangUp(): void {
    this.#socket.destroy();
  }
}

/** How long a second client waits for the first to go. */
const HANDOVER_MS = 250;

/** Mounts a unit on a TCP port of this machine; one client at a time, as on a cable. */
export async function mountOnTcp(core: UnitCore, options: MountOptions = {}): Promise<Mount> {
  let connected: ((line: RawLine) => void) | null = null;
  let current: Socket | null = null;
  function adopt(socket: Socket): void {
    if (connected === null || socket.destroyed) {
      socket.destroy();
      return;
    }
    current = socket;
    socket.once('close', () => {
      current = null;
    });
    connected(new SocketLine(socket));
  }
  /** A client that reconnects may be here before its old connection has ended; of several, the first goes on. */
  function welcome(socket: Socket): void {
    if (current === null) {
      adopt(socket);
      return;
    }
    const refuse = setTimeout(() => socket.destroy(), HANDOVER_MS);
    current.once('close', () => {
      clearTimeout(refuse);
      if (!socket.destroyed) welcome(socket);
    });
  }
  const server: Server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {});
    welcome(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('no TCP port');
  const address = `tcp:127.0.0.1:${bound.port}`;
  const mounted = mount(
    core,
    {
      address,
      aliases: () => [address],
      appear(onLine) {
        connected = onLine;
      },
      vanish() {
        connected = null;
        current?.destroy();
      },
    },
    options,
  );
  return {
    ...mounted,
    async close() {
      await mounted.close();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/**
 * Mounts a unit on channels of this process: `connect` is given the unit's end of each connection.
 * For tests: `const { transport, far } = createMemoryLine(); plug(far)`.
 */
export function mountInProcess(
  core: UnitCore,
  options: MountOptions = {},
): Mount & { plug(line: RawLine): void } {
  let connected: ((line: RawLine) => void) | null = null;
  let current: RawLine | null = null;
  const mounted = mount(
    core,
    {
      address: 'memory:unit',
      aliases: () => [],
      appear(onLine) {
        connected = onLine;
      },
      vanish() {
        connected = null;
        current?.hangUp();
      },
    },
    options,
  );
  return {
    ...mounted,
    plug(line) {
      if (connected === null) {
        line.hangUp();
        return;
      }
      current = line;
      connected(line);
    },
  };
}
