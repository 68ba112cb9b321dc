import { once } from 'node:events';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isVirtualAddress, rackFolder, runningRacks, startOfProcess } from '../station/transports/virtual.ts';
import { AtPhone } from './at/phone.ts';
import { openPty } from './pty.ts';
import { type Rack, type RackOptions, startRack } from './rack.ts';
import { runRack } from './run.ts';
import type { UnitCore } from './unit.ts';

let dir: string;
const before = process.env.XDG_RUNTIME_DIR;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'rack-'));
  process.env.XDG_RUNTIME_DIR = dir;
});
afterAll(async () => {
  if (before === undefined) delete process.env.XDG_RUNTIME_DIR;
  else process.env.XDG_RUNTIME_DIR = before;
  await rm(dir, { recursive: true, force: true });
});

const racks: Rack[] = [];
afterEach(async () => {
  for (const rack of racks.splice(0)) await rack.close();
});
async function start(options: RackOptions): Promise<Rack> {
  const rack = await startRack(options);
  racks.push(rack);
  return rack;
}
const first = (rack: Rack) => {
  const [unit] = rack.units;
  if (unit === undefined) throw new Error('an empty rack');
  return unit;
};

/** How many PTYs this process has open. */
async function openPtys(): Promise<number> {
  const files = await readdir('/proc/self/fd');
  const ends = await Promise.all(files.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
  return ends.filter((end) => /^\/dev\/(pts\/)?ptmx$/.test(end)).length;
}

describe('a rack', () => {
  it('registers its units as virtual, by link, PTY and TCP port, until it closes', async () => {
    const rack = await start({ units: [{ family: 'at' }, { family: 'at', over: 'tcp' }] });
    const [onPty, onTcp] = rack.units;
    if (onPty === undefined || onTcp === undefined) throw new Error('two units expected');
    const pty = await readlink(onPty.address);
    const link = join(dir, 'my-link');
    await symlink(onPty.address, link);
    const port = onTcp.address.split(':').at(-1);
    for (const address of [onPty.address, pty, link, onTcp.address, `tcp:[::1]:${port}`]) {
      expect(isVirtualAddress(address)).toBe(true);
    }
    for (const address of ['/dev/ttyS0', '/dev/ttyUSB0', 'tcp:127.0.0.1:1']) {
      expect(isVirtualAddress(address)).toBe(false);
    }
    await rack.close();
    expect(isVirtualAddress(onPty.address)).toBe(false);
    expect(isVirtualAddress(onTcp.address)).toBe(false);
    expect(await readdir(rackFolder())).toEqual([]);
  });

  it('gives each unit an identity of its own', async () => {
    const rack = await start({ units: [{ family: 'at' }, { family: 'at' }, { family: 'at', number: 1 }] });
    const serials = rack.units.map((unit) => unit.identity.serial);
    expect(serials).toEqual(['RZ8RB000001', 'RZ8RB000002', 'RZ8RB000001']);
  });

  it('puts another PTY behind the same link after the cable was out', async () => {
    const rack = await start({ units: [{ family: 'at' }] });
    const unit = first(rack);
    unit.setFault('unplug', true);
    await expect(readlink(unit.address)).rejects.toThrow('ENOENT');
    unit.setFault('unplug', false);
    expect(isVirtualAddress(await readlink(unit.address))).toBe(true);
  });

  it('refuses a fault that the unit does not have', async () => {
    const rack = await start({ units: [{ family: 'at' }] });
    expect(() => first(rack).setFault('full-disk', true)).toThrow('no fault');
  });

  it('leaves neither unit nor port behind when one cannot be mounted', async () => {
    const link = join(dir, 'taken');
    await mkdir(join(link, 'at-2', 'something'), { recursive: true });
    const closed: number[] = [];
    const core = (number: number): UnitCore => {
      const phone = new AtPhone({ number });
      const close = phone.close.bind(phone);
      return Object.assign(phone, {
        close: async () => {
          closed.push(number);
          await close();
        },
      });
    };
    const before = await openPtys();
    const units = [1, 2].map((number) => ({ family: 'at' as const, core: core(number) }));
    await expect(startRack({ units, link })).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
    expect(closed.sort()).toEqual([1, 2]);
    await expect.poll(openPtys).toBe(before);
    expect(await readdir(link)).toEqual(['at-2']);
  });

  it('serves one client at a time on TCP, whoever waits', async () => {
    const rack = await start({ units: [{ family: 'at', over: 'tcp' }] });
    const port = Number(first(rack).address.split(':').at(-1));
    const client = async (): Promise<Socket> => {
      const socket = connect({ host: '127.0.0.1', port });
      await once(socket, 'connect');
      return socket;
    };
    const ask = async (socket: Socket): Promise<string> => {
      socket.write('AT\r');
      const [answer] = await Promise.race([
        once(socket, 'data'),
        once(socket, 'close').then(() => ['closed']),
      ]);
      return String(answer);
    };
    const one = await client();
    expect(await ask(one)).toContain('AT');
    // Both wait for the first to go; the unit has one cable.
    const [two, three] = [await client(), await client()];
    const answers = Promise.all([ask(two), ask(three)]);
    one.destroy();
    expect((await answers).map((answer) => answer === 'closed')).toEqual([false, true]);
    two.destroy();
  });

  it('makes its links where it is told', async () => {
    const link = join(dir, 'links');
    const rack = await start({ units: [{ family: 'at' }], link });
    expect(first(rack).address).toBe(join(link, 'at-1'));
  });
});

describe('a virtual address', () => {
  it('is every PTY, whether or not a rack registered it where this process looks', () => {
    const pty = openPty();
    expect(isVirtualAddress(pty.path)).toBe(true);
    pty.line.hangUp();
  });

  it('is none that a folder of another user names', async () => {
    const folder = join(dir, 'foreign');
    await mkdir(folder, { mode: 0o777 });
    const registration = {
      pid: process.pid,
      started: startOfProcess(process.pid),
      addresses: ['tcp:127.0.0.1:5556'],
    };
    await writeFile(join(folder, `${process.pid}.json`), JSON.stringify(registration));
    await chmod(folder, 0o777);
    expect(runningRacks([folder])).toEqual([]);
    await chmod(folder, 0o700);
    expect(runningRacks([folder])).toHaveLength(1);
    await symlink(folder, join(dir, 'link-to-it'));
    expect(runningRacks([join(dir, 'link-to-it')])).toEqual([]);
    // Of a name that anybody may take.
    await rename(folder, join(dir, 'repairbench-rack-x'));
    expect(isVirtualAddress('tcp:127.0.0.1:5556')).toBe(false);
  });
});

describe('registrations', () => {
  it('of dead processes, re-used pids and nonsense count for nothing', async () => {
    const rack = await start({ units: [{ family: 'at' }] });
    const folder = dirname(dirname(first(rack).address));
    const write = (name: string, content: unknown) => writeFile(join(folder, name), JSON.stringify(content));
    const addresses = ['/dev/pts/99', '/dev/ttyUSB0'];
    await write('4000000.json', { pid: 4_000_000, started: '1', addresses });
    await write('1.json', { pid: 1, started: 'another start', addresses });
    await write('2.json', { pid: 'x' });
    await writeFile(join(folder, '3.json'), '{');
    // Other racks may run on this machine meanwhile; this folder is this test’s own.
    expect(runningRacks([folder])).toHaveLength(1);
    // Not even a running process can make hardware virtual.
    await write(`${process.pid}-9.json`, {
      pid: process.pid,
      started: startOfProcess(process.pid),
      addresses: ['/dev/ttyUSB0', '/dev/pts/99'],
    });
    expect(isVirtualAddress('/dev/pts/99')).toBe(true);
    expect(isVirtualAddress('/dev/ttyUSB0')).toBe(false);
    await start({ units: [] });
    expect(await readdir(folder)).not.toContain('4000000.json');
    await Promise.all(
      ['1.json', '2.json', '3.json', `${process.pid}-9.json`].map((name) => rm(join(folder, name))),
    );
  });
});

describe('running', () => {
  it('prints its units as one line, takes faults as lines, and ends on the signal', async () => {
    const stop = new AbortController();
    const [input, output, remarks] = [new PassThrough(), new PassThrough(), new PassThrough()];
    const running = runRack({ at: 2, console: 0, signal: stop.signal, input, output, remarks });
    const line = async (stream: PassThrough): Promise<string> => {
      for (let text = ''; ; ) {
        const piece: unknown = stream.read();
        if (piece === null) await new Promise((resolve) => stream.once('readable', resolve));
        else text += String(piece);
        if (text.endsWith('\n')) return text.trim();
      }
    };
    const { units } = JSON.parse(await line(output)) as { units: { address: string; family: string }[] };
    expect(units.map((unit) => unit.family)).toEqual(['at', 'at']);
    const address = units[0]?.address ?? '';
    const tell = (text: string) => {
      input.write(`${text}\n`);
      return line(remarks);
    };
    expect(await tell(`fault ${address} unplug on`)).toContain('unplug is on');
    await expect(readFile(address)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await tell(`fault ${address} unplug off`)).toContain('unplug is off');
    expect(await tell(`fault ${address} full-disk on`)).toContain('no fault');
    expect(await tell('fault /nowhere silence on')).toContain('no unit');
    expect(await tell('fault x explode on')).toContain('Names:');
    expect(await tell('what')).toContain('Write:');
    stop.abort();
    await running;
    expect(output.read()).toBeNull();
    await expect(readlink(address)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
