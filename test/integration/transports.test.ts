import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPty } from '../../electron/rack/pty.ts';
import { describeConformance, type Rig } from '../../electron/station/transports/conformance.ts';
import { isPresent, listPorts, watchPorts } from '../../electron/station/transports/list.ts';
import { openTransport, parseAddress } from '../../electron/station/transports/open.ts';
import { openSerial } from '../../electron/station/transports/serial.ts';
import { keepLinesUp } from '../../electron/station/transports/serial-lines.ts';
import { openTcp } from '../../electron/station/transports/tcp.ts';
import { LineSettings } from '../../shared/model/ports.ts';

const LINE = LineSettings.parse({});
const SOON = { timeoutMs: 10_000 };

describeConformance('serial, on a PTY', async () => {
  const pty = openPty();
  const transport = await openSerial(pty.path, LINE, SOON);
  return {
    transport,
    far: pty.line,
    // Nobody reads the unit's end until somebody listens.
    stall: () => {},
    async close() {
      await transport.close();
      pty.line.hangUp();
    },
  };
});

/** A unit that listens on a TCP port of its own. */
async function tcpRig(): Promise<Rig & { address: string }> {
  const connections: ((socket: Socket) => void)[] = [];
  const accepted = new Promise<Socket>((resolve) => connections.push(resolve));
  const server = createServer((socket) => {
    socket.on('error', () => {});
    for (const tell of connections) tell(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  const address = `tcp:127.0.0.1:${bound.port}`;
  const transport = await openTcp(address, SOON);
  const socket = await accepted;
  return {
    address,
    transport,
    far: {
      onData: (listener) => {
        socket.on('data', listener);
      },
      write: (bytes) => new Promise((resolve) => socket.write(bytes, () => resolve())),
      hangUp: () => {
        socket.destroy();
      },
    },
    stall: () => {
      socket.pause();
    },
    async close() {
      await transport.close();
      socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

describeConformance('TCP', tcpRig);

describe('opening', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'ports-'));
  });
  afterAll(async () => {
    await rm(dir, { recursive: true, force: true });
  });
  const open = (address: string) => openTransport(address, LINE, SOON);

  it('follows a link anew each time', async () => {
    const link = join(dir, 'by-id');
    const first = openPty();
    await symlink(first.path, link);
    const before = await open(link);
    first.line.hangUp();
    await before.closed;
    const second = openPty();
    await rm(link);
    await symlink(second.path, link);
    const after = await open(link);
    expect(after.address).toBe(link);
    void second.line.write(Buffer.from('back'));
    expect(Buffer.from(await after.read(SOON)).toString()).toBe('back');
    await after.close();
    second.line.hangUp();
  });

  it('lets several clients use one port, one after the other', async () => {
    const pty = openPty();
    pty.line.onData((bytes) => void pty.line.write(bytes));
    for (const word of ['one', 'two', 'three']) {
      const transport = await open(pty.path);
      await transport.write(Buffer.from(word), SOON);
      let heard = '';
      while (heard.length < word.length) heard += Buffer.from(await transport.read(SOON)).toString();
      expect(heard).toBe(word);
      await transport.close();
    }
    pty.line.hangUp();
  });

  it('has no modem lines on a PTY', async () => {
    const pty = openPty();
    const transport = await open(pty.path);
    expect(transport.modem).toBeUndefined();
    await transport.close();
    pty.line.hangUp();
  });

  it('makes a terminal keep its lines up after the close', async () => {
    const pty = openPty();
    const stty = (...args: string[]) => execFileSync('stty', ['-F', pty.path, ...args], { encoding: 'utf8' });
    stty('hupcl');
    const fd = openSync(pty.path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
    await keepLinesUp(fd);
    closeSync(fd);
    expect(stty('-a')).toContain(' -hupcl');
    pty.line.hangUp();
  });

  it('says that a port is in use', async () => {
    const pty = openPty();
    const transport = await open(pty.path);
    await expect(open(pty.path)).rejects.toMatchObject({ code: 'port.busy', params: { address: pty.path } });
    await transport.close();
    pty.line.hangUp();
  });

  it('opens no file and no device that is not a terminal', async () => {
    const file = join(dir, 'file');
    await writeFile(file, '');
    await expect(open(file)).rejects.toMatchObject({ code: 'port.not-a-port' });
    await expect(open(dir)).rejects.toMatchObject({ code: 'port.not-a-port' });
    await expect(open('/dev/null')).rejects.toMatchObject({ code: 'port.not-a-port' });
    await expect(open('/dev/zero')).rejects.toMatchObject({ code: 'port.not-a-port' });
  });

  it('says what is not there', async () => {
    await expect(open(join(dir, 'absent'))).rejects.toMatchObject({ code: 'port.not-found' });
    const rig = await tcpRig();
    await rig.close();
    await expect(open(rig.address)).rejects.toMatchObject({ code: 'port.not-found' });
  });

  it('opens nothing for a call that was given up', async () => {
    const pty = openPty();
    const gone = AbortSignal.abort(new Error('no longer wanted'));
    await expect(openTransport(pty.path, LINE, { ...SOON, signal: gone })).rejects.toThrow(
      'no longer wanted',
    );
    const transport = await open(pty.path);
    await transport.close();
    pty.line.hangUp();
  });

  it('refuses speeds and formats that the port cannot do', async () => {
    const pty = openPty();
    const odd = LineSettings.parse({ stopBits: 1.5 });
    await expect(openSerial(pty.path, odd, SOON)).rejects.toMatchObject({ code: 'port.settings' });
    pty.line.hangUp();
  });
});

describe('addresses', () => {
  it.each([
    ['/dev/ttyUSB0', { kind: 'serial', path: '/dev/ttyUSB0' }],
    ['tcp:127.0.0.1:5556', { kind: 'tcp', host: '127.0.0.1', port: 5556 }],
    ['tcp:127.8.9.10:1', { kind: 'tcp', host: '127.8.9.10', port: 1 }],
    ['TCP:localhost:22', { kind: 'tcp', host: '127.0.0.1', port: 22 }],
    ['tcp:[::1]:5556', { kind: 'tcp', host: '::1', port: 5556 }],
  ])('reads %s', (address, parsed) => {
    expect(parseAddress(address)).toEqual(parsed);
  });

  it.each([
    'tcp:192.168.0.1:5556',
    'tcp:example.com:80',
    'tcp:[2001:db8::1]:80',
    'tcp:0.0.0.0:80',
    'tcp:127.evil.org:80',
  ])('refuses another machine: %s', (address) => {
    expect(() => parseAddress(address)).toThrow(expect.objectContaining({ code: 'port.not-loopback' }));
  });

  it.each([
    'ttyUSB0',
    'tcp:127.0.0.1',
    'tcp:127.0.0.1:0',
    'tcp:127.0.0.1:70000',
    'tcp:::1:5',
    'usb:1-2',
    '/dev/tty\0S0',
  ])('cannot read %j', (address) => {
    expect(() => parseAddress(address)).toThrow(expect.objectContaining({ code: 'port.not-a-port' }));
  });
});

describe('listing', () => {
  it('lists ports without failing, and no PTY', async () => {
    const pty = openPty();
    const ports = await listPorts();
    expect(ports.map((port) => port.path)).not.toContain(pty.path);
    expect(await isPresent(pty.path)).toBe(true);
    pty.line.hangUp();
    expect(await isPresent('/dev/ttyNOTHING0')).toBe(false);
    expect(await isPresent('/etc/hostname')).toBe(false);
    expect(await isPresent('tcp:127.0.0.1:1')).toBeNull();
  });

  it('tells what is there, what came and what left', async () => {
    const port = (path: string, serialNumber: string | null = null) => ({
      path,
      stablePath: path,
      vendorId: null,
      productId: null,
      serialNumber,
      manufacturer: null,
      product: null,
    });
    let there = [port('/dev/ttyUSB0')];
    const changes: { added: string[]; removed: string[]; current: number }[] = [];
    const watch = watchPorts(
      ({ current, added, removed }) => {
        const paths = (ports: readonly { path: string; serialNumber: string | null }[]) =>
          ports.map(({ path, serialNumber }) => `${path} ${serialNumber ?? ''}`.trim());
        changes.push({ added: paths(added), removed: paths(removed), current: current.length });
      },
      { intervalMs: 3_600_000, list: async () => there },
    );
    await watch.refresh();
    await watch.refresh();
    there = [port('/dev/ttyUSB0', 'B'), port('/dev/ttyUSB1')];
    await watch.refresh();
    there = [];
    await watch.refresh();
    watch.close();
    there = [port('/dev/ttyUSB9')];
    await watch.refresh();
    expect(changes).toEqual([
      { added: ['/dev/ttyUSB0'], removed: [], current: 1 },
      { added: ['/dev/ttyUSB0 B', '/dev/ttyUSB1'], removed: ['/dev/ttyUSB0'], current: 2 },
      { added: [], removed: ['/dev/ttyUSB0 B', '/dev/ttyUSB1'], current: 0 },
    ]);
  });
});
