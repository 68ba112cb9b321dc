import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADA, type TestUnit, testPorts } from '../testing/ports.ts';
import { type TestStore, testStore } from '../testing/store.ts';

const PHONE: TestUnit = { family: 'at', serial: 'A' };
const ROUTER: TestUnit = { family: 'console', serial: 'R' };

let test: TestStore;
beforeEach(() => {
  test = testStore();
});
afterEach(() => test.dispose());

describe('working out the family', () => {
  it('is done anew each time: an adapter may carry another unit by now', async () => {
    const { ports, plugIn, swap, add, asked } = testPorts(test);
    plugIn('/dev/a', PHONE);
    const id = add('/dev/a');
    expect(await ports.identify(ADA, id)).toMatchObject({ family: 'at' });
    expect(asked.splice(0)).toEqual(['probe console', 'probe at', 'open at']);
    swap('/dev/a', ROUTER);
    expect(await ports.identify(ADA, id)).toMatchObject({ family: 'console', identity: { serial: 'R' } });
    expect(asked.splice(0)).toEqual(['probe console', 'open console']);
    swap('/dev/a', { ...PHONE, silent: true });
    await expect(ports.identify(ADA, id)).rejects.toMatchObject({ code: 'unit.unknown-family' });
    expect(asked).toEqual(['probe console', 'probe at']);
    expect(ports.get(id)).toMatchObject({ state: 'silent', family: null });
  });

  it('keeps to the one that a person has set', async () => {
    const { ports, plugIn, add, asked } = testPorts(test);
    plugIn('/dev/a', ROUTER);
    const id = add('/dev/a', 'at');
    await expect(ports.identify(ADA, id)).rejects.toMatchObject({ code: 'port.timeout' });
    expect(asked).toEqual(['open at']);
  });

  it('is done once in a run: a unit that restarts is not asked as another family', async () => {
    const { ports, plugIn, swap, add, asked } = testPorts(test);
    plugIn('/dev/a', PHONE);
    const id = add('/dev/a');
    const { signal } = new AbortController();
    await ports.withRun(id, { id: 'run', title: 'A run' }, async (open) => {
      await open(ADA, signal, async () => {});
      asked.length = 0;
      swap('/dev/a', ROUTER);
      await expect(open(ADA, signal, async () => {})).rejects.toMatchObject({ code: 'port.timeout' });
    });
    expect(asked).toEqual(['open at']);
  });
});

describe('the time that asking may take', () => {
  const limits = { at: 40, console: 80 };

  it('is told as the port’s silence, by a look as by an identification', async () => {
    const { ports, plugIn, add } = testPorts(test, { limits });
    plugIn('/dev/a', PHONE);
    const id = add('/dev/a', 'at');
    const late = ports.look(
      ADA,
      id,
      'looking for what can be wiped',
      (_session, _identity, signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        }),
    );
    await expect(late).rejects.toMatchObject({
      code: 'port.timeout',
      params: { seconds: 0.04, what: 'looking for what can be wiped' },
    });
    expect(ports.get(id)).toMatchObject({ state: 'silent', trouble: { code: 'port.timeout' } });
  });

  it('is longer for a console, and says that the unit is booting while that is waited for', async () => {
    const { ports, plugIn, add, shown } = testPorts(test, { limits });
    plugIn('/dev/a', { ...ROUTER, boots: true });
    const id = add('/dev/a', 'console');
    await expect(ports.identify(ADA, id)).rejects.toMatchObject({
      code: 'port.timeout',
      params: { seconds: 0.08, what: 'still booting' },
    });
    expect(shown.some(({ progress }) => progress?.label === 'The unit is still booting')).toBe(true);
    expect(ports.get(id)).toMatchObject({ state: 'silent', progress: null });
  });
});
