import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADA, type TestUnit, testPorts } from '../testing/ports.ts';
import { type TestStore, testStore } from '../testing/store.ts';

const A: TestUnit = { family: 'at', serial: 'A' };
const B: TestUnit = { family: 'at', serial: 'B' };
const NOBODY = { identity: null, unitId: null, caseId: null, caseNumber: null };
const TCP = 'tcp:127.0.0.1:5556';

let test: TestStore;
beforeEach(() => {
  test = testStore();
});
afterEach(() => test.dispose());

describe('who hangs on a port', () => {
  it('is who was read there, while nothing casts doubt on it', async () => {
    const { ports, plugIn, add } = testPorts(test);
    plugIn('/dev/a', A);
    const id = add('/dev/a', 'at');
    expect(ports.unitRead(id)).toBeNull();
    await ports.identify(ADA, id);
    await ports.refreshPresence();
    expect(ports.get(id)).toMatchObject({ state: 'ready', identity: { serial: 'A' }, caseId: 'case-A' });
    expect(ports.unitRead(id)).toMatchObject({ unitId: 'unit-A', family: 'at', identity: { serial: 'A' } });
  });

  it('is nobody after a look that the unit did not outlast and a plugging-in', async () => {
    const { ports, plugIn, unplug, add } = testPorts(test);
    plugIn('/dev/a', A);
    const id = add('/dev/a', 'at');
    await ports.identify(ADA, id);
    unplug('/dev/a');
    await expect(ports.look(ADA, id, 'looking', async () => {})).rejects.toMatchObject({
      code: 'port.not-found',
    });
    expect(ports.get(id).state).toBe('absent');
    expect(ports.unitRead(id)).toBeNull();
    plugIn('/dev/a', B);
    await ports.refreshPresence();
    expect(ports.get(id)).toMatchObject({ state: 'unread', ...NOBODY });
    expect(ports.unitRead(id)).toBeNull();
  });

  it('is nobody once another plug is there, however quick the change was', async () => {
    const { ports, plugIn, add } = testPorts(test);
    plugIn('/dev/a', A);
    const id = add('/dev/a', 'at');
    await ports.identify(ADA, id);
    plugIn('/dev/a', B);
    await ports.refreshPresence();
    expect(ports.get(id)).toMatchObject({ state: 'unread', ...NOBODY });
  });

  it('is nobody when what is there does not answer', async () => {
    const { ports, plugIn, swap, add } = testPorts(test);
    plugIn('/dev/a', A);
    const id = add('/dev/a', 'at');
    await ports.identify(ADA, id);
    swap('/dev/a', { ...B, silent: true });
    await expect(ports.identify(ADA, id)).rejects.toMatchObject({ code: 'port.timeout' });
    await ports.refreshPresence();
    expect(ports.get(id)).toMatchObject({ state: 'silent', ...NOBODY });
  });

  it('is nobody on TCP after any trouble, since a change there cannot be seen', async () => {
    const { ports, plugIn, unplug, add } = testPorts(test);
    plugIn(TCP, A);
    const id = add(TCP, 'at');
    await ports.identify(ADA, id);
    await ports.refreshPresence();
    expect(ports.unitRead(id)).not.toBeNull();
    unplug(TCP);
    await expect(ports.identify(ADA, id)).rejects.toMatchObject({ code: 'port.not-found' });
    expect(ports.get(id)).toMatchObject({ state: 'absent', ...NOBODY });
  });

  it('is nobody after a run that did not get to read it', async () => {
    const { ports, plugIn, swap, add } = testPorts(test);
    plugIn(TCP, A);
    const id = add(TCP, 'at');
    await ports.identify(ADA, id);
    swap(TCP, { ...B, silent: true });
    const { signal } = new AbortController();
    const run = ports.withRun(id, { id: 'run', title: 'A run' }, (open) => open(ADA, signal, async () => {}));
    await expect(run).rejects.toMatchObject({ code: 'port.timeout' });
    ports.runEnded(id, 'error', null);
    expect(ports.get(id)).toMatchObject({ state: 'error', ...NOBODY });
    expect(ports.unitRead(id)).toBeNull();
  });

  it('stays through a run in which the unit restarts, and so does how the run ended', async () => {
    const { ports, plugIn, add } = testPorts(test);
    plugIn('/dev/a', A);
    const id = add('/dev/a', 'at');
    const { signal } = new AbortController();
    await ports.withRun(id, { id: 'run', title: 'A run' }, async (open) => {
      await open(ADA, signal, async () => {});
      plugIn('/dev/a', A);
      await open(ADA, signal, async () => {});
    });
    ports.runEnded(id, 'pass', null);
    await ports.refreshPresence();
    expect(ports.get(id)).toMatchObject({ state: 'passed', unitId: 'unit-A' });
  });

  it('and how the last run ended outlast a look at the same unit, but not at another', async () => {
    const { ports, plugIn, swap, add } = testPorts(test);
    plugIn('/dev/a', A);
    const id = add('/dev/a', 'at');
    await ports.identify(ADA, id);
    ports.runEnded(id, 'fail', null);
    await ports.look(ADA, id, 'looking', async () => {});
    expect(ports.get(id).state).toBe('failed');
    swap('/dev/a', B);
    await ports.look(ADA, id, 'looking', async () => {});
    expect(ports.get(id)).toMatchObject({ state: 'ready', unitId: 'unit-B' });
  });
});

describe('the lease', () => {
  it('is one for two addresses of one device', async () => {
    const { ports, plugIn, add } = testPorts(test, { deviceAt: () => '/dev/ttyUSB0' });
    plugIn('/dev/a', A);
    const a = add('/dev/a', 'at');
    const b = add('/dev/b', 'at');
    await ports.withRun(a, { id: 'run', title: 'A run' }, async () => {
      await expect(ports.identify(ADA, b)).rejects.toMatchObject({
        code: 'port.in-use',
        params: { label: '/dev/a', by: 'A run' },
      });
    });
    await ports.identify(ADA, a);
  });

  it('is given back when its beginning cannot be shown', async () => {
    let broken = true;
    const { ports, plugIn, add } = testPorts(test, {
      notify: () => {
        if (broken) throw new Error('the disk is full');
      },
    });
    plugIn('/dev/a', A);
    const id = add('/dev/a', 'at');
    await expect(ports.identify(ADA, id)).rejects.toThrow('the disk is full');
    expect(ports.isWorking(id)).toBe(false);
    expect(ports.get(id).state).toBe('unread');
    broken = false;
    expect((await ports.identify(ADA, id)).state).toBe('ready');
  });

  it('does not keep the other ports from being looked at when one is forgotten meanwhile', async () => {
    const forgotten: string[] = [];
    const bench = testPorts(test, {
      plugAt: async (address) => {
        const first = bench.registry.findByAddress(address);
        if (address === '/dev/a' && first) {
          bench.registry.forget(ADA, first.id);
          bench.ports.forget(first.id);
          forgotten.push(address);
        }
        return null;
      },
    });
    bench.add('/dev/a', 'at');
    const b = bench.add('/dev/b', 'at');
    await bench.ports.refreshPresence();
    expect(forgotten).toEqual(['/dev/a']);
    expect(bench.ports.get(b).state).toBe('absent');
  });
});
