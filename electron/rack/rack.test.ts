import { mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isVirtualAddress, rackFolder, runningRacks, startOfProcess } from '../station/transports/virtual.ts';
import { type Rack, type RackOptions, startRack } from './rack.ts';
import { runRack } from './run.ts';

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

  it('makes its links where it is told', async () => {
    const link = join(dir, 'links');
    const rack = await start({ units: [{ family: 'at' }], link });
    expect(first(rack).address).toBe(join(link, 'at-1'));
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
