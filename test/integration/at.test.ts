import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { AtPhone, type AtPhoneOptions } from '../../electron/rack/at/phone.ts';
import { openPty } from '../../electron/rack/pty.ts';
import { type RackUnit, startRack } from '../../electron/rack/rack.ts';
import { createAtDriver } from '../../electron/station/drivers/at.ts';
import type { UnitSession } from '../../electron/station/drivers/driver.ts';
import { openTransport } from '../../electron/station/transports/open.ts';
import { DEFAULT_LINE } from '../../shared/model/ports.ts';
import { homeIn, temporaryFolder } from '../support/folders.ts';
import { ROOT } from '../support/parts.ts';
import { exitOf, lineMatching, startProcess } from '../support/processes.ts';

const LINE = DEFAULT_LINE;
const SOON = { timeoutMs: 10_000 };
const signal = new AbortController().signal;

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

/** A virtual phone on a real PTY (or TCP), and a driver's conversation with it. */
async function phone(options: AtPhoneOptions = {}, over: 'pty' | 'tcp' = 'pty') {
  const core = new AtPhone(options);
  const rack = await startRack({ units: [{ family: 'at', core, over }] });
  open.push(rack);
  const [unit] = rack.units;
  if (unit === undefined) throw new Error('an empty rack');
  return { core, unit, connect: () => connect(unit.address) };
}

async function connect(address: string): Promise<UnitSession> {
  const session = await createAtDriver().open(await openTransport(address, LINE, SOON), { signal });
  open.push(session);
  return session;
}

const faulty = async (unit: RackUnit, ...faults: Parameters<RackUnit['setFault']>[0][]) => {
  for (const fault of faults) unit.setFault(fault, true);
};

describe('a phone on a PTY', () => {
  it.each(['pty', 'tcp'] as const)('says who it is, with both IMEIs, over %s', async (over) => {
    const { connect, core } = await phone({ chatterEveryMs: 3, chatterInAnswers: true }, over);
    const session = await connect();
    for (let times = 0; times < 5; times += 1) {
      const { extra, ...said } = await session.identify(signal);
      const { extra: _, ...expected } = core.identity;
      expect(said).toEqual(expected);
      expect(extra.PRD).toBe('EUX');
    }
  });

  it('can be opened again and again', async () => {
    const { connect, core } = await phone();
    for (let times = 0; times < 5; times += 1) {
      const session = await connect();
      expect((await session.identify(signal)).imei1).toBe(core.identity.imei1);
      await session.close();
    }
  });

  it('that dies in mid-answer ends the question at once, and is read anew when it is back', async () => {
    const { connect, core, unit } = await phone({ number: 3 });
    const session = await connect();
    await faulty(unit, 'die-mid-answer');
    await expect(session.identify(signal)).rejects.toMatchObject({
      code: 'port.gone',
      params: { address: unit.address },
    });
    await session.close();
    await expect(connect()).rejects.toMatchObject({ code: 'port.not-found' });
    unit.setFault('die-mid-answer', false);
    expect((await (await connect()).identify(signal)).imei2).toBe(core.identity.imei2);
  });

  it('that is unplugged while it is idle is gone for every later question', async () => {
    const { connect, unit } = await phone();
    const session = await connect();
    unit.setFault('unplug', true);
    await expect(session.identify(signal)).rejects.toMatchObject({ code: 'port.gone' });
    unit.setFault('unplug', false);
    expect((await (await connect()).identify(signal)).serial).toBe('RZ8RB000001');
  });

  it('with noise on the line is still understood', async () => {
    const { connect, core, unit } = await phone({ number: 4 });
    const session = await connect();
    await faulty(unit, 'garbage');
    const { extra: _, ...said } = await session.identify(signal);
    const { extra: __, ...expected } = core.identity;
    expect(said).toEqual(expected);
  });

  it('that says nothing is given up within 5 s, and answers again when it is back', async () => {
    const { connect, unit } = await phone();
    await faulty(unit, 'silence');
    await expect(connect()).rejects.toMatchObject({ code: 'port.timeout' });
    unit.setFault('silence', false);
    expect((await (await connect()).identify(signal)).maker).toBe('SAMSUNG');
  });

  it('on a slow line is understood all the same', async () => {
    const { connect, core, unit } = await phone();
    await faulty(unit, 'slowness');
    const session = await connect();
    expect((await session.identify(signal)).imei2).toBe(core.identity.imei2);
  });

  it('that answers late never has its answers mixed up', async () => {
    const { connect } = await phone({ delayMs: (command) => (command === 'AT+CBC' ? 300 : 0) });
    const session = await connect();
    const controller = new AbortController();
    const context = {
      signal: controller.signal,
      progress: () => {},
      tell: () => {},
      log: () => {},
      openArtifact: () => Promise.reject(new Error('none here')),
    };
    const given = session.run('battery', {}, context);
    controller.abort(new Error('enough'));
    await expect(given).rejects.toThrow('enough');
    const next = await session.run('signal', {}, { ...context, signal });
    expect(next.values).toEqual({ rssi: -71, ber: null });
    expect((await session.identify(signal)).maker).toBe('SAMSUNG');
  });
});

describe('a million random bytes', () => {
  it('do no harm: the bench’s own error, in time, and the next unit is read', async () => {
    const pty = openPty();
    let state = 42;
    const block = new Uint8Array(1_000_000);
    for (let at = 0; at < block.length; at += 1) {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      block[at] = state >> 16;
    }
    let floods = 0;
    pty.line.onData(() => {
      floods += 1;
      if (floods === 1) void pty.line.write(block);
    });
    await expect(connect(pty.path)).rejects.toMatchObject({
      code: expect.stringMatching(/^(port\.timeout|unit\.protocol)$/),
    });
    expect(floods).toBeGreaterThanOrEqual(1);
    pty.line.hangUp();
    const { connect: next, core } = await phone();
    expect((await (await next()).identify(signal)).imei1).toBe(core.identity.imei1);
  });

  it('are delivered to whoever reads them, every one', async () => {
    const pty = openPty();
    const transport = await openTransport(pty.path, LINE, SOON);
    const bytes = new Uint8Array(1_000_000).map((_, at) => (at * 31 + (at >> 8)) & 0xff);
    const sent = pty.line.write(bytes);
    const hash = createHash('sha256');
    for (let got = 0; got < bytes.length; ) {
      const part = await transport.read(SOON);
      hash.update(part);
      got += part.length;
    }
    await sent;
    expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
    await transport.close();
    pty.line.hangUp();
  });
});

describe('the rack as a process', () => {
  it('names its units in one line, and the unit is gone when the process is killed', async () => {
    const rack = startProcess(
      process.execPath,
      ['electron/cli/index.ts', 'rack', '--at', '1', '--console', '0'],
      {
        cwd: ROOT,
        env: { ...process.env, ...homeIn(await temporaryFolder()) },
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    if (!rack.stdout) throw new Error('the rack has no output');
    const [line] = await lineMatching(rack.stdout, /^\{.*\}$/);
    const { units } = JSON.parse(line) as { units: { family: string; address: string }[] };
    expect(units.map((unit) => unit.family)).toEqual(['at']);
    const session = await connect(units[0]?.address ?? '');
    expect((await session.identify(signal)).model).toBe('SM-G991B');
    rack.kill('SIGKILL');
    await exitOf(rack);
    await expect(session.identify(signal)).rejects.toMatchObject({ code: 'port.gone' });
  });
});
