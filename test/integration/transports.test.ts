import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPty } from '../../electron/rack/pty.ts';
import { describeConformance, type Rig } from '../../electron/station/transports/conformance.ts';
import { deviceAt, isPty, plugAt } from '../../electron/station/transports/device.ts';
import { listPorts } from '../../electron/station/transports/list.ts';
import { openTransport, parseAddress } from '../../electron/station/transports/open.ts';
import { openSerial } from '../../electron/station/transports/serial.ts';
import { keepLinesUp } from '../../electron/station/transports/serial-lines.ts';
import { isSharedLink } from '../../electron/station/transports/sysfs.ts';
import { openTcp } from '../../electron/station/transports/tcp.ts';
import { DEFAULT_LINE } from '../../shared/model/ports.ts';
import { temporaryFolder } from '../support/folders.ts';

const LINE = DEFAULT_LINE;
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
    const odd = { ...DEFAULT_LINE, stopBits: 1.5 as const };
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
    pty.line.hangUp();
  });

  it('tells every plugging-in from the one before, however quick it is', async () => {
    const first = openPty();
    const before = await plugAt(first.path);
    expect(typeof before).toBe('string');
    expect(isPty(first.path)).toBe(true);
    const transport = await openTransport(first.path, LINE, SOON);
    await first.line.write(Buffer.from('x'));
    await transport.read(SOON);
    await transport.close();
    expect(await plugAt(first.path)).toBe(before);
    first.line.hangUp();
    const second = openPty();
    expect(await plugAt(second.path)).not.toBe(before);
    second.line.hangUp();
    expect(await plugAt('/dev/ttyNOTHING0')).toBeNull();
    expect(await plugAt('/etc/hostname')).toBeNull();
    expect(await plugAt('tcp:127.0.0.1:1')).toBeUndefined();
  });

  it('knows one device by all of its addresses', async () => {
    const dir = await temporaryFolder();
    const pty = openPty();
    await symlink(pty.path, join(dir, 'one'));
    await symlink(join(dir, 'one'), join(dir, 'two'));
    expect(deviceAt(join(dir, 'two'))).toBe(pty.path);
    expect(deviceAt(join(dir, 'absent'))).toBe(join(dir, 'absent'));
    expect(deviceAt('tcp:localhost:5556')).toBe(deviceAt('TCP:127.0.0.1:5556'));
    pty.line.hangUp();
  });
});

/** A machine's folders as the kernel and udev make them; adapters are plugged in and out by hand. */
async function machine() {
  const dir = await temporaryFolder();
  const places = { sys: join(dir, 'sys'), dev: join(dir, 'dev') };
  await mkdir(join(places.sys, 'class/tty'), { recursive: true });
  await mkdir(join(places.dev, 'serial/by-id'), { recursive: true });
  await mkdir(join(places.dev, 'serial/by-path'), { recursive: true });
  const relink = async (target: string, link: string) => {
    await rm(link, { force: true });
    await symlink(target, link);
  };
  return {
    places,
    byId: (name: string) => join(places.dev, 'serial/by-id', name),
    byPath: (socket: string) => join(places.dev, 'serial/by-path', `pci-usb-0:${socket}:1.0-port0`),
    async plugIn(tty: string, socket: string, name: string, serial: string | null) {
      const usb = join(places.sys, 'devices/usb1', socket);
      const device = join(usb, `${socket}:1.0`, tty);
      await mkdir(device, { recursive: true });
      const about = { idVendor: '1A86', idProduct: '7523', product: 'USB Serial', ...(serial && { serial }) };
      for (const [file, text] of Object.entries(about)) await writeFile(join(usb, file), `${text}\n`);
      await mkdir(join(places.sys, 'class/tty', tty));
      await relink(device, join(places.sys, 'class/tty', tty, 'device'));
      await writeFile(join(places.dev, tty), '');
      await relink(join('../..', tty), join(places.dev, 'serial/by-path', `pci-usb-0:${socket}:1.0-port0`));
      // udev gives a name that several have to the one that came last.
      await relink(join('../..', tty), join(places.dev, 'serial/by-id', name));
    },
  };
}

describe('adapters', () => {
  const NUMBERED = 'usb-FTDI_A50285BI-if00-port0';
  const NAMELESS = 'usb-1a86_USB_Serial-if00-port0';
  const stable = async (places: { sys: string; dev: string }) =>
    (await listPorts(places)).map(({ stablePath }) => stablePath);

  it('are known by their own number, wherever they are plugged in', async () => {
    const { places, plugIn, byId } = await machine();
    await plugIn('ttyUSB0', '1-1', NUMBERED, 'A50285BI');
    expect(await listPorts(places)).toMatchObject([
      {
        path: join(places.dev, 'ttyUSB0'),
        stablePath: byId(NUMBERED),
        vendorId: '1A86',
        serialNumber: 'A50285BI',
        product: 'USB Serial',
      },
    ]);
    expect(await isSharedLink(byId(NUMBERED), places)).toBe(false);
  });

  it('without a number are known by their socket, so that a second one is never taken for the first', async () => {
    const { places, plugIn, byId, byPath } = await machine();
    await plugIn('ttyUSB0', '1-1', NAMELESS, null);
    expect(await stable(places)).toEqual([byPath('1-1')]);
    expect(await isSharedLink(byId(NAMELESS), places)).toBe(false);
    await plugIn('ttyUSB1', '1-2', NAMELESS, null);
    expect(await stable(places)).toEqual([byPath('1-1'), byPath('1-2')]);
    expect(deviceAt(byId(NAMELESS))).toBe(join(places.dev, 'ttyUSB1'));
    expect(await isSharedLink(byId(NAMELESS), places)).toBe(true);
    expect(await isSharedLink(byPath('1-1'), places)).toBe(false);
  });

  it('with the number that their maker gives to all are known by their socket', async () => {
    const { places, plugIn, byPath } = await machine();
    await plugIn('ttyUSB0', '1-1', 'usb-CP2102_0001-if00-port0', '0001');
    expect(await stable(places)).toEqual([byPath('1-1')]);
  });

  it('with one number between two of them are known by their socket while both are in', async () => {
    const { places, plugIn, byId, byPath } = await machine();
    await plugIn('ttyUSB0', '1-1', NUMBERED, 'A50285BI');
    await plugIn('ttyUSB1', '1-2', NUMBERED, 'A50285BI');
    expect(await stable(places)).toEqual([byPath('1-1'), byPath('1-2')]);
    expect(await isSharedLink(byId(NUMBERED), places)).toBe(true);
  });
});
